"""
Lets threads that wait for their turn to write share one transaction, and with it one writing to the disk.

Where only one can write at a time, each transaction of its own would have all others wait for the disk.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Generic, TypeVar

import sqlalchemy as sa

Result = TypeVar("Result")


class _Work(Generic[Result]):
    """What one thread wants done, and what came of it."""

    def __init__(self, do: Callable[[sa.Connection], Result]) -> None:
        self._do = do
        self._results: list[Result] = []
        self.is_done = False
        self.error: BaseException | None = None

    def begin(self, connection: sa.Connection) -> None:
        self._results.append(self._do(connection))

    def end(self, error: BaseException | None = None) -> None:
        self.error, self.is_done = error, True

    def result(self) -> Result:
        if self.error is not None:
            raise self.error
        return self._results[0]


class Batches:
    """Any thread may use it, but not from within its own work."""

    def __init__(self, transaction: Callable[[], AbstractContextManager[sa.Connection]]) -> None:
        self._transaction = transaction
        self._turn = threading.Lock()
        self._adding = threading.Lock()
        self._waiting: list[_Work[object]] = []

    def do(self, work: Callable[[sa.Connection], Result]) -> Result:
        """
        Once it returns, what the work wrote is on the disk.

        Raises what the transaction raises, and then nothing of it is written: work that shared it fails with it.
        """
        mine = _Work(work)
        with self._adding:
            self._waiting.append(mine)  # type: ignore[arg-type] # only its own thread looks at the result
        with self._turn:
            if not mine.is_done:
                self._do_all_that_waits()
        return mine.result()

    def _do_all_that_waits(self) -> None:
        with self._adding:
            batch, self._waiting = self._waiting, []
        try:
            with self._transaction() as connection:
                for work in batch:
                    work.begin(connection)
        except BaseException as error:  # noqa: BLE001 — each thread raises it for itself
            for work in batch:
                work.end(error)
        else:
            for work in batch:
                work.end()
