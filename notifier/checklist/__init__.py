"""The life of a window, step by step: what was done, by whom and when, and what is still to do."""
