"""The ground the wings stand on: what happened, and what happens next."""

__version__ = "0.1.0"
