"""Applies the updates of a window: what to do (`plan`), the calls that do it (`actions`), and how (`conduct`)."""
