"""
One update on one group while it is carried through: what AWS's listing makes of what is known of it. Pure.

AWS has no status for a failure. It can only show as an update that is stopped though nobody asked for that, that waits
again, that is gone with its group, or that does not end.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from fleet.inventory import SCHEDULED, UNDER_WAY_STATUSES, UpdateAction
from ledger.deferral import Deferral
from notifier.apply.steps import Reason, Subject

LISTINGS_UNTIL_SETTLED = 2
"""So often AWS may list what it did not answer for as waiting still, before it is taken for not started."""
LISTINGS_UNTIL_BEGUN = 5
"""So often it may list what it accepted as waiting still, before that is taken for a failure."""
_LONGEST_LAG = timedelta(minutes=1)
"""However often AWS is asked, so long at least its listing may be late."""
LISTINGS_UNTIL_GONE = 2
"""Rows may be missing from a list that shifts while it is read."""
MOST_ATTEMPTS = 5
_MOST_PASSES = 10
_TIMES_THE_ESTIMATE = 2

GONE = "gone"
"""In place of AWS's word where it does not list an update any more."""
NO_ANSWER = "no answer"
_NEVER_BEGUN = frozenset({"not-applied", "stopped", SCHEDULED})
_KNOWN = _NEVER_BEGUN | UNDER_WAY_STATUSES | {"scheduling", "complete", "not-applicable"}
"""What AWS calls otherwise, of an update that was started, it has not ended yet: no such word means a failure."""


class Phase(StrEnum):
    PLANNED = "planned"
    UNSETTLED = "unsettled"
    """AWS was asked to start it, and nobody knows whether it heard."""
    UNDER_WAY = "under_way"
    COMPLETE = "complete"
    FAILED = "failed"
    REFUSED = "refused"
    STOPPED = "stopped"
    SKIPPED = "skipped"
    NOT_REACHED = "not_reached"


AT_AWS = frozenset({Phase.UNSETTLED, Phase.UNDER_WAY})
ENDED = frozenset({Phase.COMPLETE, Phase.FAILED, Phase.REFUSED, Phase.STOPPED})


@dataclass(frozen=True)
class Task:
    subject: Subject
    phase: Phase = Phase.PLANNED
    is_planned: bool = True
    """False for what only an earlier run of the window began."""
    is_canary: bool = False
    reason: Reason | None = None
    """Why it was skipped."""
    deferral: Deferral | None = None
    """The one for which it was skipped."""
    aws_says: str | None = None
    nodes_updated: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    unanswered: int = 0
    """How often AWS was asked to start it, in this run, and seems not to have heard."""
    stop_is_asked: bool = False
    stop_is_refused: bool = False
    is_stuck: bool = False
    """Failed, because it did not end; AWS is at it still."""
    listed_as: str | None = None
    """Its status in AWS's last listing."""
    modified_at: datetime | None = None
    """When AWS says that the status changed, in the last listing before it was started."""
    has_been_under_way: bool = False
    refusal: str | None = None
    """Why AWS refused to start it, which need not mean that it has not begun: the next listing decides."""
    listings: int = 0
    """In a row that did not show what was expected."""

    @property
    def takes_a_place(self) -> bool:
        """Of those that may be under way at once."""
        return self.phase in AT_AWS or self.is_stuck

    @property
    def keeps_its_place(self) -> bool:
        """It waits again, but AWS may have heard: nobody else may begin in its stead."""
        return self.phase is Phase.PLANNED and self.unanswered > 0

    @property
    def can_be_stopped(self) -> bool:
        is_running = self.listed_as in (None, "waiting-to-start", "in-progress")
        return (self.phase is Phase.UNDER_WAY or self.is_stuck) and is_running and not self.stop_is_refused

    @property
    def is_awaited(self) -> bool:
        """Nobody waits for what does not end, unless it was asked to."""
        return self.phase in AT_AWS or (self.is_stuck and self.stop_is_asked)

    def asked(self, at: datetime) -> "Task":
        """AWS is about to be asked to start it."""
        return replace(
            self,
            phase=Phase.UNSETTLED,
            started_at=at,
            ended_at=None,
            listings=0,
            has_been_under_way=False,
            stop_is_asked=False,
            aws_says=None,
            refusal=None,
        )

    def accepted(self, status: str) -> "Task":
        return replace(self, phase=Phase.UNDER_WAY, aws_says=status, listings=0)

    def refused(self, why: str) -> "Task":
        return replace(self, aws_says=why, refusal=why)

    def put_back(self, why: str) -> "Task":
        """Certainly not started: it may be, later."""
        return replace(self, phase=Phase.PLANNED, started_at=None, aws_says=why)

    def passed_over(self, group_status: str) -> "Task":
        """Its group is not available at its turn; where AWS did not answer before, that may be our own doing."""
        if 0 < self.unanswered < _MOST_PASSES:
            return replace(self, unanswered=self.unanswered + 1)
        return self.skipped(Reason.NOT_AVAILABLE, group_status)

    def ended(self, phase: Phase, at: datetime, why: str) -> "Task":
        return replace(self, phase=phase, ended_at=at, aws_says=why, is_stuck=False)

    def skipped(self, reason: Reason, why: str | None = None, deferral: Deferral | None = None) -> "Task":
        return replace(self, phase=Phase.SKIPPED, reason=reason, started_at=None, aws_says=why, deferral=deferral)


def after_listing(task: Task, action: UpdateAction | None, now: datetime) -> Task:
    """`action` is None where AWS does not list it."""
    if action is not None:
        task = replace(task, listed_as=action.status)
    if task.phase is Phase.PLANNED:
        was_heard = task.unanswered > 0 and action is not None and (action.is_under_way or action.status == "complete")
        return _while_at_aws(task, action, now) if was_heard else _while_planned(task, action)
    if task.phase in AT_AWS or task.is_stuck:
        return _while_at_aws(task, action, now)
    if task.phase in (Phase.FAILED, Phase.STOPPED) and action is not None:
        return _ended_before(task, action, now)
    return task


def _while_planned(task: Task, action: UpdateAction | None) -> Task:
    """What became of it while it waited its turn."""
    if action is None:
        missed = replace(task, listings=task.listings + 1)
        return missed.skipped(Reason.UPDATE_GONE, GONE) if missed.listings >= LISTINGS_UNTIL_GONE else missed
    task = replace(task, listings=0, modified_at=action.status_modified_at)
    if action.service_update_status not in ("", "available"):
        return task.skipped(Reason.UPDATE_GONE, action.service_update_status)
    if action.is_under_way or action.status == "scheduling":
        return task.skipped(Reason.UNDER_WAY, action.status)
    if action.status == "complete":  # somebody else has done it
        return replace(task, phase=Phase.COMPLETE, nodes_updated=action.nodes_updated, aws_says=action.status)
    if action.status in _NEVER_BEGUN:
        return task
    return task.skipped(Reason.UPDATE_GONE, action.status)


def _while_at_aws(task: Task, action: UpdateAction | None, now: datetime) -> Task:
    if action is None:
        missed = replace(task, listings=task.listings + 1)
        return missed.ended(Phase.FAILED, now, GONE) if missed.listings >= LISTINGS_UNTIL_GONE else missed
    if action.is_under_way or action.status not in _KNOWN:
        return _under_way(task, action, now)
    if task.refusal is not None and action.status != "complete":
        return task.ended(Phase.REFUSED, now, task.refusal)
    task = replace(task, nodes_updated=action.nodes_updated)
    if action.status == "complete":
        return task.ended(Phase.COMPLETE, now, action.status)
    if _is_as_before(task, action):
        return _not_begun(task, action, now)
    return _came_to_nothing(task, action, now)


def _is_as_before(task: Task, action: UpdateAction) -> bool:
    """AWS's listing may be late. What an earlier run began was not listed before by this one."""
    if task.has_been_under_way or task.is_stuck or action.status not in _NEVER_BEGUN:
        return False
    if task.modified_at is not None:
        return action.status_modified_at == task.modified_at
    if task.started_at is None or action.status_modified_at is None:
        return True
    return action.status_modified_at <= task.started_at


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
    if task.phase is Phase.UNSETTLED:
        enough = LISTINGS_UNTIL_SETTLED if task.is_planned else LISTINGS_UNTIL_BEGUN
        return _not_heard(task, now) if task.listings >= enough else task
    is_long_ago = task.started_at is None or now - task.started_at >= _LONGEST_LAG
    return _came_to_nothing(task, action, now) if task.listings >= LISTINGS_UNTIL_BEGUN and is_long_ago else task


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
