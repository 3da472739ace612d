"""Calibrate a market to the real one: what may move, what counts, the search, and how well each number is known."""
