"""The model of one day: news, orders, price, ledger, and what is recorded of them.

May import `options`, `kernel`, `config`, `authoring`, `clock` and `errors`.
"""
