"""Remembers what was worked out from one `Truth`, and forgets it all when there is another, or too much of it."""

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from sandbox.truth import Truth

Answer = TypeVar("Answer")
MOST_ANSWERS = 5000


class Memory:
    """For one thread: each system has its own, and all systems answer in the server's thread."""

    def __init__(self) -> None:
        self._truth: Truth | None = None
        self._answers: dict[Hashable, object] = {}

    def of(self, truth: Truth, question: Hashable, work_out: Callable[[], Answer]) -> Answer:
        if truth is not self._truth:
            self._truth, self._answers = truth, {}
        if question not in self._answers:
            answer = work_out()
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            self._answers[question] = answer
        return cast("Answer", self._answers[question])
