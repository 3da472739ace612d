"""A run on disk: its tables, its manifest, and who contributed what to each return.

May import what lies below it.
"""
