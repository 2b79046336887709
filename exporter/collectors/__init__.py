"""Surveys in, metric families out. Each collector's docstring shows what it exposes."""
