"""The rules along real closes: what systematic players did, and what they would do next.

May import what lies below it.
"""
