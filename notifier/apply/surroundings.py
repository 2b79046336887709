"""What carrying out a plan needs of the world: AWS to read and to act on, the ledger, a clock, and what is wished."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from fleet.inventory import ReplicationGroup, UpdateAction
from ledger.deferral import Deferral
from ledger.update_record import UpdateIntent, UpdateState
from ledger.who_was_told import Told
from notifier.apply.answers import Answer

Key = tuple[str, str]
"""A replication group's id and a service update's name."""


class Listings(Protocol):
    """Each raises RemoteError rather than be incomplete; ThrottledError where AWS wants to be asked later."""

    def update_actions(self, names: Collection[str]) -> list[UpdateAction]:
        """Of the named updates, in every status, whatever has become of the updates themselves."""

    def replication_groups(self) -> list[ReplicationGroup]: ...


class Acting(Protocol):
    """One call each, never repeated."""

    def start(self, update: str, group_ids: Collection[str]) -> Answer: ...

    def stop(self, update: str, group_ids: Collection[str]) -> Answer: ...


class UpdateBook(Protocol):
    """The ledger's page for one window, as one run writes it. What a method did is on the disk when it returns."""

    @property
    def run_id(self) -> int: ...

    def begin(self, intents: Sequence[UpdateIntent]) -> frozenset[Key]:
        """Those that this run may start; not what another has begun meanwhile, or brought to its end."""

    def mark(self, key: Key, state: UpdateState, aws_says: str | None, nodes_updated: int | None) -> None: ...


class Wish(StrEnum):
    GO_ON = "go_on"
    HOLD = "hold"
    """The operator is being asked: until there is an answer nothing begins, and what is under way is followed."""
    START_NO_MORE = "start_no_more"
    """What is under way is followed to its end."""
    STOP = "stop"
    """What is under way is stopped, and followed."""
    LEAVE = "leave"
    """AWS goes on; nobody follows."""


@dataclass(frozen=True)
class Surroundings:
    listings: Listings
    acting: Acting
    book: UpdateBook
    deferrals: Callable[[], Sequence[Deferral]]
    """As the ledger has them now."""
    told: Callable[[], Told]
    """Likewise; a mail may fail for good after the plan was made."""
    now: Callable[[], datetime]
    pause: Callable[[float], None]
    """For so many seconds, or until something else is wished."""
    wish: Callable[[], Wish] = lambda: Wish.GO_ON
    clock_ahead: Callable[[], timedelta] = timedelta
    """By how much `now` is ahead of the clock by which AWS dates what it lists; negative if it is behind."""
    why_called_off: Callable[[], str | None] = lambda: None
    """Why the window does not take place any more, as the ledger has it now."""
