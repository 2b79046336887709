"""The simulation behind docs/scale.md keeps its own laws."""

import itertools
from dataclasses import replace

import pytest
import simpy

from bench.simulation import mailing, surveys
from bench.simulation.throttle import Limit, Throttle, seed_pauses
from fleet.aws.throttling import pause_seconds
from notifier.mail.pace import NOTIFY_PER_MINUTE

STEADY = surveys.Scenario(1_000, latency_seconds=0.1, latency_spread=0.0)
PAGES = 11 + 11 + surveys.LONE_NODES_PAGES + surveys.UPDATES_PAGES + 5 * 2
"""Of 1,000 instances, 40 % of which wait for one to three of five updates."""


def test_every_page_is_asked_for_once() -> None:
    """Without throttling, AWS answers as many requests as the surveys have pages."""
    outcome = surveys.simulate(STEADY)
    (throttle,) = outcome.throttles
    assert throttle.accepted == PAGES * len(outcome.surveys)
    assert throttle.refused == 0


def test_a_refused_page_is_asked_for_again_and_none_is_lost() -> None:
    """However often AWS refuses, a survey that succeeds has had every page answered, once."""
    outcome = surveys.simulate(replace(STEADY, limit=Limit(per_second=2, burst=5)))
    (throttle,) = outcome.throttles
    assert throttle.refused > 0
    assert outcome.failed_share == 0
    assert throttle.accepted == PAGES * len(outcome.surveys)


def test_a_survey_takes_as_long_as_its_longest_chain_of_pages() -> None:
    """11 pages of 100 ms and our own share, one after the other, whatever else is asked beside them."""
    chain_seconds = 11 * (STEADY.latency_seconds + surveys.OWN_SECONDS_PER_PAGE)
    for seconds in surveys.simulate(STEADY).survey_seconds:
        assert chain_seconds <= seconds < chain_seconds + 5 * surveys.OWN_SECONDS_PER_PAGE


def test_surveys_keep_the_poll_interval_and_never_overlap() -> None:
    """Twelve an hour; one that outlasts the interval is followed directly by the next, and by one only."""
    starts = [survey.started_at for survey in surveys.simulate(STEADY).surveys]
    assert starts == [300.0 * number for number in range(12)]

    late = surveys.simulate(replace(STEADY, poll_interval_seconds=1.0, seconds=60.0)).surveys
    assert len(late) > 30
    assert all(after.started_at == pytest.approx(before.published_at) for before, after in itertools.pairwise(late))


def test_the_throttle_never_lets_more_through_than_it_holds() -> None:
    """In any stretch of time: the burst, and the rate times the stretch."""
    environment = simpy.Environment()
    limit = Limit(per_second=3.0, burst=10.0)
    throttle = Throttle(environment, limit)
    accepted_at = []
    for number in range(1_000):
        environment.run(until=(number + 1) * 0.05)
        if throttle.accepts():
            accepted_at.append(environment.now)
    for first, began in enumerate(accepted_at):
        for last in range(first, len(accepted_at)):
            assert last - first + 1 <= limit.burst + limit.per_second * (accepted_at[last] - began) + 1e-6
    assert len(accepted_at) == pytest.approx(limit.burst + limit.per_second * 50, abs=1)


def test_pauses_are_those_of_the_exporter() -> None:
    """Longer each time, and at most five seconds."""
    seed_pauses(1)
    pauses = [pause_seconds(attempts) for attempts in range(1, 21)]
    assert 0.2 <= pauses[0] <= 0.4
    assert min(pauses[6:]) >= 2.5
    assert max(pauses) <= 5.0


def test_a_starved_exporter_fails_its_surveys() -> None:
    """Where AWS answers next to nothing, a survey is given up instead of going on for ever."""
    starved = surveys.simulate(replace(STEADY, limit=Limit(per_second=0.02, burst=1)))
    assert starved.failed_share == 1
    assert not starved.is_interval_held
    assert starved.ages() == []


def test_two_replicas_show_younger_numbers_than_one() -> None:
    """The one that looked last is believed; without throttling the other costs it nothing."""
    one, two = (surveys.simulate(replace(STEADY, exporters=exporters)) for exporters in (1, 2))
    assert sum(two.ages()) / len(two.ages()) < sum(one.ages()) / len(one.ages())
    assert max(one.ages()) <= STEADY.poll_interval_seconds + STEADY.scrape_interval_seconds + 2


def test_the_same_seed_gives_the_same_numbers() -> None:
    """On any day; another seed gives others."""
    scenario = surveys.Scenario(1_000, exporters=2, limit=Limit(2, 20), others_per_second=0.5)
    assert surveys.simulate(scenario).surveys == surveys.simulate(scenario).surveys
    assert surveys.simulate(scenario).surveys != surveys.simulate(replace(scenario, seed=2)).surveys
    telling = mailing.Scenario(500, operators=2)
    assert mailing.simulate(telling) == mailing.simulate(telling)


@pytest.mark.parametrize("operators", [1, 3])
def test_everybody_is_told_once_and_no_faster_than_notify_allows(operators: int) -> None:
    """However many operators share the ledger."""
    told = mailing.simulate(mailing.Scenario(4_000, operators, latency_seconds=0.3))
    assert len(told.sent_at) == 4_000
    moments = sorted(told.sent_at)
    burst = 1_000
    assert all(
        later - earlier >= 60 * (count - burst) / NOTIFY_PER_MINUTE - 1
        for count in (1_500, 3_000)
        for earlier, later in zip(moments, moments[count:], strict=False)
    )


def test_a_limit_lower_than_the_pace_is_met_by_waiting() -> None:
    """Notify's 429 loses no mail: it goes later."""
    told = mailing.simulate(mailing.Scenario(1_000, limit_per_minute=600, pace_per_minute=NOTIFY_PER_MINUTE))
    assert told.refused > 0
    assert len(told.sent_at) == 1_000
    assert told.minutes >= (1_000 - 201) / 600
