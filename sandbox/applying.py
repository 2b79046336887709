"""Applying updates and stopping them: what AWS does with a target, from the call to the last node."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sandbox import progress
from sandbox.acceptance import APPLICABLE_STATUSES, UNAVAILABLE, ImpossibleError, applicable, stoppable
from sandbox.changes import with_actions, with_group_status
from sandbox.fates import USUAL, Fate, Fates
from sandbox.progress import Run
from sandbox.truth import Attempt, Truth, UpdateAction
from sandbox.world import UnknownError, World

OLDER_UPDATES = {
    "complete": "they are complete too",
    "not-applicable": "they are not applicable any longer",
    "not-applied": "they stay as they are",
}
APPLY, STOP = "BatchApplyUpdateAction", "BatchStopUpdateAction"


@dataclass(frozen=True)
class Settings:
    """
    An update takes `update_seconds` on each target, or `node_seconds` for each node of its largest shard where that
    is given. `unavailable` is the answer for a group that is not available, `older_updates` what becomes of those that
    wait when a newer one is complete.
    """

    update_seconds: float = 10
    node_seconds: float | None = None
    unavailable: str = "unprocessed"
    older_updates: str = "complete"


class Applying:
    """A target is a replication group or a cache cluster. `attempts` are all calls so far, oldest first."""

    def __init__(self, world: World, settings: Settings) -> None:
        self.fates = Fates()
        self.attempts: list[Attempt] = []
        self._world = world
        self._runs: dict[tuple[str, str], Run] = {}
        self.settings = Settings()
        self.change(**vars(settings))

    def change(self, **settings: object) -> None:
        """As in `change(node_seconds=60, unavailable="refused")`."""
        changed = replace(self.settings, **settings)  # type: ignore[arg-type]  # as the fields' own types
        for name, choices in (("unavailable", UNAVAILABLE), ("older_updates", OLDER_UPDATES)):
            if getattr(changed, name) not in choices:
                raise UnknownError(f"no {name} '{getattr(changed, name)}'; there are {', '.join(choices)}")
        self.settings = changed

    def start(self, name: str, target_id: str, call: str = APPLY, request: int | None = None) -> UpdateAction:
        """Apply as AWS does: the action waits, is in progress while its group is `modifying`, and is complete."""
        with self._world.lock:
            truth = self._world.truth
            try:
                action = applicable(truth, name, target_id, self.settings.unavailable)
                run = self._run(truth, action, self.fates.decide(name, target_id))
            except (UnknownError, ImpossibleError) as refused:
                self.record(call, request, name, target_id, refused)
                raise
            self._runs[action.key] = run
            self._world.change(lambda truth: self._with_status(truth, action, "waiting-to-start"))
            self._world.change_later(run.waiting_seconds, lambda truth: self._begun(truth, run))
            self.record(call, request, name, target_id)
            return self._world.truth.update_actions[action.key]

    def stop(self, name: str, target_id: str, request: int | None = None) -> UpdateAction:
        """Interrupt: nodes under way are finished, the others left."""
        with self._world.lock:
            truth = self._world.truth
            try:
                action = stoppable(truth, name, target_id)
            except (UnknownError, ImpossibleError) as refused:
                self.record(STOP, request, name, target_id, refused)
                raise
            run = self._runs.get(action.key) or self._run(truth, action, USUAL)
            ending = self._runs[action.key] = run.stopping(self._world.now())
            self._world.change(lambda truth: self._with_status(truth, action, "stopping"))
            self._world.change_later(ending.round_seconds, lambda truth: self._stopped(truth, ending))
            self.record(STOP, request, name, target_id)
            return self._world.truth.update_actions[action.key]

    def resume(self, truth: Truth, group_id: str) -> Truth:
        """The group is available: an update that was accepted while it was not begins now."""
        for run in list(self._runs.values()):
            if run.target_id == group_id and run.is_due:
                truth = self._begun(truth, run)
        return truth

    def record(
        self, call: str, request: int | None, name: str, target_id: str, refused: Exception | None = None
    ) -> None:
        """`request` numbers the call, which may be about several targets."""
        kind = refused.kind if isinstance(refused, ImpossibleError) else "NotFound" if refused else None
        message = str(refused) if refused else None
        self.attempts.append(
            Attempt(call, request, name, target_id, kind, message, self._world.now(), datetime.now(UTC))
        )

    def _run(self, truth: Truth, action: UpdateAction, fate: Fate) -> Run:
        if fate.kind == "refused":
            raise ImpossibleError(fate.error_type, fate.error_message)
        seconds = fate.seconds
        if seconds is None and self.settings.node_seconds is not None:
            seconds = self.settings.node_seconds * progress.rounds_of(truth, action)
        return progress.run_of(truth, action, fate, self.settings.update_seconds if seconds is None else seconds)

    def _is_current(self, run: Run) -> bool:
        return self._runs.get(run.key) is run

    def _begun(self, truth: Truth, run: Run) -> Truth:
        """In progress, unless something else has happened to the action meanwhile, or its group is not available."""
        action = truth.update_actions.get(run.key)
        if not self._is_current(run) or action is None or action.status != "waiting-to-start":
            return truth
        if run.fate.kind == "waits":
            return truth
        group = truth.replication_groups.get(run.target_id)
        if group and group.status != "available":
            run.is_due = True
            return truth
        run.is_due, run.has_begun = False, True
        self._plan_round(run)
        truth = with_group_status(truth, run.target_id, "modifying")
        return self._with_status(truth, action, "in-progress")

    def _plan_round(self, run: Run) -> None:
        run.round_ends_at = self._world.now().timestamp() + run.round_seconds
        self._world.change_later(run.round_seconds, lambda truth: self._round_done(truth, run))

    def _round_done(self, truth: Truth, run: Run) -> Truth:
        """One more node of each shard is updated, or the update's fate is fulfilled."""
        action = truth.update_actions.get(run.key)
        if not self._is_current(run) or action is None or action.status != "in-progress":
            return truth
        run.rounds_done += 1
        if run.is_fulfilled:
            return self._fulfilled(truth, run, action)
        action = run.with_round_done(action)
        if action.nodes_updated == action.nodes:
            return self._ended(truth, action, "complete")
        self._plan_round(run)
        return with_actions(truth, [action])

    def _fulfilled(self, truth: Truth, run: Run, action: UpdateAction) -> Truth:
        match run.fate.kind:
            case "stops":
                return self._ended(truth, action, "stopped")
            case "reverts":
                return self._ended(truth, replace(action, nodes_updated=0), "not-applied")
            case "vanishes":
                del self._runs[run.key]
                return progress.vanished(truth, run.target_id)
        run.round_ends_at = None
        return truth

    def _stopped(self, truth: Truth, run: Run) -> Truth:
        action = truth.update_actions.get(run.key)
        if not self._is_current(run) or action is None or action.status != "stopping":
            return truth
        action = run.with_round_done(action)
        return self._ended(truth, action, "complete" if action.nodes_updated == action.nodes else "stopped")

    def _ended(self, truth: Truth, action: UpdateAction, status: str) -> Truth:
        run = self._runs.pop(action.key)
        truth = self._with_status(truth, action, status)
        if status == "complete":
            older = progress.older(truth, action, APPLICABLE_STATUSES)
            after = self.settings.older_updates
            truth = with_actions(truth, [progress.settled(other, after, self._world.now()) for other in older])
        group = truth.replication_groups.get(action.target_id)
        if not run.has_begun or group is None or group.status != "modifying":
            return truth
        return self.resume(with_group_status(truth, group.id, "available"), group.id)

    def _with_status(self, truth: Truth, action: UpdateAction, status: str) -> Truth:
        return with_actions(truth, [progress.settled(action, status, self._world.now())])
