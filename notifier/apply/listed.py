"""
What AWS's listing makes of what is known of an update. Pure.

AWS has no status for a failure. It can only show as an update that is stopped though nobody asked for that, that waits
again, that is gone with its group, or that does not end.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from fleet.inventory import SCHEDULED, UNDER_WAY_STATUSES, UpdateAction
from notifier.apply.steps import Reason
from notifier.apply.task import AT_AWS, LONGEST_LAG, NO_ANSWER, Phase, Task

LISTINGS_UNTIL_BEGUN = 5
"""So often AWS may list as waiting still what it accepted, or did not answer for, before that is believed."""
LISTINGS_UNTIL_GONE = 2
"""Rows may be missing from a list that shifts while it is read."""
MOST_ATTEMPTS = 5
_TIMES_THE_ESTIMATE = 2
_CLOCKS_AGREE = timedelta(seconds=2)
"""An answer's date has whole seconds, and some time passes until we have it."""
GONE = "gone"
"""In place of AWS's word where it does not list an update any more."""
_NEVER_BEGUN = frozenset({"not-applied", "stopped", SCHEDULED})
_KNOWN = _NEVER_BEGUN | UNDER_WAY_STATUSES | {"scheduling", "complete", "not-applicable"}
"""What AWS calls otherwise, of an update that was started, it has not ended yet: no such word means a failure."""


def after_listing(task: Task, action: UpdateAction | None, now: datetime, clock_ahead: timedelta = timedelta()) -> Task:
    """`action` is None where AWS does not list it; `clock_ahead` is how far `now` is ahead of AWS's clock."""
    if action is not None:
        task = replace(task, listed_as=action.status)
    if action is not None and _has_begun_after_all(task, action):
        return _while_at_aws(
            replace(task, ended_at=None, refusal=None, reason=None, deferral=None), action, now, clock_ahead
        )
    if task.phase is Phase.PLANNED:
        return _while_planned(task, action)
    if task.phase in AT_AWS or task.is_stuck:
        return _while_at_aws(task, action, now, clock_ahead)
    if task.phase in (Phase.FAILED, Phase.STOPPED) and action is not None:
        return _ended_before(task, action, now)
    return task


def _has_begun_after_all(task: Task, action: UpdateAction) -> bool:
    """What AWS refused, or seemed not to have heard, while its listing was late."""
    is_doubtful = task.phase is Phase.REFUSED or (task.phase in (Phase.PLANNED, Phase.SKIPPED) and task.was_asked)
    return is_doubtful and (_is_at_it(action) or action.status == "complete")


def _is_at_it(action: UpdateAction) -> bool:
    """Also by a word that nobody knows."""
    return action.is_under_way or action.status not in _KNOWN


def _while_planned(task: Task, action: UpdateAction | None) -> Task:
    """What became of it while it waited its turn."""
    if action is None:
        missed = replace(task, listings=task.listings + 1)
        return missed.skipped(Reason.UPDATE_GONE, GONE) if missed.listings >= LISTINGS_UNTIL_GONE else missed
    task = replace(task, listings=0, modified_at=action.status_modified_at)
    if action.service_update_status not in ("", "available"):
        return task.skipped(Reason.UPDATE_GONE, action.service_update_status)
    if _is_at_it(action) or action.status == "scheduling":
        return task.skipped(Reason.UNDER_WAY, action.status)
    if action.status == "complete":  # somebody else has done it
        return replace(task, phase=Phase.COMPLETE, nodes_updated=action.nodes_updated, aws_says=action.status)
    return task if action.status in _NEVER_BEGUN else task.skipped(Reason.UPDATE_GONE, action.status)


def _while_at_aws(task: Task, action: UpdateAction | None, now: datetime, clock_ahead: timedelta) -> Task:
    if action is None:
        missed = replace(task, listings=task.listings + 1)
        return missed.ended(Phase.FAILED, now, GONE) if missed.listings >= LISTINGS_UNTIL_GONE else missed
    if _is_at_it(action):
        return _under_way(task, action, now)
    if task.refusal is not None and action.status != "complete":
        return _refused(task, now, task.refusal)
    task = replace(task, nodes_updated=action.nodes_updated)
    if action.status == "complete":
        return task.ended(Phase.COMPLETE, now, action.status)
    if _is_as_before(task, action, clock_ahead):
        return _not_begun(task, action, now)
    return _came_to_nothing(task, action, now)


def _is_as_before(task: Task, action: UpdateAction, clock_ahead: timedelta) -> bool:
    """
    AWS's listing may be late. What an earlier run began was not listed before by this one, so clocks decide: the
    ledger's, and AWS's, which may be wrong by minutes before it refuses our signatures.
    """
    if task.has_been_under_way or task.is_stuck or action.status not in _NEVER_BEGUN:
        return False
    if task.modified_at is not None:
        return action.status_modified_at == task.modified_at
    if task.started_at is None or action.status_modified_at is None:
        return True
    differ = abs(clock_ahead) > _CLOCKS_AGREE
    asked_at = task.started_at - clock_ahead - _CLOCKS_AGREE if differ else task.started_at
    return action.status_modified_at <= asked_at


def _under_way(task: Task, action: UpdateAction, now: datetime) -> Task:
    seen = replace(
        task,
        phase=Phase.UNDER_WAY,
        started_at=task.started_at or now,
        has_been_under_way=True,
        listings=0,
        nodes_updated=action.nodes_updated,
        aws_says=action.status,
    )
    if task.is_stuck or _is_overdue(task, now):
        return replace(seen, phase=Phase.FAILED, is_stuck=True, ended_at=task.ended_at or now)
    return seen


def _is_overdue(task: Task, now: datetime) -> bool:
    return task.started_at is not None and now > task.started_at + _TIMES_THE_ESTIMATE * task.subject.estimate


def _not_begun(task: Task, action: UpdateAction, now: datetime) -> Task:
    """AWS lists it as before it was asked."""
    task = replace(task, listings=task.listings + 1)
    if not _is_settled(task, now):
        return task
    return _not_heard(task, now) if task.phase is Phase.UNSETTLED else _came_to_nothing(task, action, now)


def _refused(task: Task, now: datetime, why: str) -> Task:
    """Where an earlier attempt may have been heard, the refusal may be for that very reason."""
    task = replace(task, listings=task.listings + 1)
    return task.ended(Phase.REFUSED, now, why) if not task.may_have_begun or _is_settled(task, now) else task


def _is_settled(task: Task, now: datetime) -> bool:
    """AWS's listing cannot be late any more."""
    is_long_ago = task.started_at is None or now - task.started_at >= LONGEST_LAG
    return task.listings >= LISTINGS_UNTIL_BEGUN and is_long_ago


def _not_heard(task: Task, now: datetime) -> Task:
    task = replace(task, unanswered=task.unanswered + 1)
    return task.put_back(NO_ANSWER) if task.unanswered < MOST_ATTEMPTS else task.ended(Phase.REFUSED, now, NO_ANSWER)


def _came_to_nothing(task: Task, action: UpdateAction, now: datetime) -> Task:
    return task.ended(Phase.STOPPED if task.stop_is_asked else Phase.FAILED, now, action.status)


def _ended_before(task: Task, action: UpdateAction, now: datetime) -> Task:
    """By an earlier run: what it stopped may be ending still, and what it gave up may have come to its end."""
    if action.status == "complete":
        return replace(task, nodes_updated=action.nodes_updated).ended(Phase.COMPLETE, now, action.status)
    if action.is_under_way and task.phase is Phase.STOPPED:
        return _under_way(replace(task, stop_is_asked=True), action, now)
    return replace(task, is_stuck=True) if action.is_under_way else task
