"""What reading JSON of somebody else's can raise."""

import msgspec

UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError)
"""ValueError: text that is not UTF-8, or a number with thousands of digits. RecursionError: too deeply nested."""


def why_unreadable(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
