"""kill -9 at a hundred random moments, on a real ledger of either kind, with an AWS that answers as badly as it may."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from ledger.check import problems
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.run import AlreadyHeldError
from ledger.update_record import UpdateIntent, UpdateState
from ledger.updates import Overrides, WindowUpdates, region_hold, update_records
from notifier.apply.conduct import Conduct
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import LedgerFacts, apply_plan
from notifier.apply.result import Conducted
from notifier.apply.surroundings import Key, Surroundings
from tests.notifier.apply.fleet_of import WINDOW, Row, told
from tests.notifier.apply.simulated_aws import Killed, SimulatedAws, simulated

KEY = MaintenanceKey(WINDOW.key, "eu-west-1")
FAULTS = ["", "", "", "throttle", "lost-before", "lost-after"]


@dataclass
class Moments:
    """Counts down over everything that a run does with the world, and then the process is gone."""

    left: int | None = None

    def pass_one(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed


@dataclass
class MortalBook:
    """The ledger, with a moment before and one after each transaction."""

    book: WindowUpdates
    moments: Moments

    @property
    def run_id(self) -> int:
        return self.book.run_id

    def begin(self, intents: Sequence[UpdateIntent]) -> frozenset[Key]:
        begun: frozenset[Key] = self._between(lambda: self.book.begin(intents))
        return begun

    def mark(self, key: Key, state: UpdateState, aws_says: str | None, nodes_updated: int | None) -> None:
        self._between(lambda: self.book.mark(key, state, aws_says, nodes_updated))

    def _between(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401 — the transaction's
        self.moments.pass_one()
        done = work()
        self.moments.pass_one()
        return done


@dataclass
class MortalWindow:
    aws: SimulatedAws
    ledger_url: str
    options: ApplyOptions
    moments: Moments = field(default_factory=Moments)

    def run(self) -> Conducted:
        rows = self.aws.region.rows
        with Ledger(self.ledger_url, self.aws.clock) as ledger, _held(ledger) as run:
            facts = LedgerFacts((), told(*rows), update_records(ledger, KEY))
            plan = apply_plan(self.aws.survey(), facts, WINDOW, self.aws.now, self.options)
            book = MortalBook(WindowUpdates(ledger, run, KEY, Overrides()), self.moments)
            around = Surroundings(
                listings=self.aws,
                acting=self.aws,
                book=book,
                deferrals=list,
                told=lambda: told(*rows),
                now=self.aws.clock,
                pause=self.aws.pause,
            )
            conduct = Conduct(plan, self.options, around, timedelta(seconds=30))
            for _ in conduct.pictures():
                self.moments.pass_one()
            return conduct.conducted()


def _held(ledger: Ledger) -> Any:  # noqa: ANN401 — a run's context
    return ledger.run("apply", "ada", holds=region_hold("eu-west-1"))


@pytest.fixture
def mortal(ledger_url: str) -> Callable[[SimulatedAws, ApplyOptions], MortalWindow]:
    return lambda aws, options: MortalWindow(aws, ledger_url, options)


@pytest.mark.parametrize("seed", range(4))
def test_a_hundred_kills_and_nothing_begins_twice(
    mortal: Callable[[SimulatedAws, ApplyOptions], MortalWindow], seed: int
) -> None:
    """Twenty-five in each of four windows. In the end AWS has updated every group once, and the ledger says so."""
    random = Random(seed)  # moments, not secrets
    rows = tuple(Row(f"guid-{number}", nodes=random.choice([1, 2, 3])) for number in range(10, 22))
    aws = simulated(
        *rows,
        start_faults=random.choices(FAULTS, k=12),
        listing_faults=random.choices(["", "", "", "throttle", "down"], k=40),
        listing_lag=timedelta(seconds=random.choice([0, 20])),
    )
    window = mortal(aws, ApplyOptions(canaries=random.choice([0, 1]), max_in_flight=4))
    kills = 0
    while kills < 25:
        # Few moments, so that the window is not done before it was killed often enough; and always another one.
        window.moments.left = random.randint(0, 12)
        aws.kill_after = random.choice([None, random.randint(0, 6)])
        try:
            window.run()
        except Killed:
            aws.now += timedelta(seconds=random.choice([0, 1]))
            kills += 1
    window.moments.left = aws.kill_after = None
    aws.start_faults.clear()
    aws.listing_faults.clear()
    conducted = window.run()
    assert {group.outcome.value for group in conducted.groups} == {"complete"}
    assert [len(group.begun) for group in aws.groups.values()] == [1] * len(rows)
    with Ledger(window.ledger_url, aws.clock) as ledger:
        records = update_records(ledger, KEY)
        assert {record.state for record in records} == {UpdateState.COMPLETE}
        assert {record.replication_group_id for record in records} == {row.group_id for row in rows}
        assert problems(ledger) == []


def test_of_two_runs_at_once_one_is_refused(mortal: Callable[[SimulatedAws, ApplyOptions], MortalWindow]) -> None:
    """On the same ledger; the other's work goes on."""
    rows = tuple(Row(f"guid-{number}") for number in range(10, 14))
    aws = simulated(*rows)
    window = mortal(aws, ApplyOptions(canaries=0))
    refused: list[str] = []

    def another() -> None:
        with pytest.raises(AlreadyHeldError) as error:
            window.run()
        refused.append(str(error.value))

    aws.on_pause = another
    assert {group.outcome.value for group in window.run().groups} == {"complete"}
    assert len(refused) > 3
    assert [len(group.begun) for group in aws.groups.values()] == [1] * 4


def test_a_ledger_that_fails_leaves_aws_at_it_and_the_next_run_finds_it(
    mortal: Callable[[SimulatedAws, ApplyOptions], MortalWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between AWS's answer and the record of it: a full disk, a server that is gone."""
    rows = tuple(Row(f"guid-{number}") for number in range(10, 13))
    aws = simulated(*rows)
    window = mortal(aws, ApplyOptions(canaries=0))

    def failing(*_: object) -> None:
        raise sa.exc.OperationalError("update", {}, Exception("disk full"))

    with monkeypatch.context() as patched:
        patched.setattr(WindowUpdates, "mark", failing)
        with pytest.raises(sa.exc.OperationalError):
            window.run()
    assert sum(len(group.begun) for group in aws.groups.values()) == 3
    assert {group.outcome.value for group in window.run().groups} == {"complete"}
    assert [len(group.begun) for group in aws.groups.values()] == [1] * 3
