"""Invents a platform: deterministic, realistic, and full of the odd cases that real ones have."""
