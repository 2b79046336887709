"""One window on a simulated AWS: run it, kill it, run it again."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from ledger.deferral import Deferral
from ledger.who_was_told import Told
from notifier.apply.conduct import Conduct
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import LedgerFacts, Plan, apply_plan
from notifier.apply.result import Conducted, Picture
from notifier.apply.surroundings import Surroundings, Wish
from tests.notifier.apply.fleet_of import WINDOW, told
from tests.notifier.apply.memory_book import MemoryBook
from tests.notifier.apply.simulated_aws import SimulatedAws

MOST_POLLS = 5000


@dataclass
class WindowRun:
    aws: SimulatedAws
    options: ApplyOptions = field(default_factory=lambda: ApplyOptions(canaries=0))
    deferrals: list[Deferral] = field(default_factory=list)
    told: Told | None = None
    wish: Wish = Wish.GO_ON
    called_off: str | None = None
    poll_seconds: float = 30
    pictures: list[Picture] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.book = MemoryBook(self.aws.clock)

    def plan(self) -> Plan:
        facts = LedgerFacts(self.deferrals, self._told(), list(self.book.records.values()))
        return apply_plan(self.aws.survey(), facts, WINDOW, self.aws.now, self.options)

    def run(self, plan: Plan | None = None) -> Conducted:
        conduct = Conduct(plan or self.plan(), self.options, self.around(), timedelta(seconds=self.poll_seconds))
        self.pictures = []
        for picture in conduct.pictures():
            self.pictures.append(picture)
            assert len(self.pictures) < MOST_POLLS, "it does not end"
        return conduct.conducted()

    def again(self) -> Conducted:
        """Another run of the same command."""
        self.book.run_id += 1
        return self.run()

    def stop(self) -> Conducted:
        """`--stop`: no steps, and the wish from the start."""
        self.book.run_id += 1
        self.wish = Wish.STOP
        return self.run(replace(self.plan(), steps=(), skips=()))

    def around(self) -> Surroundings:
        return Surroundings(
            listings=self.aws,
            acting=self.aws,
            book=self.book,
            deferrals=self._deferrals,
            told=self._told,
            now=self.aws.clock,
            pause=self.aws.pause,
            wish=lambda: self.wish,
            why_called_off=lambda: self.called_off,
        )

    def _deferrals(self) -> Sequence[Deferral]:
        return self.deferrals

    def _told(self) -> Told:
        return told(*self.aws.region.rows) if self.told is None else self.told
