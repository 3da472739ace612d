"""Data from outside: price histories and files of volatility indices.

May import `clock`, `files` and `errors`.
"""
