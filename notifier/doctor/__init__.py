"""Examines all that a window needs, before its day. Only asks: sends nothing, starts nothing, writes nothing."""
