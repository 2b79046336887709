"""What runs, whose it is, and which updates wait for it."""

__version__ = "0.1.0"
