"""The `Retry-After` header, with which a system says how long it wants to be left alone."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_seconds(header: str | None) -> float | None:
    """Seconds or an HTTP date, as RFC 9110 allows; None where it is not given or not understood."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
