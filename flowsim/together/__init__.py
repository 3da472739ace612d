"""What markets on one clock have in common: news that several of them hear.

May import `market`, `kernel`, `config`, `clock` and `files`; nothing there knows that there is more than one market.
"""
