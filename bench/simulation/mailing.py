"""Operators who tell many people with one ledger and one Notify: how long it takes, and what refuses them."""

import heapq
import itertools
import math
import random
from collections.abc import Generator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import simpy

from notifier.mail.limits import RateLimiter
from notifier.mail.pace import NOTIFY_PER_MINUTE
from notifier.mail.workers import WORKERS
from sandbox.notify.errors import RefusalError
from sandbox.notify.limits import Limits

OWN_SECONDS_PER_MAIL = 0.0083
"""Of an operator's interpreter: `python -m bench.mails`, 1 ÷ mails a second where Notify sets no limit."""
_WATCH_SECONDS = 0.5
_SHORTEST_WAIT_SECONDS = 0.0001
"""A clock that is simulated does not move on by itself, however short the wait."""
_KEY = "live"

Acting = Generator[simpy.Event, Any, None]


class _Mail(Enum):
    SENDING = auto()
    SENT = auto()


@dataclass(frozen=True)
class Scenario:
    mails: int
    operators: int = 1
    latency_seconds: float = 0.1
    """Of Notify, the median."""
    latency_spread: float = 0.5
    """Of the logarithm, as of AWS's pages."""
    limit_per_minute: int = NOTIFY_PER_MINUTE
    """What Notify allows."""
    pace_per_minute: int = NOTIFY_PER_MINUTE
    """MAILS_PER_MINUTE of each operator."""
    seed: int = 1


@dataclass
class Outcome:
    sent_at: list[float] = field(default_factory=list)
    refused: int = 0
    """429s: Notify's limit was reached, and the mail was sent later."""
    sent_by: list[int] = field(default_factory=list)
    """The operator of each."""

    @property
    def minutes(self) -> float:
        return max(self.sent_at) / 60


def simulate(scenario: Scenario) -> Outcome:
    """All operators begin at the same moment, with the same list, in the same order: the worst that they can do."""
    environment = simpy.Environment()
    outcome = Outcome()
    office = _Office(environment, scenario, Limits(), random.Random(scenario.seed), outcome)  # noqa: S311 — chance
    for operator in range(scenario.operators):
        sender = _Sender(office, operator, RateLimiter(scenario.pace_per_minute, lambda: environment.now))
        for _ in range(WORKERS):
            environment.process(sender.work())
    environment.run()
    return outcome


@dataclass
class _Office:
    """What the operators share."""

    environment: simpy.Environment
    scenario: Scenario
    notify: Limits
    chance: random.Random
    outcome: Outcome
    ledger: dict[int, _Mail] = field(default_factory=dict)

    def accepts(self) -> bool:
        try:
            self.notify.take_token(_KEY, self.scenario.limit_per_minute, self.environment.now)
        except RefusalError:
            self.outcome.refused += 1
            return False
        return True

    def latency_seconds(self) -> float:
        return self.scenario.latency_seconds * math.exp(self.chance.gauss(0.0, self.scenario.latency_spread))


class _Sender:
    """One operator's run, as `notifier.mail` has it: a task queue, workers, a rate limiter."""

    def __init__(self, office: _Office, operator: int, rate_limiter: RateLimiter) -> None:
        self._office = office
        self._operator = operator
        self._pace = rate_limiter
        self._interpreter = simpy.Resource(office.environment, capacity=1)
        self._order = itertools.count()
        self._tasks = [(0.0, next(self._order), mail) for mail in range(office.scenario.mails)]

    def work(self) -> Acting:
        environment = self._office.environment
        while self._tasks:
            due_at, _, mail = heapq.heappop(self._tasks)
            if due_at > environment.now:
                yield environment.timeout(due_at - environment.now)
            state = self._office.ledger.get(mail)
            if state is _Mail.SENT and due_at:
                continue  # a colleague's mail that was watched
            if state is _Mail.SENDING and due_at:
                self._put_back(mail, _WATCH_SECONDS)
                continue
            yield from self._step(mail)

    def _step(self, mail: int) -> Acting:
        """Waits for a turn and only then sees whether a colleague has begun it, as `Sender.step` does."""
        environment, office = self._office.environment, self._office
        while wait_seconds := self._pace.seconds_to_wait():
            yield environment.timeout(max(wait_seconds, _SHORTEST_WAIT_SECONDS))
        with self._interpreter.request() as turn:
            yield turn
            yield environment.timeout(OWN_SECONDS_PER_MAIL)
        match office.ledger.get(mail):
            case _Mail.SENDING:
                self._put_back(mail, _WATCH_SECONDS)
                return
            case _Mail.SENT:
                return
        office.ledger[mail] = _Mail.SENDING
        yield environment.timeout(office.latency_seconds())
        if office.accepts():
            office.ledger[mail] = _Mail.SENT
            office.outcome.sent_at.append(environment.now)
            office.outcome.sent_by.append(self._operator)
            self._pace.went_well()
        else:
            del office.ledger[mail]
            self._pace.slow_down()
            self._put_back(mail, 0.0)

    def _put_back(self, mail: int, delay_seconds: float) -> None:
        due_at = self._office.environment.now + delay_seconds
        heapq.heappush(self._tasks, (due_at, next(self._order), mail))
