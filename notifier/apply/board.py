"""Where every update of a window stands while its plan is carried out, and which may begin next."""

from collections.abc import Iterator

from fleet.errors import RemoteError
from ledger.update_record import UpdateState
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import Earlier, Plan
from notifier.apply.steps import Reason
from notifier.apply.surroundings import Key, UpdateBook
from notifier.apply.task import AT_AWS, Phase, Task
from notifier.apply.timetable import canary_order, wave_order

_PHASES = {
    UpdateState.STARTING: Phase.UNSETTLED,
    UpdateState.STARTED: Phase.UNDER_WAY,
    UpdateState.REFUSED: Phase.REFUSED,
    UpdateState.COMPLETE: Phase.COMPLETE,
    UpdateState.FAILED: Phase.FAILED,
    UpdateState.STOPPED: Phase.STOPPED,
}
_STATES = {phase: state for state, phase in _PHASES.items()}
_FAILURES = frozenset({Phase.FAILED, Phase.REFUSED})


class Board:
    """Each change is in the ledger before it is here."""

    def __init__(self, plan: Plan, options: ApplyOptions, book: UpdateBook) -> None:
        steps = {step.subject.key: Task(step.subject) for step in plan.steps}
        earlier = {e.subject.key: _earlier_task(e, is_planned=e.subject.key in steps) for e in plan.earlier}
        self.tasks: dict[Key, Task] = {**earlier, **steps}
        for key in steps.keys() & earlier.keys():
            if earlier[key].phase is Phase.UNSETTLED:
                self.tasks[key] = earlier[key]
        self.ended_before = frozenset(key for key, task in earlier.items() if key not in steps and _has_ended(task))
        self.stopped_by: RemoteError | None = None
        """AWS does not let us go on at all."""
        self.halted_by: str | None = None
        self.runs: dict[Key, int] = {e.subject.key: e.record.run_id for e in plan.earlier}
        """Which run began it last."""
        self._options = options
        self._book = book
        self._changed: dict[Key, Task] = {}

    @property
    def all(self) -> list[Task]:
        return list(self.tasks.values())

    def in_phase(self, *phases: Phase) -> list[Task]:
        return [task for task in self.tasks.values() if task.phase in phases]

    @property
    def places_free(self) -> int:
        return self._options.max_in_flight - sum(task.takes_a_place for task in self.tasks.values())

    def change(self, task: Task) -> None:
        before = self.tasks[task.subject.key]
        if task == before:
            return
        state = _to_record(before, task)
        if state is not None:
            self._book.mark(task.subject.key, state, task.aws_says, task.nodes_updated)
        if task.phase is Phase.PLANNED and not task.is_planned:
            del self.tasks[task.subject.key]  # an earlier run meant to start it, and never did
            return
        self.tasks[task.subject.key] = task
        if _shown(before) != _shown(task):
            self._changed[task.subject.key] = task
        if task.phase in AT_AWS and before.phase not in AT_AWS:
            self._keep_to_one_update(task)

    def changes(self) -> tuple[Task, ...]:
        """Since it was asked last."""
        changed, self._changed = self._changed, {}
        return tuple(changed.values())

    def halt_if_due(self) -> None:
        if self.halted_by is None:
            self.halted_by = self._why_halted()

    @property
    def may_be_halted(self) -> bool:
        """The next listing may show that it is: AWS has refused more than may fail, or a canary."""
        doubtful = [task for task in self.in_phase(Phase.UNSETTLED) if task.refusal is not None]
        failed = [task for task in self.in_phase(*_FAILURES) if task.subject.key not in self.ended_before]
        return any(t.is_canary for t in doubtful) or (bool(doubtful) and self._are_too_many([*doubtful, *failed]))

    def next_in_line(self) -> Iterator[tuple[Task, bool]]:
        """
        Those that may begin now, each with whether it is a canary; more than there are places, in case some cannot.

        As long as the canaries are not all complete, there is nobody else. Those that keep their places come first.
        """
        busy = {task.subject.replication_group_id for task in self.in_phase(*AT_AWS)}
        waiting = [t for t in self.in_phase(Phase.PLANNED) if t.subject.replication_group_id not in busy]
        is_canaries_turn = len(self.in_phase(Phase.COMPLETE)) < self._options.canaries
        order = canary_order if is_canaries_turn else wave_order
        for task in sorted(waiting, key=lambda task: (not task.keeps_its_place, order(task.subject))):
            yield task, is_canaries_turn

    def room(self) -> int:
        """How many of them may begin."""
        missing = self._options.canaries - len(self.in_phase(Phase.COMPLETE))
        if missing <= 0:
            return max(0, self.places_free)
        return max(0, min(self.places_free, missing - len(self.in_phase(*AT_AWS))))

    def _why_halted(self) -> str | None:
        failed = [task for task in self.in_phase(*_FAILURES) if task.subject.key not in self.ended_before]
        canary = next((task for task in failed if task.is_canary), None)
        if canary is not None:
            return f"canary {_named(canary)}"
        if self._are_too_many(failed):
            return ", ".join(_named(task) for task in failed)
        stuck = [task for task in self.tasks.values() if task.is_stuck]
        if stuck and self.places_free <= 0 and not self.in_phase(*AT_AWS):
            return f"{', '.join(_named(task) for task in stuck)}: they take all places"
        return None

    def _are_too_many(self, failed: list[Task]) -> bool:
        return len(failed) > self._options.max_failures

    def _keep_to_one_update(self, begun: Task) -> None:
        """Of what an earlier run began and this one found out only now: its group gets no second update."""
        for task in self.in_phase(Phase.PLANNED):
            if task.subject.replication_group_id == begun.subject.replication_group_id and begun.phase is not (
                Phase.UNSETTLED
            ):
                self.change(task.skipped(Reason.UNDER_WAY, begun.aws_says))


def _earlier_task(earlier: Earlier, *, is_planned: bool) -> Task:
    record = earlier.record
    return Task(
        subject=earlier.subject,
        phase=_PHASES[record.state],
        is_planned=is_planned,
        aws_says=record.aws_says,
        nodes_updated=record.nodes_updated,
        started_at=record.attempted_at,
        ended_at=record.ended_at,
    )


def _has_ended(task: Task) -> bool:
    return task.phase not in AT_AWS


def _to_record(before: Task, after: Task) -> UpdateState | None:
    """
    What the ledger has to know of a change; an intent is recorded before it is one.

    What AWS seems not to have heard stays an intent: it may show later, to another run, that it was begun after all.
    """
    was_begun = before.unanswered or before.phase in (Phase.UNSETTLED, Phase.UNDER_WAY, Phase.FAILED, Phase.STOPPED)
    if not was_begun or (before.phase is after.phase and before.stop_is_asked is after.stop_is_asked):
        return None
    if after.phase is Phase.UNDER_WAY:
        return UpdateState.STOPPED if after.stop_is_asked else UpdateState.STARTED
    if after.phase in (Phase.PLANNED, Phase.SKIPPED):
        may_have_begun = after.is_planned and after.unanswered > before.unanswered
        return UpdateState.REFUSED if before.phase is Phase.UNSETTLED and not may_have_begun else None
    return _STATES.get(after.phase) if after.phase is not Phase.UNSETTLED else None


def _shown(task: Task) -> tuple[object, ...]:
    return task.phase, task.aws_says, task.nodes_updated, task.stop_is_asked


def _named(task: Task) -> str:
    return f"{task.subject.replication_group_id}: {task.phase} ({task.aws_says})"
