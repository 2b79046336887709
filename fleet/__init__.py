"""Finds out which instances run, whose they are, and which updates wait for them."""

__version__ = "0.1.0"
