"""The `Retry-After` header, with which a system says how long it wants to be left alone."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 300.0
"""No system makes us wait longer. After that we ask again, and the system may ask for another pause."""
_ABSURD_SECONDS = 86_400.0
"""Not a pause: older Cloud Controllers send the Unix time at which their limit ends instead."""
_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")


def retry_after_seconds(header: str | None) -> float | None:
    """
    Reads seconds or an HTTP date, as RFC 9110 allows, and returns at most LONGEST_SECONDS.

    None if the header is missing, cannot be read, or is absurd: negative, infinite, or more than a day.
    """
    if header is None:
        return None
    seconds = _seconds(header.strip())
    if seconds is None or seconds > _ABSURD_SECONDS:
        return None
    return min(seconds, LONGEST_SECONDS)


def _seconds(text: str) -> float | None:
    if _SECONDS.fullmatch(text):
        return float(text)
    if not _HTTP_DATE.fullmatch(text):
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:  # such as the 31st of February
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
