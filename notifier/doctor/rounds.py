"""Which examinations there are, and in which order: those of each region, and those that all regions share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from fleet.aws.client import AwsAccess
from fleet.errors import ConfigurationError
from fleet.region import CfAccess, Region
from fleet.survey import Survey
from fleet.tally import Tally
from notifier.doctor.accounts import Accounts, Book, accounts_steps, book_steps
from notifier.doctor.aws import aws_examinations
from notifier.doctor.belonging import Contact, belonging_steps
from notifier.doctor.checks import Placed, State
from notifier.doctor.cloudfoundry import cloudfoundry_steps
from notifier.doctor.examinations import Examination, examined
from notifier.doctor.github import Client as GitHub
from notifier.doctor.github import github_steps
from notifier.doctor.ledger import Inspection, ledger_steps
from notifier.doctor.network import Window, network_steps, time_zone_steps, window_steps
from notifier.doctor.notify import Client, notify_steps
from notifier.doctor.statuspage import Page, statuspage_steps

_TOGETHER = {"aws", "cloudfoundry"}


class RegionSources(Protocol):
    """Where the settings of one region come from. Each method may raise ConfigurationError, and concerns no other."""

    @property
    def name(self) -> str | None: ...
    def reading(self) -> AwsAccess: ...
    def acting(self) -> AwsAccess: ...
    def cloudfoundry(self) -> CfAccess | None: ...
    def whole(self) -> Region: ...
    def address_book(self) -> Book | None: ...
    def contacts(self, survey: Survey, address_tag: str) -> Mapping[str, tuple[Contact, ...]]: ...
    def unknown_in_book(self, survey: Survey) -> int: ...
    def recorded_accounts(self) -> Sequence[str]:
        """May also raise RemoteError."""


class Sources(Protocol):
    """Where everything else comes from, likewise."""

    @property
    def regions(self) -> Sequence[RegionSources]: ...
    @property
    def network_variables(self) -> Sequence[str]: ...
    @property
    def acting_calls(self) -> tuple[str, ...]: ...
    def rights(self, access: AwsAccess, tally: Tally) -> Mapping[str, Callable[[], None]]: ...
    def check_network(self) -> None: ...
    def window(self) -> Window | None: ...
    def time_zone(self) -> None: ...
    def ledger(self) -> Inspection:
        """May also raise RemoteError."""

    def accounts(self) -> Accounts | None: ...
    def notify(self) -> Client: ...
    def notify_faults(self) -> Mapping[str, ConfigurationError]: ...
    def statuspage(self) -> Page | None: ...
    @property
    def components(self) -> Mapping[str, Sequence[str]]: ...
    def github(self) -> GitHub: ...


def examine(sources: Sources, now: datetime, on_end: Callable[[str], None]) -> list[Placed]:
    """All checks, in a stable order; whether AWS and Cloud Foundry belong together is asked last."""
    checks = examined(list(_examinations(sources, now)), on_end)
    together = [
        Examination(_whose(region), region.name, partial(belonging_steps, region.whole, region))
        for region in sources.regions
        if _can_be_compared(checks, region.name)
    ]
    compared = [placed for placed in examined(together, on_end) if placed.check.check != "clock"]
    return _in_order([*checks, *compared])


def _whose(region: RegionSources) -> str:
    """The system that says whose the groups are."""
    return "tags" if region.cloudfoundry() is None else "cloudfoundry"


def _examinations(sources: Sources, now: datetime) -> Iterator[Examination]:
    yield Examination("network", None, partial(network_steps, sources.check_network, sources.network_variables))
    yield Examination("window", None, partial(time_zone_steps, sources.time_zone))
    window = sources.window()
    if window is not None:
        yield Examination("window", None, partial(window_steps, window, now))
    yield Examination("ledger", None, partial(ledger_steps, sources.ledger))
    for region in sources.regions:
        yield from aws_examinations(region, sources.rights, sources.acting_calls)
        yield Examination("cloudfoundry", region.name, partial(cloudfoundry_steps, region.cloudfoundry))
    yield Examination("accounts", None, partial(accounts_steps, sources.accounts))
    for region in sources.regions:
        yield Examination("accounts", region.name, partial(book_steps, region.address_book))
    yield Examination("notify", None, partial(notify_steps, sources.notify, sources.notify_faults))
    yield Examination("statuspage", None, partial(statuspage_steps, sources.statuspage, sources.components))
    yield Examination("github", None, partial(github_steps, sources.github))


def _can_be_compared(checks: Sequence[Placed], region: str | None) -> bool:
    """Only if both answer all that a survey asks; it would only repeat what was found."""
    if any(placed.system == "network" and placed.check.state is State.FAILED for placed in checks):
        return False
    of_region = [placed for placed in checks if placed.region == region and placed.system in _TOGETHER]
    asked = {placed.check.state for placed in of_region if not placed.check.check.startswith("Batch")}
    return {placed.system for placed in of_region} == _TOGETHER and not {State.FAILED, State.NOT_SET} & asked


def _in_order(checks: Sequence[Placed]) -> list[Placed]:
    """Each system's checks together, in the order in which the systems came first."""
    places = dict.fromkeys((placed.system, placed.region) for placed in checks)
    return [placed for place in places for placed in checks if (placed.system, placed.region) == place]
