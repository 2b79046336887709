"""What the page says of planned windows and of those who asked to wait, which the ledger knows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from exporter.ledger_status import LedgerStatus
from exporter.region_status import Failure, RegionStatus
from ledger.deferral import Target
from ledger.maintenance_key import MaintenanceKey
from ledger.outlook import Outlook, planned_window
from tests.builders import (
    action,
    deferral,
    service_instance,
    service_update,
    small_outlook,
    survey,
)
from tests.exporter.page_texts import (
    FOUR,
    FOUR_WAIT,
    GOOD,
    NOW,
    ONE,
    THREE,
    TWO,
    page,
    read,
    read_ledger,
    surveyed,
    words,
)


def test_what_a_window_could_take_is_counted_apart() -> None:
    """Without those that are deferred, and those that wait only for a major version; the share itself stays honest."""
    seen = words(page(surveyed(FOUR_WAIT), ledger=read_ledger(Outlook((deferral("guid-1"),)))))
    assert "100 % 4 of 4 tenant instances have at least one service update waiting." in seen
    assert (
        "2 of 4 (50 %) could be updated in a window. 1 of those that wait is deferred. Of those that wait, 1 waits only"
        in seen
    )
    assert "▲ Above the threshold of 20 %: schedule a maintenance window." in seen


def test_major_versions_count_apart_without_a_ledger_too() -> None:
    seen = words(page(surveyed(FOUR_WAIT)))
    assert "3 of 4 (75 %) could be updated in a window. Of those that wait, 1 waits only for a major version" in seen
    assert "Deferrals and windows are not known: the exporter has no ledger (LEDGER_URL)." in seen
    assert "not known not known" in seen


def test_planned_windows_and_deferred_instances_are_shown() -> None:
    """With names that are text, whatever they hold; and nobody is asked to plan what is planned."""
    hostile = service_instance("guid-1", "<script>alert('cache')</script>", org="o<b>rg", space="&amp;")
    windows = tuple(
        planned_window(MaintenanceKey(key, "eu-west-1"))
        for key in ("2026-06-01T12:00Z/2026-06-01T13:00Z", "2026-06-16T22:00Z/2026-06-17T02:00Z")
    )
    skipping = deferral("guid-2", until=None, window_key="2026-06-16T22:00Z/2026-06-17T02:00Z")
    html = page(
        surveyed(replace(FOUR_WAIT, service_instances=(hostile, TWO, THREE, FOUR))),
        ledger=read_ledger(Outlook((deferral("guid-1"), skipping), windows)),
    )
    assert not {"script", "b"} & set(read(html).all_tags)
    seen = words(html)
    assert "Maintenance window on Monday 1 June 2026, 12:00 to 13:00 UTC: open now" in seen
    assert "Maintenance window on Tuesday 16 June 2026, 22:00 to Wednesday 17 June 2026, 02:00 UTC" in seen
    assert "<script>alert('cache')</script> o<b>rg &amp; tiny-5.x" in seen
    assert "1 Jul 2026" in seen
    assert "17 Jun 2026, 02:00 UTC (skips that window)" in seen
    assert "✓ Above the threshold of 20 %, and a maintenance window is planned: see below." in seen
    assert "schedule a maintenance window" not in seen


@pytest.mark.parametrize(
    ("window", "is_in_time"),
    [
        ("2026-06-14T22:00Z/2026-06-15T02:00Z", True),
        ("2026-06-15T00:00Z/2026-06-15T02:00Z", False),
        ("2026-06-16T08:00Z/2026-06-16T10:00Z", False),
    ],
)
def test_a_window_after_the_next_date_is_not_enough(window: str, *, is_in_time: bool) -> None:
    """As the alert has it, which fires until one is planned that begins before that date. The date is 15 June, 00:00."""
    outlook = Outlook(windows=(planned_window(MaintenanceKey(window, "eu-west-1")),))
    seen = words(page(surveyed(FOUR_WAIT), ledger=read_ledger(outlook)))
    late = "▲ Above the threshold of 20 %, and the window that is planned begins too late."
    where = "▲ In Ireland no window begins before the next apply-by date, 15 Jun 2026 (redis-1): move it, or plan"
    assert (late in seen, where in seen, "✓ Above" in seen) == (
        (False, False, True) if is_in_time else (True, True, False)
    )


def test_which_dates_a_window_has_to_keep() -> None:
    """None that has passed, none of a major version, none that only deferred instances wait for."""
    first, second = (
        service_update(name, recommended_apply_by=NOW + timedelta(days=days), type=kind)
        for name, days, kind in (("first", 3, "security-update"), ("second", 30, "security-update"))
    )
    late = service_update("late", recommended_apply_by=NOW - timedelta(days=3))
    major = service_update("major", recommended_apply_by=NOW + timedelta(days=2), type="engine-major-version-update")
    taken = replace(
        FOUR_WAIT,
        service_updates=(first, late, major, second),
        update_actions=(
            action("first", ONE.replication_group_id),
            action("late", TWO.replication_group_id),
            action("second", TWO.replication_group_id),
            action("major", THREE.replication_group_id),
        ),
    )
    window = planned_window(MaintenanceKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1"))
    assert "apply-by date, 4 Jun 2026 (first)" in words(
        page(surveyed(taken), ledger=read_ledger(Outlook((), (window,))))
    )
    seen = words(page(surveyed(taken), ledger=read_ledger(Outlook((deferral("guid-1"),), (window,)))))
    assert "✓ Above the threshold of 20 %, and a maintenance window is planned" in seen


def test_a_region_above_the_threshold_does_not_hide_behind_the_others() -> None:
    """The alert goes by region."""
    many = survey(aws_region="eu-west-2", service_instances=tuple(service_instance(f"calm-{n}") for n in range(96)))
    calm = RegionStatus("London", "eu-west-2", survey=many, surveys_count=1, last_duration_seconds=0.1)
    seen = words(page(surveyed(FOUR_WAIT), calm))
    assert "▲ In Ireland above the threshold of 20 %: schedule a maintenance window there." in seen
    assert "✓ Not above" not in seen


def test_where_all_that_wait_are_deferred_nobody_is_asked_to_schedule() -> None:
    """And it is not said that nothing waits."""
    org = deferral("org-guid", target=Target.ORG)
    seen = words(page(surveyed(FOUR_WAIT), ledger=read_ledger(Outlook((org,)))))
    assert "0 of 4 (0 %) could be updated in a window. 4 of those that wait are deferred" in seen
    assert "✓ Not above the threshold of 20 %." in seen
    assert "othing waits" not in seen


def test_a_deferral_of_an_instance_that_nothing_waits_for_is_shown() -> None:
    calm = survey(service_instances=(ONE,))
    seen = words(page(surveyed(calm), ledger=read_ledger(Outlook((deferral("guid-1"),)))))
    assert "✓ Nothing waits." in seen
    assert "1 Jul 2026" not in seen
    assert "cache-1 org space" in words(
        page(surveyed(calm), ledger=read_ledger(Outlook((deferral("guid-1"),))), query="show=deferred")
    )


def test_a_ledger_that_cannot_be_read_is_said() -> None:
    """With the cause; and what rests on it is not claimed."""
    cause = "ledger /var/lib/<b>ledger: it cannot be opened"
    failed = LedgerStatus(last_failure=Failure(NOW - timedelta(minutes=2), cause))
    seen = words(page(GOOD, ledger=failed))
    assert "▲ The ledger cannot be read, so it is not known who asked to wait and which windows are planned" in seen
    assert f"✗ The ledger cannot be read (2 minutes ago): {cause}" in seen
    assert "▲ Above the threshold of 20 %: schedule a maintenance window." in seen
    assert "The ledger has not been read yet." in words(page(GOOD, ledger=LedgerStatus()))


@pytest.mark.parametrize(
    ("ledger", "why"),
    [
        (None, "the exporter has no ledger (LEDGER_URL)"),
        (LedgerStatus(), "the ledger has not been read yet"),
        (LedgerStatus(last_failure=Failure(NOW, "it is locked")), "the ledger cannot be read"),
    ],
)
def test_nobody_is_said_not_to_be_deferred_where_that_is_not_known(ledger: LedgerStatus | None, why: str) -> None:
    """Neither in a list of them nor in the plan."""
    seen = words(page(GOOD, ledger=ledger, query="show=deferred"))
    assert f"Not known which instances are deferred: {why}." in seen
    assert "No instance matches" not in seen
    assert "0 instances that are deferred" not in seen
    assert "Left out, or busy deferred: not known" in seen


def test_before_the_first_survey_a_ledger_changes_nothing() -> None:
    seen = words(page(RegionStatus("Ireland", "eu-west-1"), ledger=read_ledger(small_outlook())))
    assert "No survey has succeeded yet" in seen
