"""GitHub's limits: requests an hour, and the secondary ones on how much is asked and written at once."""

import math
from dataclasses import dataclass

from sandbox.github.errors import over_primary_limit, over_secondary_limit
from sandbox.rolling import Rolling

HOUR, MINUTE = 3600, 60
POINTS_TO_READ, POINTS_TO_WRITE = 1, 5


@dataclass(frozen=True)
class Settings:
    """Over a limit `limit_status` is answered, 403 or 429; the secondary ones say when to come back, or do not."""

    requests_per_hour: int = 5000
    points_per_minute: int = 900
    writes_per_minute: int = 80
    writes_per_hour: int = 500
    limit_status: int = 403
    tells_when: bool = True


class Limits:
    """For one thread. Times are seconds since the epoch. The hour begins with the first request of it."""

    def __init__(self) -> None:
        self._began_at = 0.0
        self._used = 0
        self._secondary = Rolling()

    def take(self, settings: Settings, now: float, *, is_write: bool) -> None:
        """Count a request, or raise the refusal of it."""
        if now >= self._began_at + HOUR:
            self._began_at, self._used = now, 0
        if self._used >= settings.requests_per_hour:
            raise over_primary_limit(settings.limit_status, self.headers(settings))
        points = POINTS_TO_WRITE if is_write else POINTS_TO_READ
        limited = [("points", settings.points_per_minute, MINUTE, points)]
        if is_write:
            limited += [
                ("writes this minute", settings.writes_per_minute, MINUTE, 1),
                ("writes this hour", settings.writes_per_hour, HOUR, 1),
            ]
        for name, most, seconds, weight in limited:
            wait = self._secondary.seconds_to_wait(name, most=most, within_seconds=seconds, now=now, points=weight)
            if wait > 0:
                raise over_secondary_limit(settings.limit_status, str(math.ceil(wait)) if settings.tells_when else "")
        for name, _, _, weight in limited:
            self._secondary.count(name, now, weight)
        self._used += 1

    def headers(self, settings: Settings) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(settings.requests_per_hour),
            "X-RateLimit-Remaining": str(max(0, settings.requests_per_hour - self._used)),
            "X-RateLimit-Used": str(self._used),
            "X-RateLimit-Reset": str(math.ceil(self._began_at + HOUR)),
            "X-RateLimit-Resource": "core",
        }

    def forget(self) -> None:
        self._began_at, self._used = 0.0, 0
        self._secondary.forget()
