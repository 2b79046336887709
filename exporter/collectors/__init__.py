"""Turns surveys into metric families. Each collector's docstring shows what it exposes."""
