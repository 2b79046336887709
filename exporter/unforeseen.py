"""Describes an unexpected error in one line: its class, its message and the place in the code."""

import traceback

_OURS = ("fleet", "ledger", "exporter")
_LONGEST = 300


def cause_of(error: BaseException) -> str:
    """Such as `ZeroDivisionError: division by zero (exporter/page.py:12)`."""
    frames = traceback.extract_tb(error.__traceback__)
    words = " ".join(str(error).split())
    if len(words) > _LONGEST:
        words = f"{words[:_LONGEST]} …"
    named = f"{type(error).__name__}: {words}" if words else type(error).__name__
    ours = [frame for frame in frames if _room(frame.filename) in _OURS] or list(frames)
    return f"{named} ({_short(ours[-1].filename)}:{ours[-1].lineno})" if ours else named


def _room(filename: str) -> str:
    return _short(filename).partition("/")[0]


def _short(filename: str) -> str:
    parts = filename.split("/")
    for room in _OURS:
        if room in parts[:-1]:
            return "/".join(parts[len(parts) - 1 - parts[::-1].index(room) :])
    return "/".join(parts[-2:])
