"""The window is one value, whatever form it was given in, and impossible ones do not exist."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from fleet.errors import ConfigurationError
from notifier.calendar import Expectations, window_warnings, working_days
from notifier.window import MaintenanceWindow, later_window, maintenance_window, refuse_past
from tests.builders import service_update

LONDON = ZoneInfo("Europe/London")
ALTERNATIVE = ("--alt-date", "--alt-range")
CALENDAR = working_days("GB-ENG")


def window(day: str = "Tuesday 16 June 2026", hours: str = "0900-1100") -> MaintenanceWindow:
    return maintenance_window(day, hours, LONDON)


@pytest.mark.parametrize(
    "day", ["Tuesday 16 June 2026", "16 June 2026", "2026-06-16", "tue 16 jun 2026", " Tuesday,  16 June 2026 "]
)
@pytest.mark.parametrize("hours", ["0900-1100", "09:00-11:00", " 09:00 - 11:00 ", "0900\u20131100"])
def test_every_spelling_means_the_same(day: str, hours: str) -> None:
    assert window(day, hours) == window()
    assert window(day, hours).in_words == "Tuesday 16 June 2026 between 09:00 and 11:00 (BST)"


def test_local_time_follows_the_clock_changes() -> None:
    """Nine o'clock is another moment in winter, and the key is about the moment."""
    assert window("16 June 2026").key == "2026-06-16T08:00Z/2026-06-16T10:00Z"
    assert window("16 December 2026").key == "2026-12-16T09:00Z/2026-12-16T11:00Z"


def test_a_window_may_span_a_clock_change() -> None:
    """Both ends exist once; the hour between is longer or shorter."""
    spanning = window("28 March 2027", "0030-0230")
    assert (spanning.ends_at.astimezone(UTC) - spanning.starts_at.astimezone(UTC)).seconds == 3600


@pytest.mark.parametrize(
    ("day", "hours", "problem"),
    [("28 March 2027", "0130-0300", "does not exist"), ("25 October 2026", "0030-0130", "happens twice")],
)
def test_a_time_on_a_clock_change_is_refused(day: str, hours: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=f"01:30 {problem} on"):
        window(day, hours)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("Thursday 18 June", "2026-06-18T17:00Z"),
        ("18 June 2026", "2026-06-18T17:00Z"),
        ("Tuesday 5 January", "2027-01-05T18:00Z"),
    ],
)
def test_the_alternative_needs_no_year(day: str, expected: str) -> None:
    """The old runbook writes it without one: the first such day after the window is meant."""
    assert later_window(day, "1800-2000", window(), ALTERNATIVE).key.startswith(expected)


def test_the_alternative_may_not_be_the_window_itself() -> None:
    with pytest.raises(ConfigurationError, match="overlaps"):
        later_window("16 June 2026", "1000-1200", window(), ALTERNATIVE)


def test_a_window_that_has_begun_is_past() -> None:
    refuse_past(window(), datetime(2026, 6, 16, 7, 59, tzinfo=UTC))
    with pytest.raises(ConfigurationError, match="has already begun"):
        refuse_past(window(), datetime(2026, 6, 16, 8, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("day", "hours", "now", "warnings"),
    [
        ("2026-06-16", "0900-1100", "2026-06-01", []),
        ("2026-06-16", "0600-0800", "2026-06-01", ["working hours"]),
        ("2026-06-16", "1600-1800", "2026-06-01", ["working hours"]),
        ("2026-06-20", "0900-1100", "2026-06-01", ["weekend"]),
        ("2026-08-31", "0900-1100", "2026-06-01", ["bank holiday: Late Summer Bank Holiday"]),
        ("2026-12-28", "0900-1100", "2026-06-01", ["bank holiday: Boxing Day"]),
        ("2026-06-16", "0900-1100", "2026-06-10", []),
        ("2026-06-16", "0900-1100", "2026-06-11", ["2 whole working days of notice"]),
        ("2026-06-16", "0900-1100", "2026-06-15", ["0 whole working days of notice"]),
        ("2026-04-08", "0900-1100", "2026-04-01", ["2 whole working days of notice"]),
        ("2026-06-16", "0900-1100", "2026-06-17", ["already begun or is over"]),
    ],
)
def test_what_is_unwise_is_said(day: str, hours: str, now: str, warnings: list[str]) -> None:
    """Easter is four days long, and the day of the window does not count as notice."""
    noon = datetime.fromisoformat(f"{now}T12:00+00:00")
    said = window_warnings(window(day, hours), noon, [], Expectations(CALENDAR))
    assert len(said) == len(warnings)
    assert all(expected in line for expected, line in zip(warnings, said, strict=True))


def test_a_late_update_is_named_once() -> None:
    updates = [
        service_update("b"),
        service_update("a"),
        service_update("a"),
        service_update("c", recommended_apply_by=None),
    ]
    said = window_warnings(window(), datetime(2026, 6, 1, tzinfo=UTC), updates, Expectations(CALENDAR))
    assert said == [
        "update a should be applied by 15 June 2026, before the window",
        "update b should be applied by 15 June 2026, before the window",
    ]


def test_working_hours_and_notice_can_be_set() -> None:
    early = Expectations(working_days("IE"), (time(6), time(20)), minimum_notice_days=0)
    assert window_warnings(window(hours="0600-0800"), datetime(2026, 6, 15, tzinfo=UTC), [], early) == []


def test_replies_are_asked_for_by_the_last_working_day() -> None:
    assert CALENDAR.last_before(datetime(2026, 4, 7, tzinfo=UTC).date()).isoformat() == "2026-04-02"
