"""How long a system may have itself left alone."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from fleet.retry_after import LONGEST_SECONDS, retry_after_seconds


def in_seconds(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("header", "seconds"), [("0", 0), ("7", 7), (" 7 ", 7), ("1.5", 1.5), ("301", 300), ("3600", 300), ("86400", 300)]
)
def test_seconds_count_up_to_five_minutes(header: str, seconds: float) -> None:
    """Cloud Controllers say up to an hour; after five minutes they are asked again."""
    assert retry_after_seconds(header) == seconds


def test_dates_count_alike() -> None:
    """One that is past asks for no pause."""
    assert 50 < (retry_after_seconds(in_seconds(60)) or 0) <= 60
    assert retry_after_seconds(in_seconds(7200)) == LONGEST_SECONDS
    assert retry_after_seconds(in_seconds(-7200)) == 0


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "soon",
        "-5",
        "+5",
        "inf",
        "nan",
        "1e3",
        "1e400",
        "1_0",
        "\u0665",
        "99999999",
        "9" * 5000,
        "1781600000",
        "Tue, 16 Jun 2099 09:00:00 GMT",
        "Wed, 31 Feb 2026 09:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Tue, 16 Jun 2026 09:00:00 +9999",
    ],
)
def test_what_is_absurd_counts_as_not_given(header: str | None) -> None:
    """Nobody has a region left alone until the restart, by malice or as older Cloud Controllers do."""
    assert retry_after_seconds(header) is None
