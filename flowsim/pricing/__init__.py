"""The price of one option and of a strip: Black, implied volatility, SSVI and the VIX formula.

May import `kernel` and `errors`.
"""
