"""Moves the status page's incident along with the window, in a thread of its own: what fails there stops nothing."""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from notifier.apply.result import Conducted, GroupResult, Outcome, Picture
from notifier.apply.steps import Reason
from notifier.apply.task import AT_AWS, Phase

_PATIENCE_SECONDS = 90.0
"""At the end, for a page that answers slowly."""


_FOR_NOW = frozenset({Reason.NOT_AVAILABLE, Reason.UNDER_WAY, Reason.NO_TIME})
"""Why the next run may begin what this one has left alone."""


class StatusPage(Protocol):
    """The window's incident. Each method moves it on, silently, where it is not there yet, and answers what to say."""

    def in_progress(self) -> Sequence[str]: ...

    def verifying(self) -> Sequence[str]: ...

    def completed(self) -> Sequence[str]: ...


class Announcing:
    """Says each stage once. `take` and `finish` only hand over."""

    def __init__(self, page: StatusPage, say: Callable[[str], None]) -> None:
        self._say = say
        self._stages: queue.SimpleQueue[Callable[[], Sequence[str]] | None] = queue.SimpleQueue()
        self._page = page
        self._has_begun = False
        self._thread = threading.Thread(target=self._work, name="status-page", daemon=True)
        self._thread.start()

    def take(self, picture: Picture) -> None:
        """The maintenance is in progress once something of ours is under way."""
        if not self._has_begun and any(task.phase is Phase.UNDER_WAY for task in picture.tasks):
            self._has_begun = True
            self._stages.put(self._page.in_progress)

    def finish(self, conducted: Conducted, *, is_whole: bool) -> None:
        """
        Verifying once nothing is under way or waits for another run, completed where nothing went wrong.

        `is_whole` says that all of the window was meant, not only some instances of it.
        """
        outcomes = {group.outcome for group in conducted.groups}
        is_under_way = any(task.phase in AT_AWS or task.is_stuck for task in conducted.tasks)
        if is_whole and not is_under_way and not any(map(_waits_for_another_run, conducted.groups)):
            if Outcome.COMPLETE in outcomes or self._has_begun:
                self._stages.put(self._page.verifying)
            if outcomes <= {Outcome.COMPLETE, Outcome.SKIPPED} and Outcome.COMPLETE in outcomes:
                self._stages.put(self._page.completed)
        self._stages.put(None)
        self._thread.join(_PATIENCE_SECONDS)
        if self._thread.is_alive():
            self._say("status page: it does not answer; `schedule` shows where the incident is")

    def _work(self) -> None:
        while (stage := self._stages.get()) is not None:
            try:
                for line in stage():
                    self._say(line)
            except Exception as error:  # noqa: BLE001 — nothing that happens there may touch the window's work
                self._say(f"status page: {error}")


def _waits_for_another_run(group: GroupResult) -> bool:
    return group.outcome is Outcome.NOT_REACHED or (group.reason in _FOR_NOW and not group.is_by_aws)
