"""The version of flowsim, which the distribution takes from here."""

__version__ = "0.2.0"
