"""The simulated option market: what is listed, programmes that roll, dealers' book, the surface and its indices.

May import `market`, `pricing`, `kernel`, `config`, `authoring`, `clock`, `files` and `errors`.
"""
