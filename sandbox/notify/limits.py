"""How fast and how many: a bucket of tokens for each key type, and a count for each day that ends at midnight UTC."""

from collections import Counter
from dataclasses import dataclass

from sandbox.notify.errors import over_daily_limit, rate_limited

FULLEST_BUCKET = 1000
SECONDS_A_DAY = 86_400


@dataclass
class Bucket:
    tokens: float
    filled_at: float


class Limits:
    """For one thread. Times are seconds since the epoch."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}
        self._sent: Counter[tuple[int, str]] = Counter()

    def take_token(self, key_type: str, rate_limit: int, now: float) -> None:
        """Refused where the bucket is empty. It holds a third of a minute's worth, and a thousand at most."""
        capacity = min(rate_limit / 3 + 1, FULLEST_BUCKET)
        bucket = self._buckets.setdefault(key_type, Bucket(capacity, now))
        refilled = bucket.tokens + max(now - bucket.filled_at, 0) * rate_limit / 60
        bucket.tokens, bucket.filled_at = min(refilled, capacity), now
        if bucket.tokens < 1:
            raise rate_limited(key_type, rate_limit)
        bucket.tokens -= 1

    def check_today(self, key_type: str, daily_limit: int, now: float) -> None:
        if self.sent_today(key_type, now) >= daily_limit:
            raise over_daily_limit(daily_limit)

    def count(self, key_type: str, now: float) -> None:
        self._sent[_day(now), _account(key_type)] += 1

    def sent_today(self, key_type: str, now: float) -> int:
        return self._sent[_day(now), _account(key_type)]

    def forget(self) -> None:
        """Full buckets, and a day on which nothing was sent."""
        self._buckets.clear()
        self._sent.clear()


def _day(now: float) -> int:
    return int(now // SECONDS_A_DAY)


def _account(key_type: str) -> str:
    """Test keys are counted apart; live and team keys together."""
    return "test" if key_type == "test" else "real"
