"""AWS's timestamps."""

from datetime import datetime

from botocore.utils import parse_timestamp


def timestamp(text: str) -> datetime:
    """Aware. As botocore's own parser understands it, but the usual ISO form ten times faster."""
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return parse_timestamp(text)
    return moment if moment.tzinfo else parse_timestamp(text)
