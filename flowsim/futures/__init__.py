"""VIX futures: their curve from the volatility indices of a close, as a part of a market that rules see.

May import `options`, `market`, `chain`, `config`, `kernel`, `authoring`, `clock`, `files` and `errors`.
"""
