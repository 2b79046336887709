"""How the program ends: by a signal, or by an error in one of its threads, which is then the main thread's."""

import os
import signal
import threading


class Ending:
    def __init__(self) -> None:
        self._error: BaseException | None = None
        self._deciding = threading.Lock()

    def end_with(self, error: BaseException) -> None:
        """From any thread. The first error counts."""
        with self._deciding:
            self._error = self._error or error
        os.kill(os.getpid(), signal.SIGTERM)

    def raise_error(self) -> None:
        """What the program ended with, if it was not a signal from outside."""
        if self._error is not None:
            raise self._error
