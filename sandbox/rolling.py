"""Counts what each asker has asked for within the last so many seconds."""

from collections import deque


class Rolling:
    """For one thread. Times are seconds since the epoch."""

    def __init__(self) -> None:
        self._asked: dict[str, deque[tuple[float, int]]] = {}

    def seconds_to_wait(self, asker: str, *, most: int, within_seconds: float, now: float, points: int = 1) -> float:
        """0 where so many points more are within the limit; nothing is counted yet."""
        asked = self._asked.setdefault(asker, deque())
        while asked and asked[0][0] <= now - within_seconds:
            asked.popleft()
        excess = sum(counted for _, counted in asked) + points - most
        for at, counted in asked:
            if excess <= 0:
                return 0
            excess -= counted
            if excess <= 0:
                return at + within_seconds - now
        return 0 if excess <= 0 else within_seconds

    def count(self, asker: str, now: float, points: int = 1) -> None:
        self._asked.setdefault(asker, deque()).append((now, points))

    def forget(self) -> None:
        self._asked.clear()
