"""The model of one day: news, orders, price, ledger, and what is recorded of them.

May import `kernel`, `config`, `authoring`, `clock`, `files` and `errors`.
"""
