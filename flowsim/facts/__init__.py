"""Stylized facts of returns and of the VIX family, measured on runs and on real data, and scores by them.

May import what lies below it.
"""
