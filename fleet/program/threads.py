"""Threads beside the main one, which acts on Ctrl-C at once whatever they wait for."""

from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Any, TypeVar

LISTENS_AFTER_SECONDS = 0.1
"""Python acts on a signal only when the main thread wakes up, which a signal that another thread gets does not do."""

Answer = TypeVar("Answer")


class Threads(ThreadPoolExecutor):
    """
    Leaving the block waits for all that was submitted, and raises what one of them raised.

    After an error nothing more begins. Ctrl-C waits for nothing: what the threads still ask goes on until the program
    ends, and nobody uses the answers.
    """

    def __init__(self, count: int, name: str) -> None:
        super().__init__(count, thread_name_prefix=name)
        self._submitted: list[Future[Any]] = []

    def submit(self, call: Callable[..., Answer], /, *args: Any, **kwargs: Any) -> Future[Answer]:  # noqa: ANN401 — as its base
        future = super().submit(call, *args, **kwargs)
        self._submitted.append(future)
        return future

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        try:
            if kind is None or not issubclass(kind, KeyboardInterrupt):
                self._wait()
        finally:
            self.shutdown(wait=False, cancel_futures=True)
        if error is None:
            for future in self._submitted:
                if not future.cancelled():
                    future.result()
        return None

    def _wait(self) -> None:
        left = set(self._submitted)
        while left:
            ended, left = wait(left, timeout=LISTENS_AFTER_SECONDS, return_when=FIRST_EXCEPTION)
            if any(not future.cancelled() and future.exception() for future in ended):
                left = {future for future in left if not future.cancel()}


def interruptible(call: Callable[[], Answer]) -> Answer:
    """What the call answers or raises; a Ctrl-C does not wait for it."""
    with Threads(1, "call") as threads:
        calling = threads.submit(call)
    return calling.result()
