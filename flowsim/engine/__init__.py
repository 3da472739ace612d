"""A market made ready and stepped: compiled, warmed up on real history, run or replayed in blocks of 64 paths.

May import what lies below it.
"""
