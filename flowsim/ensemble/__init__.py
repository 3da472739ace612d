"""Many paths and many markets: blocks over threads, markets side by side, samples and intervals over paths.

May import what lies below it.
"""
