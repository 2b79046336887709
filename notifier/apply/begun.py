"""Counts what a run has begun, so that one that ends early never claims to have done nothing."""

from collections.abc import Callable, Collection

from notifier.apply.answers import Answer, Answered, Unanswered
from notifier.apply.result import Picture
from notifier.apply.surroundings import Acting, Key
from notifier.apply.task import Phase

_HAS_BEGUN = frozenset({Phase.UNDER_WAY, Phase.COMPLETE, Phase.FAILED, Phase.STOPPED})


class Begun:
    """
    Stands before the calls, and counts before the ledger is written, which may fail.

    `count` gets the words for one and for many. Each update counts once, also where only a listing shows that it began.
    """

    def __init__(self, acting: Acting, count: Callable[[str, str], None]) -> None:
        self._acting = acting
        self._count = count
        self._counted: set[Key] = set()

    def start(self, update: str, group_ids: Collection[str]) -> Answer:
        answer = self._acting.start(update, group_ids)
        if isinstance(answer, Answered):
            for group_id in answer.accepted:
                self._add((group_id, update))
        elif isinstance(answer, Unanswered):
            self._count("call that AWS did not answer", "calls that AWS did not answer")
        return answer

    def stop(self, update: str, group_ids: Collection[str]) -> Answer:
        answer = self._acting.stop(update, group_ids)
        if isinstance(answer, Answered):
            for _ in answer.accepted:
                self._count("update stopped", "updates stopped")
        elif isinstance(answer, Unanswered):
            self._count("call that AWS did not answer", "calls that AWS did not answer")
        return answer

    def look_at(self, picture: Picture, run_id: int) -> None:
        for task in picture.tasks:
            key = task.subject.key
            if task.phase in _HAS_BEGUN and picture.runs.get(key) == run_id:
                self._add(key)

    def _add(self, key: Key) -> None:
        if key not in self._counted:
            self._counted.add(key)
            self._count("update begun", "updates begun")
