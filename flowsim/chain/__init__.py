"""Real option chains: their files, the VIX family by Cboe's method, and dealers' gamma from open interest.

May import `pricing`, `data`, `clock`, `files` and `errors`.
"""
