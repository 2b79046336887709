"""Lets an error in any thread end the program, by handing it to the main thread."""

import os
import signal
import threading


class Ending:
    def __init__(self) -> None:
        self._error: BaseException | None = None
        self._deciding = threading.Lock()

    def end_with(self, error: BaseException) -> None:
        """Ends the program with this error. Any thread may call it; only the first error counts."""
        with self._deciding:
            self._error = self._error or error
        os.kill(os.getpid(), signal.SIGTERM)

    def raise_error(self) -> None:
        """Raises the error that ended the program, unless a signal from outside did."""
        if self._error is not None:
            raise self._error
