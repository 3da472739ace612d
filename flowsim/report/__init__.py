"""Reports for people: self-contained pages that open in a browser without a network.

May import what lies below it.
"""
