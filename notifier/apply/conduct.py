"""
Carries a plan out: a loop over AWS's listings, which are the truth; the ledger is the intent.

The clock and the pauses come from outside, so that a window of two hours is tried in milliseconds.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from fleet.errors import RemoteError, ThrottledError
from fleet.inventory import UpdateAction
from notifier.apply.board import Board
from notifier.apply.calls import Calls
from notifier.apply.listed import after_listing
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import Plan
from notifier.apply.result import Conducted, Picture
from notifier.apply.steps import Reason, Skip
from notifier.apply.surroundings import Surroundings, Wish
from notifier.apply.task import Phase, Task

MOST_GROUPS_A_CALL = 20
_INTERVALS_WITHOUT_A_LISTING = 10
_MOST_SLOWED = 8


class Conduct:
    """One run. Raises what the ledger raises; `conducted` says what is known, whenever it is asked."""

    def __init__(self, plan: Plan, options: ApplyOptions, around: Surroundings, poll_interval: timedelta) -> None:
        self._plan = plan
        self._around = around
        self._poll_interval = poll_interval
        self._board = Board(plan, options, around.book)
        includes_untold = options.include_untold_reason is not None
        self._calls = Calls(self._board, around, plan.window, includes_untold, self._may_start)
        self._is_bound = options.outside_window_reason is None
        self._skips = {skip.subject.key: skip for skip in plan.skips}
        self._names = {key[1] for key in self._board.tasks} | {s.subject.service_update for s in plan.skips}
        self._slowed = 1
        self._is_left = False
        self._has_listed = False
        self._trouble: RemoteError | None = None
        self._last_answer = around.now()

    def pictures(self) -> Iterator[Picture]:
        """One a poll, the first after the first listing; whoever looks at them drives the run."""
        while True:
            if self._listed() or self._is_only_throttled():
                self._board.halt_if_due()
                self._go_on()
            elif self._around.wish() is Wish.STOP:
                self._stop_all()
            yield self._picture()
            if self._is_over():
                return
            self._around.pause(self._poll_interval.total_seconds() * self._slowed)

    def conducted(self) -> Conducted:
        return Conducted(
            tasks=tuple(self._board.all),
            skips=tuple(self._remaining_skips()),
            runs=dict(self._board.runs),
            halted_by=self._board.halted_by,
            stopped_by=self._board.stopped_by,
            window_ends_at=self._plan.window.ends_at,
        )

    def _listed(self) -> bool:
        """Whether AWS told where everything stands. Throttling slows us down, and is no failure."""
        if not self._names:
            return True
        try:
            actions = self._around.listings.update_actions(self._names)
        except ThrottledError as error:
            self._slowed = min(2 * self._slowed, _MOST_SLOWED)
            return self._not_listed(error)
        except RemoteError as error:
            return self._not_listed(error)
        self._trouble, self._slowed, self._last_answer = None, 1, self._around.now()
        self._has_listed = True
        self._learn(actions)
        return True

    def _not_listed(self, error: RemoteError) -> bool:
        """Nobody follows what cannot be seen for ten intervals of the rhythm in which we ask."""
        self._trouble = error
        longest = _INTERVALS_WITHOUT_A_LISTING * self._poll_interval * self._slowed
        if self._around.now() - self._last_answer >= longest:
            self._board.stopped_by = error
            self._is_left = True
        return False

    def _is_only_throttled(self) -> bool:
        """Reading must not keep us from acting, once what earlier runs began has been settled."""
        return self._has_listed and not self._is_left and isinstance(self._trouble, ThrottledError)

    def _learn(self, actions: list[UpdateAction]) -> None:
        by_key = {(action.replication_group_id, action.service_update_name): action for action in actions}
        now, ahead = self._around.now(), self._around.clock_ahead()
        for key in list(self._board.tasks):
            if (task := self._board.tasks.get(key)) is not None:  # as it is by now: one change may bring another
                self._board.change(after_listing(task, by_key.get(key), now, ahead))
        for key, skip in self._skips.items():
            if skip.reason is Reason.UNDER_WAY and key in by_key:
                self._skips[key] = replace(skip, aws_says=by_key[key].status)

    def _go_on(self) -> None:
        match self._around.wish():
            case Wish.GO_ON:
                self._start_round()
            case Wish.STOP:
                self._stop_all()

    def _start_round(self) -> None:
        """As many as there are places for, in calls as full as may be."""
        now = self._around.now()
        if self._may_start_more():
            for task in self._board.in_phase(Phase.PLANNED):
                if not self._fits(task, now):
                    self._board.change(task.skipped(Reason.NO_TIME))
        chosen = self._chosen(now)
        by_update = sorted(chosen, key=lambda task: task.subject.service_update)
        for _, same in groupby(by_update, key=lambda task: task.subject.service_update):
            tasks = list(same)
            for first in range(0, len(tasks), MOST_GROUPS_A_CALL):
                self._calls.start(tasks[first : first + MOST_GROUPS_A_CALL])
                self._board.halt_if_due()

    def _chosen(self, now: datetime) -> list[Task]:
        """To be started in this round: available, and in line."""
        room = self._board.room()
        may_start = self._has_begun(now) and self._may_start_more()
        if room <= 0 or not may_start or not self._board.in_phase(Phase.PLANNED):
            return []
        try:
            statuses = {group.id: group.status for group in self._around.listings.replication_groups()}
        except RemoteError as error:
            self._trouble = error
            return []
        chosen: list[Task] = []
        for task, is_canary in self._board.next_in_line(now):
            if len(chosen) >= room:
                break
            status = statuses.get(task.subject.replication_group_id, "not listed")
            if status != "available":
                passed = task.passed_over(status)
                self._board.change(passed)
                room -= passed.keeps_its_place
            elif self._may_start(task, now):
                chosen.append(replace(task, is_canary=is_canary))
        return chosen

    def _stop_all(self) -> None:
        stoppable = [task for task in self._board.all if task.can_be_stopped]
        by_update = sorted(stoppable, key=lambda task: task.subject.service_update)
        for _, same in groupby(by_update, key=lambda task: task.subject.service_update):
            tasks = list(same)
            for first in range(0, len(tasks), MOST_GROUPS_A_CALL):
                self._calls.stop(tasks[first : first + MOST_GROUPS_A_CALL])

    def _may_start(self, task: Task, now: datetime) -> bool:
        return self._has_begun(now) and self._may_start_more() and self._fits(task, now)

    def _has_begun(self, now: datetime) -> bool:
        return now >= self._plan.window.starts_at or not self._is_bound

    def _may_start_more(self) -> bool:
        board = self._board
        is_stopped = board.halted_by is not None or board.stopped_by is not None or board.may_be_halted
        return self._around.wish() is Wish.GO_ON and not is_stopped

    def _fits(self, task: Task, now: datetime) -> bool:
        return not self._is_bound or now + task.subject.estimate <= self._plan.window.ends_at

    def _is_over(self) -> bool:
        if self._is_left or self._around.wish() is Wish.LEAVE:
            return True
        if self._around.wish() is Wish.HOLD or any(task.is_awaited for task in self._board.all):
            return False
        return not self._board.in_phase(Phase.PLANNED) or not self._may_start_more()

    def _picture(self) -> Picture:
        return Picture(
            at=self._around.now(),
            tasks=tuple(self._board.all),
            changes=self._board.changes(),
            halted_by=self._board.halted_by,
            trouble=self._trouble,
            runs=dict(self._board.runs),
        )

    def _remaining_skips(self) -> Iterator[Skip]:
        """Without those of groups on which an earlier run had begun something after all."""
        begun = {
            task.subject.replication_group_id
            for task in self._board.all
            if task.phase not in (Phase.REFUSED, Phase.SKIPPED, Phase.PLANNED)
        }
        return (skip for skip in self._skips.values() if skip.subject.replication_group_id not in begun)
