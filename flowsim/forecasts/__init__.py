"""Forecasts from real closes, of a market and of its rivals, held against what came.

May import what lies below it.
"""
