"""Many arms of one market: a sweep from a file, kept block by block, and tables of paired differences.

May import what lies below it.
"""
