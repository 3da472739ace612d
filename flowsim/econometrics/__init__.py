"""Regressions on real closes: what replayed flows and gamma say of the next day, beyond what is known without them.

May import what lies below it.
"""
