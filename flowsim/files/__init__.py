"""Files of any kind: tables that say what is wrong with them, names that were meant, and the cache folder.

May import `errors`.
"""
