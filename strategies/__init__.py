"""The trading rules that ship with flowsim: one family per file, each readable as the desk's rule."""
