"""What carrying out a plan shows on its way, and what came of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fleet.errors import RemoteError
from ledger.deferral import Deferral
from ledger.update_record import UpdateState
from notifier.apply.plan import Earlier, Plan
from notifier.apply.steps import AS_WISHED, Reason, Skip, Subject
from notifier.apply.surroundings import Key
from notifier.apply.task import Phase, Task


class Outcome(StrEnum):
    PLANNED = "planned"
    COMPLETE = "complete"
    FAILED = "failed"
    REFUSED = "refused"
    STOPPED = "stopped"
    UNDER_WAY = "under_way"
    NOT_REACHED = "not_reached"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Picture:
    """Where everything stands at one poll."""

    at: datetime
    tasks: tuple[Task, ...]
    changes: tuple[Task, ...]
    """Those that stand elsewhere than at the poll before."""
    halted_by: str | None
    trouble: RemoteError | None
    """Why AWS's listing could not be had, or is had less often."""
    runs: Mapping[Key, int] = field(default_factory=dict)
    """Which run began it."""


@dataclass(frozen=True)
class GroupResult:
    subject: Subject
    outcome: Outcome
    reason: Reason | None = None
    aws_says: str | None = None
    nodes_updated: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ended_after_window: bool = False
    run_id: int | None = None
    """Which began it; None where none did."""
    deferral: Deferral | None = None
    is_by_aws: bool = False

    @property
    def is_good(self) -> bool:
        """Complete, or left alone as somebody wished."""
        if self.outcome is Outcome.SKIPPED:
            return self.reason in AS_WISHED or self.is_by_aws
        return self.outcome in (Outcome.COMPLETE, Outcome.PLANNED)


@dataclass(frozen=True)
class Conducted:
    tasks: tuple[Task, ...]
    skips: tuple[Skip, ...]
    runs: Mapping[Key, int]
    halted_by: str | None
    """Names the groups."""
    stopped_by: RemoteError | None
    window_ends_at: datetime

    @property
    def groups(self) -> tuple[GroupResult, ...]:
        """By group; what earlier runs of the window did is among them."""
        skipped = {skip.subject.replication_group_id for skip in self.skips}
        results = [
            *(self._of_task(task) for task in self.tasks if not _is_superseded(task, skipped)),
            *(_of_skip(skip) for skip in self.skips),
        ]
        return tuple(sorted(results, key=lambda result: result.subject.key))

    @property
    def is_good(self) -> bool:
        return self.stopped_by is None and all(group.is_good for group in self.groups)

    def _of_task(self, task: Task) -> GroupResult:
        return GroupResult(
            subject=task.subject,
            outcome=_OUTCOMES.get(task.phase) or Outcome(task.phase.value),
            reason=task.reason,
            aws_says=task.aws_says,
            nodes_updated=task.nodes_updated,
            started_at=task.started_at,
            ended_at=task.ended_at,
            ended_after_window=task.ended_at is not None and task.ended_at > self.window_ends_at,
            run_id=self.runs.get(task.subject.key),
            deferral=task.deferral,
        )


_OF_STATES = {UpdateState.STARTING: Outcome.UNDER_WAY, UpdateState.STARTED: Outcome.UNDER_WAY}
_OUTCOMES = {Phase.UNSETTLED: Outcome.UNDER_WAY, Phase.PLANNED: Outcome.NOT_REACHED}


def planned_groups(plan: Plan) -> tuple[GroupResult, ...]:
    """Of a plan that is not carried out, by group; with what earlier runs of the window did, as the ledger knows it."""
    again = {step.subject.replication_group_id for step in plan.steps}
    again |= {skip.subject.replication_group_id for skip in plan.skips}
    results = [
        *(GroupResult(step.subject, Outcome.PLANNED) for step in plan.steps),
        *map(_of_skip, plan.skips),
        *(_of_earlier(e, plan) for e in plan.earlier if e.subject.replication_group_id not in again),
    ]
    return tuple(sorted(results, key=lambda result: result.subject.key))


def _of_earlier(earlier: Earlier, plan: Plan) -> GroupResult:
    record = earlier.record
    return GroupResult(
        earlier.subject,
        _OF_STATES.get(record.state) or Outcome(record.state.value),
        aws_says=record.aws_says,
        nodes_updated=record.nodes_updated,
        started_at=record.attempted_at,
        ended_at=record.ended_at,
        ended_after_window=record.ended_at is not None and record.ended_at > plan.window.ends_at,
        run_id=record.run_id,
    )


def _of_skip(skip: Skip) -> GroupResult:
    return GroupResult(
        skip.subject,
        Outcome.SKIPPED,
        skip.reason,
        aws_says=skip.aws_says,
        deferral=skip.deferral,
        is_by_aws=skip.is_by_aws,
    )


def _is_superseded(task: Task, skipped: set[str]) -> bool:
    """Refused by an earlier run, and left alone by this one."""
    return task.phase is Phase.REFUSED and not task.is_planned and task.subject.replication_group_id in skipped
