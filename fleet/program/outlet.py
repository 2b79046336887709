"""
Writes stdout and stderr in threads of their own, so that printing and logging never wait and never fail.

The reader may stop reading, go away, or be a full disk. Then only the thread that writes is stopped or fails.
"""

import codecs
import errno
import io
import os
import queue
import select
import threading
import time
from collections.abc import Callable
from typing import TextIO

_PIECE_BYTES = 4096
_SLICE_SECONDS = 0.5
"""Short, because a Ctrl-C just as a wait begins is noticed only when that wait ends."""
_READER_IS_GONE = frozenset({errno.EPIPE, errno.ECONNRESET})


class Outlet(io.TextIOBase):
    """
    A text stream in place of `stream`, which belongs to `descriptor`.

    Each text goes through `gate`. Characters that the stream's encoding does not have are written as their codes.
    While `most_waiting` texts wait to be written, further texts are dropped.
    """

    def __init__(
        self, stream: TextIO, descriptor: int, gate: Callable[[str], str], most_waiting: int | None = None
    ) -> None:
        self._descriptor = descriptor
        self._gate = gate
        self._most_waiting = most_waiting
        self._is_terminal = stream.isatty()
        self._encoding = codecs.lookup(stream.encoding or "utf-8").name
        self._waiting: queue.SimpleQueue[str | threading.Event] = queue.SimpleQueue()  # safe in a signal handler
        self._written_bytes = 0
        self.failure: OSError | None = None
        """The error that ended the writing, if there was one."""
        threading.Thread(target=self._write_all, name=f"outlet-{descriptor}", daemon=True).start()

    @property
    def encoding(self) -> str:  # type: ignore[override] # a property serves readers as well
        return self._encoding

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._is_terminal

    def write(self, text: str) -> int:
        self._put(self._gate(text))
        return len(text)

    @property
    def ungated(self) -> io.TextIOBase:
        """A stream without the gate, for our own text that moves the cursor, such as a progress bar."""
        return _Ungated(self._put, self)

    @property
    def is_lost(self) -> bool:
        """True if some text was lost for another reason than that its reader went away."""
        if self.failure is None:
            return False
        is_hung_up = self._is_terminal and self.failure.errno == errno.EIO
        return self.failure.errno not in _READER_IS_GONE and not is_hung_up

    def drained(self, patience_seconds: float | None) -> bool:
        """Waits until all is written or lost. False if nobody read anything for so long; None means no limit."""
        all_written = threading.Event()
        self._waiting.put(all_written)
        taken_bytes, taken_at = self._written_bytes, time.monotonic()
        while not all_written.wait(_SLICE_SECONDS):
            if self._written_bytes != taken_bytes:
                taken_bytes, taken_at = self._written_bytes, time.monotonic()
            elif patience_seconds is not None and time.monotonic() - taken_at >= patience_seconds:
                return False
        return True

    def _put(self, text: str) -> None:
        if self._most_waiting is None or self._waiting.qsize() < self._most_waiting:
            self._waiting.put(text)

    def _write_all(self) -> None:
        encoder = codecs.getincrementalencoder(self._encoding)("backslashreplace")
        while True:
            entry = self._waiting.get()
            if isinstance(entry, threading.Event):
                entry.set()
            elif self.failure is None:
                try:
                    self._write(encoder.encode(entry))
                except OSError as error:
                    self.failure = error

    def _write(self, encoded: bytes) -> None:
        left = memoryview(encoded)
        while left:
            try:
                count = os.write(self._descriptor, left[:_PIECE_BYTES])
            except BlockingIOError:  # another process made the shared descriptor non-blocking
                select.select((), (self._descriptor,), ())
                continue
            self._written_bytes += count
            left = left[count:]


class _Ungated(io.TextIOBase):
    def __init__(self, put: Callable[[str], None], outlet: Outlet) -> None:
        self._put = put
        self._outlet = outlet

    @property
    def encoding(self) -> str:  # type: ignore[override] # as in Outlet
        return self._outlet.encoding

    def isatty(self) -> bool:
        return self._outlet.isatty()

    def write(self, text: str) -> int:
        self._put(text)
        return len(text)
