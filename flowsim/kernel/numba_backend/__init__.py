"""What touches the insides of numba and llvmlite; a reader of the model may skip it.

May import `kernel`, `files` and `errors`.
"""
