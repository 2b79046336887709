"""Which window the page's plan is about: the one that is planned, asked for, or an example; and what is wrong with it."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from exporter.page.choice import Choice
from exporter.page.facts import facts_of
from exporter.page.plan import region_plan
from exporter.page.query import view_of
from exporter.region_status import RegionStatus
from ledger.maintenance_key import MaintenanceKey
from ledger.outlook import Outlook, planned_window
from notifier.window import maintenance_window
from tests.builders import TAKEN_AT, deferral, service_update
from tests.exporter.page_plans import EXPORTER, FOUR, FOUR_WAIT, ONE, THREE, TWO, WINDOW, commands, plan


@pytest.mark.parametrize(("hours", "is_over"), [("0700-0800", True), ("0700-0801", False), ("1200-1300", False)])
def test_a_window_is_over_by_the_regions_own_clock(hours: str, *, is_over: bool) -> None:
    """At noon in London it is eight in the morning in New York."""
    status = RegionStatus("N. Virginia", "eu-west-1", survey=FOUR_WAIT, time_zone="America/New_York")
    facts = facts_of([status], EXPORTER, TAKEN_AT, None)
    view = view_of(f"date=2026-06-01&hours={hours}", facts.known_words)
    assert ("it is over" in region_plan(Choice(view, facts), facts.regions[0]).warnings) is is_over


def test_a_planned_window_is_the_one_in_the_commands() -> None:
    """In the time zone of those who were told, so that it is the same window."""
    window = planned_window(MaintenanceKey(WINDOW, "eu-west-1"), "Europe/London", frozenset({ONE.guid, FOUR.guid}))
    found = plan(outlook=Outlook(windows=(window,)))
    assert not found.is_example
    assert [(row.is_open, row.told_count) for row in found.windows] == [(False, 1)]
    words = commands(found)["apply"]
    assert words[3:] == [
        *("--maintenance-window-date", "Tuesday 16 June 2026"),
        *("--maintenance-window-time-range", "0900-1100"),
        *("--time-zone", "Europe/London"),
    ]
    asked = maintenance_window(words[4], words[6], ZoneInfo("Europe/London"))
    assert asked.key == WINDOW


@pytest.mark.parametrize("zone", [None, "Mars/Phobos", "../../etc/passwd", ""])
def test_a_window_without_a_known_time_zone_is_in_utc(zone: str | None) -> None:
    window = planned_window(MaintenanceKey(WINDOW, "eu-west-1"), zone)
    found = plan(outlook=Outlook(windows=(window,)))
    assert found.windows[0].in_words == "Tuesday 16 June 2026, 08:00 to 10:00 UTC"
    assert found.windows[0].told_count is None
    assert commands(found)["apply"][-2:] == ["--time-zone", "UTC"]


def test_an_example_is_said_to_be_one() -> None:
    """On a Tuesday, Wednesday or Thursday, and long enough."""
    found = plan()
    assert found.is_example
    assert commands(found)["print"][4] == "Tuesday 9 June 2026"
    assert commands(found)["print"][6] == "0900-1100"


def test_deferrals_are_those_that_ask_to_be_left_out_of_this_window() -> None:
    """As the notifier counts for the window in the page's own commands."""
    until_july = deferral(ONE.guid)
    other_window = deferral(TWO.guid, until=None, window_key="2026-06-18T08:00Z/2026-06-18T10:00Z")
    this_window = deferral(THREE.guid, until=None, window_key=WINDOW)
    planned = planned_window(MaintenanceKey(WINDOW, "eu-west-1"), "Europe/London", frozenset({ONE.guid, TWO.guid}))
    outlook = Outlook((until_july, other_window, this_window), (planned,))
    found = plan(outlook=outlook)
    assert (found.schedulable, found.deferred, found.major_only) == (1, 2, 1)
    assert [(row.taken_count, row.told_count) for row in found.windows] == [(1, 1)]
    after = plan(query="date=2026-07-02&hours=0900-1100", outlook=outlook)
    assert (after.schedulable, after.deferred, after.major_only) == (3, 0, 1)
    assert plan(outlook=replace(outlook, windows=())).deferred == 3  # an example goes by today


def test_an_example_is_no_window_that_was_called_off() -> None:
    """The notifier would refuse to announce it again."""
    called_off = planned_window(MaintenanceKey("2026-06-09T08:00Z/2026-06-09T10:00Z", "eu-west-1"))
    outlook = Outlook(called_off=(called_off,))
    assert plan().chosen.when == "Tuesday 9 June 2026, 0900-1100"
    assert plan(outlook=outlook).chosen.when == "Wednesday 10 June 2026, 0900-1100"
    asked = plan(query="date=2026-06-09&hours=0900-1100", outlook=outlook)
    assert (
        "it was moved or cancelled, and the notifier announces no such window again: choose other hours"
        in asked.warnings
    )
    assert not any(
        "moved" in warning for warning in plan(query="date=2026-06-09&hours=1000-1100", outlook=outlook).warnings
    )


def test_a_day_without_hours_is_that_of_the_window_that_is_planned_for_it() -> None:
    """And no second window of the day."""
    planned = planned_window(MaintenanceKey("2026-06-16T08:00Z/2026-06-16T09:30Z", "eu-west-1"), "Europe/London")
    outlook = Outlook(windows=(planned,))
    assert plan(query="date=2026-06-16", outlook=outlook).chosen.when == "Tuesday 16 June 2026, 0900-1030"
    assert plan(query="date=2026-06-17", outlook=outlook).chosen.when == "Wednesday 17 June 2026, 0900-1100"


def test_an_example_that_is_too_short_is_said_too() -> None:
    """It ends with the working day at the latest."""
    slow = replace(FOUR_WAIT, service_updates=(service_update("redis-1", estimated_update_time="9 hours per node"),))
    found = plan(slow)
    assert found.chosen.when == "Tuesday 9 June 2026, 0900-1700"
    assert found.warnings == ("it has 8 h, and all takes about 18 h: apply leaves the rest alone",)


def test_a_planned_window_that_is_too_short_is_said() -> None:
    """People were told of it; it is the one to mind."""
    window = planned_window(MaintenanceKey("2026-06-16T08:00Z/2026-06-16T08:45Z", "eu-west-1"), "Europe/London")
    found = plan(outlook=Outlook(windows=(window,)))
    assert found.chosen.when == "Tuesday 16 June 2026, 0900-0945"
    assert found.warnings == (
        "it ends after the apply-by date of redis-2, 4 June 2026",
        "it ends after the apply-by date of redis-1, 15 June 2026",
        "it has 45 min, and all takes about 1 h: apply leaves the rest alone",
    )


@pytest.mark.parametrize(
    ("query", "warning"),
    [
        ("date=2026-05-31", "it is over"),
        ("date=2026-06-05", "it ends after the apply-by date of redis-2, 4 June 2026"),
        ("date=2026-06-04&hours=1200-1301", "it ends after the apply-by date of redis-2, 4 June 2026"),
        ("date=2026-06-04&hours=1100-1300", None),
        ("date=2026-06-01", "it is over"),
        ("date=2026-06-01&hours=0100-0200", "it is over"),
        ("date=2026-06-01&hours=1100-1300", "it is over"),
        ("date=2026-06-01&hours=1100-1301", "it would have begun already"),
        ("date=2026-06-01&hours=1301-1500", None),
        ("hours=0900-0930", "it has 30 min, and all takes about 1 h: apply leaves the rest alone"),
        ("date=2026-06-04&hours=0900-1000", None),
    ],
)
def test_a_window_to_try_is_compared_with_the_plan(query: str, warning: str | None) -> None:
    assert plan(query=query).warnings == (() if warning is None else (warning,))
