"""Sends each mail exactly once, whatever crashes."""
