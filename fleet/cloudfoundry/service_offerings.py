"""Finds the plans of the configured service offerings, and checks that the offerings exist."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from fleet.cloudfoundry.pages import PER_PAGE, CloudFoundryPages, Nothing, Page, Text
from fleet.errors import ConfigurationError
from fleet.printable import one_line

log = logging.getLogger(__name__)

_OFFERINGS_PER_REQUEST = 50  # 50 guids make a query of 1.9 kB, which every router accepts

_LONGEST_LIST = 1_000


class _Named(msgspec.Struct):
    guid: Text
    name: Text


class _Offering(_Named):
    pass


class _Plan(_Named):
    pass


def plan_names(pages: CloudFoundryPages, offerings: Sequence[str], brokers: Sequence[str]) -> dict[str, str]:
    """
    The names, by guid, of all plans of the named offerings, on offer or not. No brokers means all brokers.

    Raises ConfigurationError for an offering or broker that Cloud Foundry does not have. Otherwise its missing
    instances would look as if no update waited.
    """
    found = [offering for broker in brokers or (None,) for offering in _offerings(pages, offerings, broker)]
    if unknown := sorted(set(offerings) - {offering.name for offering in found}):
        raise ConfigurationError(
            f"CF_SERVICE_OFFERINGS '{unknown[0]}': Cloud Foundry has no such service offering;"
            f" it has {_listed(offering.name for offering in _pages_of(pages, ()))}"
        )
    counts = Counter(offering.name for offering in found)
    for name in sorted(name for name, count in counts.items() if count > 1 and not brokers):
        log.warning(
            "several brokers have this service offering; set CF_SERVICE_BROKERS to those that use ElastiCache",
            extra={"service_offering": name, "brokers": counts[name]},
        )
    return {plan.guid: plan.name for plan in _plans(pages, sorted({offering.guid for offering in found}))}


def _offerings(pages: CloudFoundryPages, names: Sequence[str], broker: str | None) -> list[_Offering]:
    filters = (("names", _listed_for_query(names)),)
    if broker is None:
        return list(_pages_of(pages, filters))
    of_broker = ("service_broker_names", _listed_for_query([broker]))
    found = list(_pages_of(pages, (*filters, of_broker)))
    if not found:
        raise ConfigurationError(
            f"CF_SERVICE_BROKERS '{broker}': Cloud Foundry has no such service broker with an offering named"
            f" {' or '.join(names)}; that broker offers {_listed(o.name for o in _pages_of(pages, (of_broker,)))}"
        )
    return found


def _pages_of(pages: CloudFoundryPages, filters: tuple[tuple[str, str], ...]) -> Iterator[_Offering]:
    for page in pages.of("/v3/service_offerings", (*filters, PER_PAGE), Page[_Offering, Nothing]):
        yield from page.resources


def _plans(pages: CloudFoundryPages, offering_guids: list[str]) -> Iterator[_Plan]:
    for start in range(0, len(offering_guids), _OFFERINGS_PER_REQUEST):
        params = (
            ("service_offering_guids", ",".join(offering_guids[start : start + _OFFERINGS_PER_REQUEST])),
            PER_PAGE,
        )
        for page in pages.of("/v3/service_plans", params, Page[_Plan, Nothing]):
            yield from page.resources


def _listed_for_query(names: Iterable[str]) -> str:
    """A comma inside a name has to be encoded twice: here, and then by requests."""
    return ",".join(name.replace("%", "%25").replace(",", "%2C") for name in names)


def _listed(names: Iterable[str]) -> str:
    return one_line(", ".join(sorted(set(names))), _LONGEST_LIST) or "none"
