"""The claims of an essay by arndxt (late 2025), each an experiment whose criteria were fixed before it ran.

May import what lies below it.
"""
