"""What the operator wishes while a window is applied; said in one thread, heeded in another."""

import threading

from notifier.apply.surroundings import Wish


class Wishes:
    def __init__(self, wish: Wish = Wish.GO_ON) -> None:
        self._wish = wish
        self._said = threading.Condition()

    def now(self) -> Wish:
        return self._wish

    def say(self, wish: Wish) -> None:
        """Not from a signal handler, which may interrupt whoever holds the lock."""
        with self._said:
            self._wish = wish
            self._said.notify_all()

    def pause(self, seconds: float) -> None:
        """Until so many seconds are over, or something else is wished."""
        with self._said:
            before = self._wish
            self._said.wait_for(lambda: self._wish is not before, timeout=seconds)
