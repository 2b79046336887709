"""One call to AWS, with its intent on the disk before, and what becomes of it: started, refused, or not known."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.errors import RemoteError
from ledger.update_record import UpdateIntent
from notifier.apply.answers import (
    Answer,
    Answered,
    CallRefused,
    Denied,
    Refusal,
    Throttled,
    Unanswered,
    UpdateUnknown,
)
from notifier.apply.board import Board
from notifier.apply.steps import Reason, why_untold
from notifier.apply.surroundings import Surroundings, Wish
from notifier.apply.task import NO_ANSWER, Phase, Task
from notifier.deferrals import counting
from notifier.window import MaintenanceWindow

_BUSY = "InvalidReplicationGroupState"
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_TRIES = 8


@dataclass(frozen=True)
class Calls:
    """Safe to repeat: what has begun is never asked for again. Raises what the ledger raises."""

    board: Board
    around: Surroundings
    window: MaintenanceWindow
    includes_untold: bool
    """Whether the operator gave a reason to touch tenants who were not told."""
    may_start: Callable[[Task, datetime], bool]
    """Whether it would end in time, and nothing has been halted."""

    def start(self, tasks: Sequence[Task]) -> None:
        """Of one update, and of no more groups than a call may have."""
        for pause_seconds in _pauses():
            asked = self._asked(self._wanted(tasks))
            if not asked:
                return
            answer = self.around.acting.start(asked[0].subject.service_update, [_group(task) for task in asked])
            if not isinstance(answer, Throttled):
                self._started(asked, answer)
                return
            tasks = self._put_back(asked, "throttled")
            self.around.pause(_asked_pause(answer, pause_seconds))

    def stop(self, tasks: Sequence[Task]) -> None:
        """As `start`. That we stop it is on the disk before AWS knows, so that nobody takes it for a failure."""
        stopping = [replace(task, stop_is_asked=True) for task in tasks]
        for task in stopping:
            self.board.change(task)
        for pause_seconds in _pauses():
            answer = self.around.acting.stop(stopping[0].subject.service_update, [_group(task) for task in stopping])
            if not isinstance(answer, Throttled):
                self._stopped(stopping, answer)
                return
            self.around.pause(_asked_pause(answer, pause_seconds))

    def _wanted(self, tasks: Sequence[Task]) -> list[Task]:
        """Still to be started: until the last moment tenants may ask to wait, and mails may turn out not to arrive."""
        if self.around.wish() is not Wish.GO_ON:
            return []
        if (why := self.around.why_called_off()) is not None:
            self.board.halted_by = why
            return []
        instances = [task.subject.instance for task in tasks if task.subject.instance is not None]
        deferred = counting(self.around.deferrals(), instances, self.window)
        told = self.around.told()
        wanted = []
        for task in tasks:
            instance = task.subject.instance
            if instance is not None and instance.guid in deferred:
                self.board.change(task.skipped(Reason.DEFERRED, deferral=deferred[instance.guid]))
            elif instance is not None and not self.includes_untold and (untold := why_untold(instance, told)):
                self.board.change(task.skipped(untold))
            elif self.may_start(task, self.around.now()):
                wanted.append(task)
        return wanted

    def _asked(self, tasks: Sequence[Task]) -> list[Task]:
        if not tasks:
            return []
        claimed = self.around.book.begin([_intent(task) for task in tasks])
        now = self.around.now()
        asked = [task.asked(now) for task in tasks if task.subject.key in claimed]
        for task in asked:
            self.board.runs[task.subject.key] = self.around.book.run_id
            self.board.change(task)
        for task in tasks:
            if task.subject.key not in claimed:
                self.board.change(task.skipped(Reason.UNDER_WAY, "begun by another run"))
        return asked

    def _put_back(self, tasks: Sequence[Task], why: str) -> list[Task]:
        """Nothing has begun."""
        back = [task.put_back(why) for task in tasks]
        for task in back:
            self.board.change(task)
        return back

    def _started(self, asked: Sequence[Task], answer: Answer) -> None:
        match answer:
            case Answered():
                for task in asked:
                    self.board.change(_after_start(task, answer))
            case CallRefused(refusal) if len(asked) == 1 and refusal.says_it_has_begun:
                self.board.change(asked[0].accepted(refusal.status or ""))
            case CallRefused(refusal):
                self._without_culprits(self._put_back(asked, refusal.in_words), refusal)
            case UpdateUnknown(refusal):
                for task in asked:
                    self.board.change(task.skipped(Reason.UPDATE_GONE, refusal.in_words))
            case Denied(refusal):
                self._put_back(asked, refusal.in_words)
                self.board.stopped_by = RemoteError("elasticache", "apply", refusal.in_words)
            case Unanswered(cause):
                for task in asked:
                    self.board.change(replace(task, aws_says=f"{NO_ANSWER}: {cause}"))

    def _without_culprits(self, tasks: Sequence[Task], refusal: Refusal) -> None:
        """AWS refuses a call for a single group's sake, and does not have to say for which: send the others."""
        if refusal.error_type == _BUSY:
            tasks, dropped = self._without_unavailable(tasks)
            if dropped:
                self._start_if_any(tasks)
                return
        named = [task for task in tasks if re.search(rf"\b{re.escape(_group(task))}\b", refusal.message)]
        if named and len(named) < len(tasks):
            self._refuse(named, refusal)
            self._start_if_any([task for task in tasks if task not in named])
        elif len(tasks) > 1:
            half = len(tasks) // 2
            self._start_if_any(tasks[:half])
            self._start_if_any(tasks[half:])
        else:
            self._refuse(tasks, refusal)

    def _without_unavailable(self, tasks: Sequence[Task]) -> tuple[list[Task], bool]:
        """And whether there were any."""
        try:
            statuses = {group.id: group.status for group in self.around.listings.replication_groups()}
        except RemoteError:
            return [], True  # a later round asks again
        available = [task for task in tasks if statuses.get(_group(task)) == "available"]
        for task in tasks:
            if task not in available:
                self.board.change(task.skipped(Reason.NOT_AVAILABLE, statuses.get(_group(task), "not listed")))
        return available, len(available) < len(tasks)

    def _start_if_any(self, tasks: Sequence[Task]) -> None:
        self.board.halt_if_due()
        if tasks:
            self.start(tasks)

    def _refuse(self, tasks: Sequence[Task], refusal: Refusal) -> None:
        for task in tasks:
            self.board.change(task.ended(Phase.REFUSED, self.around.now(), refusal.in_words))

    def _stopped(self, stopping: Sequence[Task], answer: Answer) -> None:
        match answer:
            case Answered(accepted, refused):
                for task in stopping:
                    if _group(task) in accepted:
                        status = accepted[_group(task)]
                        self.board.change(replace(task, listed_as=status, aws_says=status))
                    elif _group(task) in refused:
                        self._not_stopped(task, refused[_group(task)])
            case CallRefused(refusal) if len(stopping) > 1 and not refusal.says_it_has_begun:
                half = len(stopping) // 2
                self.stop(stopping[:half])
                self.stop(stopping[half:])
            case CallRefused(refusal) | UpdateUnknown(refusal):
                for task in stopping:
                    self._not_stopped(task, refusal)
            case Denied(refusal):
                for task in stopping:
                    self._not_stopped(task, refusal)
                self.board.stopped_by = RemoteError("elasticache", "stop", refusal.in_words)

    def _not_stopped(self, task: Task, refusal: Refusal) -> None:
        """Where it has ended, or is stopping, the next listing says so; what AWS does not stop runs to its end."""
        if refusal.status is None:
            not_stopped = replace(task, stop_is_asked=False, stop_is_refused=True, aws_says=refusal.in_words)
            self.board.change(not_stopped)


def _after_start(task: Task, answer: Answered) -> Task:
    group = _group(task)
    if group in answer.accepted:
        return task.accepted(answer.accepted[group])
    refusal = answer.refused.get(group)
    if refusal is None:
        return replace(task, aws_says=NO_ANSWER)
    if refusal.says_it_has_begun:
        return task.accepted(refusal.status or "")
    return task.refused(refusal.in_words)


def _asked_pause(answer: Throttled, otherwise: float) -> float:
    """AWS may ask for longer than a window lasts."""
    return otherwise if answer.after_seconds is None else min(answer.after_seconds, _LONGEST_PAUSE_SECONDS)


def _pauses() -> Iterator[float]:
    """Between tries while AWS asks us to be slower; another round goes on after the last."""
    seconds = _FIRST_PAUSE_SECONDS
    for _ in range(_TRIES):
        yield seconds
        seconds = min(2 * seconds, _LONGEST_PAUSE_SECONDS)


def _group(task: Task) -> str:
    return task.subject.replication_group_id


def _intent(task: Task) -> UpdateIntent:
    instance = task.subject.instance
    return UpdateIntent(_group(task), task.subject.service_update, instance.guid if instance else None)
