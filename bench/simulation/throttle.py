"""AWS's throttling of one account in one region: a token bucket that everybody who asks there shares."""

import random
from dataclasses import dataclass

import simpy

from fleet.aws import throttling


@dataclass(frozen=True)
class Limit:
    """AWS publishes neither number for ElastiCache."""

    per_second: float
    burst: float


UNLIMITED = Limit(per_second=1e9, burst=1e9)


class Throttle:
    """Full at the start."""

    def __init__(self, environment: simpy.Environment, limit: Limit) -> None:
        self._environment = environment
        self._limit = limit
        self._tokens = limit.burst
        self._filled_at = environment.now
        self.accepted = 0
        self.refused = 0

    def accepts(self) -> bool:
        """Whether a request that arrives now is answered; otherwise it is told to come later."""
        now = self._environment.now
        refilled = (now - self._filled_at) * self._limit.per_second
        self._tokens = min(self._limit.burst, self._tokens + refilled)
        self._filled_at = now
        if self._tokens < 1:
            self.refused += 1
            return False
        self._tokens -= 1
        self.accepted += 1
        return True


def pause_seconds(attempts: int) -> float | None:
    """The exporter's own rule, after so many attempts at one page; None where it gives up, and the survey fails."""
    return throttling.pause_seconds(attempts) if attempts < throttling.THROTTLED_ATTEMPTS else None


def seed_pauses(seed: int) -> None:
    """The rule draws from Python's shared random numbers."""
    random.seed(seed)
