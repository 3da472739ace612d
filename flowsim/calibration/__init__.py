"""A market fitted to the real one: what may move, what counts, the search, and how well each number is known.

May import what lies below it.
"""
