"""What authors of rules and the compiler agree on: what a rule declares, sees and may do, and how it is found.

May import `clock`, `files` and `errors`.
"""
