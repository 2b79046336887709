"""Exporters that survey the same regions for a while: how long their surveys take, and how old the numbers are."""

import math
import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import simpy

from bench.simulation.throttle import UNLIMITED, Limit, Throttle, seed_pauses
from fleet.aws.throttling import is_hopeless, pause_seconds
from fleet.patience import patience

PAGE_SIZE = 100
LISTS = (1.01, 1.01)
"""Replication groups and cache parameter groups for each instance, as the sandbox has them."""
ACTIONS = (0.15, 0.15, 0.15, 0.15, 0.15)
"""Update actions for each instance that are left to do, of each of five updates; asked for once these are known."""
LONE_NODES_PAGES = 1
UPDATES_PAGES = 1
"""Cloud Foundry is left out: it answers 5,000 instances at once."""
OWN_SECONDS_PER_PAGE = 0.007
"""In which the interpreter signs, sends and reads: `python -m bench.scale`, seconds a survey ÷ pages - 50 ms."""
PUBLISH_SECONDS_PER_1000 = 0.1
"""
To parse a survey and to publish its region, for each 1,000 of its instances: the CPU seconds a survey that are not
those of its requests.
"""
_LOOK_SECONDS = 7.0
_TURN_SECONDS = 0.005
"""After which Python's interpreter lets another thread have it."""

Acting = Generator[simpy.Event, Any, None]
Answering = Generator[simpy.Event, Any, bool]


@dataclass(frozen=True)
class Scenario:
    """One platform for a while. Every exporter surveys every region: they are replicas of one another."""

    instances: int
    """In each region."""
    regions: int = 1
    exporters: int = 1
    latency_seconds: float = 0.1
    """Of a page, the median."""
    latency_spread: float = 0.5
    """Of the logarithm: with 0.5, one page in a hundred takes more than three times the median."""
    limit: Limit = UNLIMITED
    """AWS's, of each region."""
    others_per_second: float = 0.0
    """Requests of other programs under the same limit."""
    poll_interval_seconds: float = 300.0
    scrape_interval_seconds: float = 60.0
    seconds: float = 3600.0
    seed: int = 1


@dataclass(frozen=True)
class Survey:
    exporter: int
    region: int
    started_at: float
    ended_at: float
    published_at: float
    is_success: bool

    @property
    def seconds(self) -> float:
        return self.ended_at - self.started_at


@dataclass
class Outcome:
    scenario: Scenario
    throttles: Sequence[Throttle]
    surveys: list[Survey] = field(default_factory=list)

    @property
    def survey_seconds(self) -> list[float]:
        return sorted(survey.seconds for survey in self.surveys if survey.is_success)

    @property
    def failed_share(self) -> float:
        return sum(not survey.is_success for survey in self.surveys) / max(1, len(self.surveys))

    @property
    def is_interval_held(self) -> bool:
        """99 of 100 surveys are begun in the rhythm, and succeed and are published before the next comes due."""
        scenario = self.scenario
        interval = scenario.poll_interval_seconds
        within = sum(s.is_success and s.published_at - s.started_at <= interval for s in self.surveys)
        due = (math.floor(scenario.seconds / interval) - 1) * scenario.regions * scenario.exporters
        return within >= 0.99 * max(due, len(self.surveys))

    def ages(self) -> list[float]:
        """
        Of a region's numbers in Prometheus, in seconds, sorted: looked at every few seconds, once each exporter has had
        time for its first survey. Of several exporters the one that looked last counts, as in the recording rules.
        """
        scenario = self.scenario
        chance = random.Random(scenario.seed)  # noqa: S311 — chance, not a secret
        ages = []
        moment = 2 * scenario.poll_interval_seconds + scenario.scrape_interval_seconds
        while moment < scenario.seconds:
            scraped_at = moment - chance.uniform(0.0, scenario.scrape_interval_seconds)
            for region in range(scenario.regions):
                seen = [s.started_at for s in self._of(region) if s.is_success and s.published_at <= scraped_at]
                if seen:
                    ages.append(moment - max(seen))
            moment += _LOOK_SECONDS
        return sorted(ages)

    def _of(self, region: int) -> list[Survey]:
        return [survey for survey in self.surveys if survey.region == region]


def simulate(scenario: Scenario) -> Outcome:
    seed_pauses(scenario.seed)
    chance = random.Random(scenario.seed)  # noqa: S311 — chance, not a secret
    environment = simpy.Environment()
    throttles = [Throttle(environment, scenario.limit) for _ in range(scenario.regions)]
    outcome = Outcome(scenario, throttles)
    for exporter in range(scenario.exporters):
        interpreter, publishing = (simpy.Resource(environment, capacity=1) for _ in range(2))
        begins_at = chance.uniform(0, scenario.poll_interval_seconds) if exporter else 0.0
        for region, throttle in enumerate(throttles):
            watch = _Watch(environment, scenario, interpreter, publishing, throttle, chance)
            environment.process(_surveying(watch, outcome, exporter, region, begins_at))
    if scenario.others_per_second:
        for throttle in throttles:
            environment.process(_others(environment, throttle, scenario.others_per_second, chance))
    environment.run(until=scenario.seconds)
    return outcome


@dataclass
class _Answered:
    """When AWS last answered any call of one client, and when its survey is given up."""

    at: float = 0.0
    gives_up_at: float = math.inf


@dataclass(frozen=True)
class _Watch:
    environment: simpy.Environment
    scenario: Scenario
    interpreter: simpy.Resource
    """Of one exporter: its regions and lists take turns."""
    publishing: simpy.Resource
    throttle: Throttle
    chance: random.Random
    answered: _Answered = field(default_factory=_Answered)

    def survey(self) -> Answering:
        """All lists side by side; whether every page was read."""
        self.answered.gives_up_at = self.environment.now + patience().survey_seconds
        chains = [self.environment.process(self._pages(self._count(share))) for share in LISTS]
        chains.append(self.environment.process(self._pages(LONE_NODES_PAGES)))
        chains.append(self.environment.process(self._updates_and_actions()))
        return (yield from self._all(chains))

    def _updates_and_actions(self) -> Answering:
        is_known = yield from self._pages(UPDATES_PAGES)
        chains = [self.environment.process(self._pages(self._count(share))) for share in ACTIONS]
        return is_known and (yield from self._all(chains))

    def _all(self, chains: Sequence[simpy.Process]) -> Answering:
        yield self.environment.all_of(chains)
        return all(chain.value for chain in chains)

    def _count(self, rows_an_instance: float) -> int:
        return max(1, math.ceil(self.scenario.instances * rows_an_instance / PAGE_SIZE))

    def _pages(self, count: int) -> Answering:
        """One after another; False where one was given up, or the survey takes too long."""
        for _ in range(count):
            if self.environment.now > self.answered.gives_up_at or not (yield from self._page()):
                return False
        return True

    def _page(self) -> Answering:
        """False where it is throttled while no other page is answered either."""
        attempts, throttled_at = 1, math.inf
        yield from self._request()
        while not self.throttle.accepts():
            throttled_at = min(throttled_at, self.environment.now)
            if is_hopeless(self.environment.now, throttled_at, self.answered.at):
                return False
            yield self.environment.timeout(pause_seconds(attempts))
            yield from self._request()
            attempts += 1
        self.answered.at = self.environment.now
        return True

    def _request(self) -> Acting:
        """Until it arrives, and its answer, whichever, has come back: to and fro counts as one way."""
        yield from self.hold(OWN_SECONDS_PER_PAGE)
        yield self.environment.timeout(self._latency_seconds())

    def hold(self, seconds: float) -> Acting:
        with self.interpreter.request() as turn:
            yield turn
            yield self.environment.timeout(seconds)

    def publish(self, seconds: float) -> Acting:
        """Turn by turn with the surveys of other regions, and one publication at a time."""
        with self.publishing.request() as alone:
            yield alone
            for _ in range(max(1, round(seconds / _TURN_SECONDS))):
                yield from self.hold(_TURN_SECONDS)

    def _latency_seconds(self) -> float:
        scenario = self.scenario
        return scenario.latency_seconds * math.exp(self.chance.gauss(0.0, scenario.latency_spread))


def _surveying(watch: _Watch, outcome: Outcome, exporter: int, region: int, begins_at: float) -> Acting:
    """In an even rhythm; a survey that comes due during another follows it directly, as `exporter.schedule` has it."""
    environment, interval = watch.environment, watch.scenario.poll_interval_seconds
    instances = watch.scenario.instances
    tick = 0
    yield environment.timeout(begins_at)
    while True:
        started_at = environment.now
        is_success = yield environment.process(watch.survey())
        ended_at = environment.now
        yield from watch.publish(PUBLISH_SECONDS_PER_1000 * instances / 1000)
        outcome.surveys.append(Survey(exporter, region, started_at, ended_at, environment.now, is_success))
        tick = max(tick + 1, math.floor((environment.now - begins_at) / interval))
        yield environment.timeout(max(0.0, begins_at + tick * interval - environment.now))


def _others(environment: simpy.Environment, throttle: Throttle, per_second: float, chance: random.Random) -> Acting:
    while True:
        yield environment.timeout(chance.expovariate(per_second))
        throttle.accepts()
