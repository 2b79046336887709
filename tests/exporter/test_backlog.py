"""What the page counts and how it says it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from exporter.page.backlog import Overall, Share, overall
from exporter.page.rows import joined_survey
from exporter.page.updates import UpdateRow, update_rows
from exporter.region_status import Failure, RegionStatus
from fleet.survey import Survey
from tests.builders import TAKEN_AT, action, group_of, service_instance, service_update, small_survey, survey


def status_of(taken: Survey | None) -> RegionStatus:
    return RegionStatus("Ireland", "eu-west-1", survey=taken, surveys_count=1, last_duration_seconds=0.1)


def overall_of(*statuses: RegionStatus, oldest: datetime = TAKEN_AT) -> Overall | None:
    return overall(statuses, oldest)


def updates_of(taken: Survey) -> tuple[UpdateRow, ...]:
    return update_rows(joined_survey(status_of(taken), taken), TAKEN_AT)


@pytest.mark.parametrize(
    ("waiting", "instances", "percent"),
    [(0, 0, "0"), (0, 9, "0"), (1, 3, "33"), (9, 9, "100"), (1, 1000, "<1"), (999, 1000, ">99"), (2, 3, "67")],
)
def test_the_percentage_says_0_and_100_only_when_it_is(waiting: int, instances: int, percent: str) -> None:
    """People stop looking at 0 % and believe 100 %."""
    assert Share(waiting, instances).percent == percent


@pytest.mark.parametrize(
    ("days", "deadline", "is_overdue"),
    [
        (2.5, "2 days left", False),
        (1, "1 day left", False),
        (0.5, "today", False),
        (-0.5, "less than a day overdue", True),
        (-1.5, "1 day overdue", True),
        (-3, "3 days overdue", True),
    ],
)
def test_the_deadline_in_words(days: float, deadline: str, *, is_overdue: bool) -> None:
    """Whole days: no more are said to be left, or to have passed, than are."""
    update = service_update(recommended_apply_by=TAKEN_AT + timedelta(days=days))
    (row,) = updates_of(survey(service_updates=(update,)))
    assert (row.deadline, row.is_overdue) == (deadline, is_overdue)


def test_what_waits_is_listed_by_urgency() -> None:
    """What waits for somebody comes first, then what is overdue whatever its severity, then severity, then the date."""
    one = service_instance("guid-1")
    soon, late = datetime(2026, 6, 2, tzinfo=UTC), datetime(2026, 9, 2, tzinfo=UTC)
    names = {
        "low": service_update("low", severity="low", recommended_apply_by=soon),
        "new": service_update("new", severity="apocalyptic", recommended_apply_by=None),
        "critical-late": service_update("critical-late", severity="critical", recommended_apply_by=late),
        "critical-soon": service_update("critical-soon", severity="critical", recommended_apply_by=soon),
        "late": service_update("late", severity="low", recommended_apply_by=datetime(2026, 5, 30, tzinfo=UTC)),
        "done": service_update("done", severity="critical", recommended_apply_by=soon),
    }
    taken = survey(
        service_updates=tuple(names.values()),
        update_actions=tuple(action(name, one.replication_group_id) for name in names if name != "done"),
        replication_groups=(group_of(one),),
        service_instances=(one,),
    )
    rows = updates_of(taken)
    assert [row.update.name for row in rows] == ["late", "critical-soon", "critical-late", "low", "new", "done"]
    assert [row.waiting_instances for row in rows] == [1, 1, 1, 1, 1, 0]


def test_two_updates_on_one_instance_are_one_instance_waiting_for_each() -> None:
    rows = updates_of(small_survey())
    assert [(row.update.name, row.waiting_instances, row.waiting_groups, row.under_way_groups) for row in rows] == [
        ("redis-2", 1, 1, 1),
        ("redis-1", 1, 2, 0),
    ]


def test_the_overall_share_is_over_all_instances_and_not_a_mean_of_regions() -> None:
    """A region with one instance must not weigh as much as one with a thousand."""
    found = overall_of(status_of(small_survey()), status_of(survey()))
    assert found
    assert found.share == Share(1, 3)


def test_there_is_no_share_before_the_first_success() -> None:
    """Nothing is known, which is not the same as nothing waiting."""
    assert overall_of(status_of(None)) is None


def up_to_date(*groups_of_nobody: str) -> Survey:
    """A region with one instance for which nothing waits, and groups of no tenant for which something does."""
    one = service_instance("guid-1")
    return survey(
        service_updates=(service_update("redis-1"),),
        update_actions=tuple(action("redis-1", group_id) for group_id in groups_of_nobody),
        replication_groups=(group_of(one),),
        service_instances=(one,),
    )


FAILED = Failure(TAKEN_AT, "uaa: POST /oauth/token: HTTP 500")


@pytest.mark.parametrize(
    ("statuses", "is_all_clear"),
    [
        ([status_of(up_to_date())], True),
        ([status_of(up_to_date("cf-nobodys"))], False),
        ([status_of(small_survey())], False),
        ([status_of(survey())], False),
        ([status_of(up_to_date()), status_of(None)], False),
        ([replace(status_of(up_to_date()), last_failure=FAILED)], False),
        ([status_of(replace(up_to_date(), taken_at=TAKEN_AT - timedelta(hours=1)))], False),
    ],
    ids=["up to date", "a group of nobody's", "an instance", "no instance", "a region unseen", "failed", "long ago"],
)
def test_all_clear_is_only_said_of_what_was_seen(statuses: list[RegionStatus], *, is_all_clear: bool) -> None:
    """Nothing found is not the same as nothing there."""
    found = overall_of(*statuses)
    assert found
    assert found.is_all_clear is is_all_clear
