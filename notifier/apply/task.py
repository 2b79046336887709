"""One update on one group while it is carried through: what is known of it, and what AWS answered. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ledger.deferral import Deferral
from notifier.apply.steps import Reason, Subject

LONGEST_LAG = timedelta(minutes=1)
"""However often AWS is asked, so long at least its listing may be late."""
_MOST_PASSES = 10

NO_ANSWER = "no answer"


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
    was_refused_before: bool = False
    """By an earlier run, which may have been wrong about it."""
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
    def was_asked(self) -> bool:
        """AWS was, and nobody is sure that it came to nothing."""
        return self.unanswered > 0 or self.was_refused_before

    @property
    def may_have_begun(self) -> bool:
        """By an attempt before the last one: then AWS's refusal, and its silence, say nothing of that one."""
        return self.was_asked or not self.is_planned

    def is_refused_lately(self, now: datetime) -> bool:
        """AWS's listing may be late still with what has begun in spite of that."""
        return self.phase is Phase.REFUSED and self.started_at is not None and now - self.started_at < LONGEST_LAG

    @property
    def can_be_stopped(self) -> bool:
        is_running = self.listed_as in (None, "waiting-to-start", "in-progress")
        is_running |= not (self.has_been_under_way or self.stop_is_asked)  # the listing is late
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
