"""Plain functions made into machine code that steps 64 paths at a time; numba is known here and nowhere else.

May import `authoring`, `files` and `errors`.
"""
