"""The macro layer as a part of a market: its quarters in the day, its news of value, and the budgets that it sets.

May import what lies below it.
"""
