"""Every way in which a list of Cloud Foundry's can be less than it should be, while each answer is well-formed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Page = dict[str, Any]


@dataclass(frozen=True)
class ListFault:
    name: str
    pages: Callable[[str], Iterator[Page]]
    """Of the API's address: page after page; the last one is given again and again."""
    says: str


def row(number: int) -> dict[str, object]:
    return {"guid": f"guid-{number}", "name": f"name-{number}"}


def page(numbers: range, total: int, following: str | None = None) -> Page:
    pagination = {"total_results": total, "next": {"href": following} if following is not None else None}
    return {"pagination": pagination, "resources": [row(number) for number in numbers]}


def _endless(api: str) -> Iterator[Page]:
    number = 0
    while True:
        yield page(range(number, number + 2), 1_000_000, f"{api}/v3/x?page={number}")
        number += 2


LIST_FAULTS = [
    ListFault("shorter than its total", lambda _: iter([page(range(10), 100)]), "10 of the 100 that it says it has"),
    ListFault("empty, with a total", lambda _: iter([page(range(0), 3)]), "0 of the 3 that it says it has"),
    ListFault("longer than its total", lambda _: iter([page(range(3), 0)]), "3 of the 0 that it says it has"),
    ListFault(
        "last page cut short",
        lambda api: iter([page(range(2), 4, f"{api}/v3/x?page=2"), page(range(2, 3), 4)]),
        "3 of the 4 that it says it has",
    ),
    ListFault(
        "a row twice, another not at all",
        lambda api: iter([page(range(2), 3, f"{api}/v3/x?page=2"), page(range(1, 2), 3)]),
        "2 of the 3 that it says it has",
    ),
    ListFault(
        "its total changes",
        lambda api: iter([page(range(2), 4, f"{api}/v3/x?page=2"), page(range(2, 3), 3)]),
        "the list changed while its pages were read",
    ),
    ListFault(
        "an empty page in the middle",
        lambda api: iter([page(range(2), 4, f"{api}/v3/x?page=2"), page(range(0), 4, f"{api}/v3/x?page=3")]),
        "the list changed while its pages were read",
    ),
    ListFault(
        "a repeated page",
        lambda api: iter([page(range(2), 4, f"{api}/v3/x?page={number}") for number in range(9)]),
        "its pages go round in a circle",
    ),
    ListFault("endless", _endless, "it does not end within"),
    ListFault(
        "a name that never ends",
        lambda _: iter([{**page(range(0), 1), "resources": [{"guid": "g", "name": "x" * 1000}]}]),
        "unexpected body",
    ),
    ListFault("no total", lambda _: iter([{"pagination": {"next": None}, "resources": []}]), "missing required field"),
    ListFault("no pagination", lambda _: iter([{"resources": []}]), "missing required field"),
]

HOSTILE_LINKS = [
    "http://{other}\\@{api}/v3/service_plans",
    "http://{other}#@{api}/v3/service_plans",
    "http://{api}@{other}/v3/service_plans",
    "http://user:password@{api}/v3/service_plans",
    "//{other}/v3/service_plans",
    "\\\\{other}/v3/service_plans",
    "/\\{other}/v3/service_plans",
    "https://{api}/v3/service_plans",
    "http://{host}:1/v3/service_plans",
    "http://{host}:/v3/service_plans",
    "http://{host}:99999/v3/service_plans",
    "http://{host}:٨٠/v3/service_plans",
    "http://{other}\t/v3/service_plans",
    "ht\ntp://{other}/v3/service_plans",
    " http://{other}/v3/service_plans",
    "http://[::1%25lo]/v3/service_plans",
    "http://[::1/v3/service_plans",
    "http://{host}%2f.{other}/v3/service_plans",
    "http://\uff45xample.org/v3/service_plans",
    "file:///etc/passwd",
    "gopher://{other}/",
    "",
]
