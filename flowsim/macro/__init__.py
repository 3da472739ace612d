"""The macro layer: who builds AI capacity, who pays, who owes; quarters of an economy whose books close.

May import `kernel`, `files` and `errors`; knows no market. A step is a calendar quarter, an amount USD bn a quarter.
"""
