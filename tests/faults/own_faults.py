"""Faults that can be told from a good answer only by who knows the system, and what a row of the table is."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.faults.faulty_server import Behaviour, Conversation
from tests.faults.list_faults import LIST_FAULTS, ListFault
from tests.faults.platform import (
    Platform,
    group,
    groups_page,
    instances,
    operation_of,
    path_of,
    service_update,
    token,
    update_actions,
    users,
    xml,
)


@dataclass(frozen=True)
class Row:
    system: str
    kind: str
    name: str
    behaviour: Callable[[Platform], Behaviour] | None
    """None for a port that is closed."""
    survives: bool = False
    """Whether what is asked is answered all the same."""
    hangs: bool = False
    """Whether it lasts until we give up."""
    asks_for_pause: bool = False
    says: str = ""
    """A pattern of the message, of systems that speak JSON."""

    @property
    def id(self) -> str:
        return f"{self.system}: {self.name}"


def _instead(
    of: Callable[[Conversation], bool], body: Callable[[], bytes], system: str
) -> Callable[[Platform], Behaviour]:
    """Another body where it matters, and the good ones elsewhere."""

    def made(platform: Platform) -> Behaviour:
        good = platform.good(system)
        return lambda c: c.answer(body()) if of(c) else good(c)

    return made


def _in_operation(name: str, body: Callable[[], bytes]) -> Callable[[Platform], Behaviour]:
    return _instead(lambda c: operation_of(c.heard) == name, body, "elasticache")


def _in_list(path: str, body: Callable[[], bytes]) -> Callable[[Platform], Behaviour]:
    return _instead(lambda c: path_of(c.heard) == path, body, "cloudfoundry")


def _once_401(system: str, under: str = "/") -> Callable[[Platform], Behaviour]:
    def made(platform: Platform) -> Behaviour:
        good = platform.good(system)
        first = itertools.count()

        def behave(conversation: Conversation) -> None:
            if path_of(conversation.heard).startswith(under) and not next(first):
                conversation.answer(b"{}", "401 Unauthorized")
            else:
                good(conversation)

        return behave

    return made


def _pages_of_plans(fault: ListFault) -> Callable[[Platform], Behaviour]:
    def made(platform: Platform) -> Behaviour:
        good = platform.good("cloudfoundry")
        pages = fault.pages(platform.servers["cloudfoundry"].url)
        last = next(pages)

        def behave(conversation: Conversation) -> None:
            nonlocal last
            if path_of(conversation.heard) not in ("/v3/service_plans", "/v3/x"):
                good(conversation)
                return
            conversation.answer(json.dumps(last).encode())
            last = next(pages, last)

        return behave

    return made


def _in_time(fault: ListFault) -> str:
    """The survey's time may be over before the pages are counted."""
    return f"{fault.says}|not complete after" if fault.name == "endless" else fault.says


_numbers = itertools.count()


def _next_page() -> bytes:
    number = next(_numbers)
    return groups_page(group(0, f"cf-{number}"), f"m-{number}")


def _in_lists(system: str, body: Callable[[int], object], link: str = "") -> Callable[[Platform], Behaviour]:
    """Of the team's own systems; `body` gets a new number each time, and so does the link to the next page."""
    names = ("issues", "incidents", "scheduled", "upcoming", "active_maintenance", "unresolved", "components")

    def made(platform: Platform) -> Behaviour:
        good, url = platform.good(system), platform.servers[system].url

        def behave(conversation: Conversation) -> None:
            number = next(_numbers)
            is_list = path_of(conversation.heard).rpartition("/")[2] in names
            if not is_list or not conversation.heard.line.startswith("GET"):
                good(conversation)
                return
            headers = {"Link": f'<{url}/{link.format(number)}>; rel="next"'} if link else {}
            conversation.answer(json.dumps([body(number)]).encode(), **headers)

        return behave

    return made


def _with_foreign_words(platform: Platform) -> Behaviour:
    """On the status page: an incident of somebody's that is as nobody documents it."""
    odd = {"id": "odd", "status": "resting", "name": None, "scheduled_for": "soon", "components": {"a": 1}, "brand": 5}

    def behave(conversation: Conversation) -> None:
        platform.page.incidents["odd"] = odd
        platform.good("statuspage")(conversation)

    return behave


def _with_foreign_issues(platform: Platform) -> Behaviour:
    def behave(conversation: Conversation) -> None:
        platform.tracker.issues.setdefault(0, {"number": 0, "state": "resting", "body": None, "brand": {"new": 5}})
        platform.good("github")(conversation)

    return behave


_GROUPS, _CLUSTERS = "DescribeReplicationGroups", "DescribeCacheClusters"
_UPDATES, _ACTIONS = "DescribeServiceUpdates", "DescribeUpdateActions"
OWN_FAULTS = [
    Row("elasticache", "endless pages", "ever new markers", _in_operation(_GROUPS, _next_page), hangs=True),
    Row(
        "elasticache",
        "repeated page",
        "the same rows with new markers",
        _in_operation(_GROUPS, lambda: groups_page(group(0), f"m-{next(_numbers)}")),
    ),
    Row("elasticache", "repeated page", "the same marker", _in_operation(_GROUPS, lambda: groups_page(group(0), "m"))),
    Row("elasticache", "missing field", "a group without id", _in_operation(_GROUPS, lambda: groups_page("<a/>"))),
    *(
        Row("elasticache", "missing field", f"{call} without its list", _in_operation(call, partial(xml, call, "")))
        for call in (_UPDATES, _ACTIONS, _GROUPS, _CLUSTERS)
    ),
    *(
        Row("elasticache", "wrong type", f"{call} with another answer", _in_operation(call, partial(xml, other, more)))
        for call, other, more in (
            (_UPDATES, _GROUPS, "<ReplicationGroups/>"),
            (_ACTIONS, _UPDATES, "<UpdateActions/>"),
            (_GROUPS, "foo", "<ReplicationGroups/>"),
        )
    ),
    Row(
        "elasticache",
        "wrong type",
        "actions of another update",
        _in_operation(_ACTIONS, partial(update_actions, "not-applied", of="another-update")),
    ),
    Row(
        "elasticache",
        "unknown word",
        "words in capitals",
        _in_operation(_UPDATES, lambda: service_update(severity="CRITICAL", status="AVAILABLE")),
        survives=True,
    ),
    Row(
        "elasticache",
        "wrong type",
        "a word for a date",
        _in_operation("DescribeServiceUpdates", lambda: service_update(released="soon")),
    ),
    Row(
        "elasticache",
        "unknown word",
        "a new status of a group",
        _in_operation(_GROUPS, lambda: groups_page("".join(group(n, status="resting") for n in range(3)))),
        survives=True,
    ),
    Row(
        "elasticache",
        "unknown word",
        "a new severity",
        _in_operation("DescribeServiceUpdates", lambda: service_update(severity="gigantic")),
        survives=True,
    ),
    Row("elasticache", "401 once", "401 once", _once_401("elasticache")),
    Row("sts", "401 once", "401 once", _once_401("sts")),
    Row("sts", "missing field", "no credentials", lambda _: lambda c: c.answer(xml("AssumeRole", ""))),
    *(
        Row(
            "cloudfoundry",
            kind,
            fault.name,
            _pages_of_plans(fault),
            says=_in_time(fault),
            hangs=fault.name == "endless",
        )
        for fault in LIST_FAULTS
        for kind in [
            {
                "endless": "endless pages",
                "a repeated page": "repeated page",
                "a name that never ends": "huge",
                "no total": "missing field",
                "no pagination": "missing field",
            }.get(fault.name, "shorter than its total")
        ]
    ),
    Row("cloudfoundry", "401 once", "401 once", _once_401("cloudfoundry", "/v3/"), survives=True),
    Row(
        "cloudfoundry",
        "unknown word",
        "a new type of instance",
        _in_list("/v3/service_instances", lambda: instances(type="brand-new")),
        survives=True,
    ),
    Row("uaa", "401 once", "401 once", _once_401("uaa")),
    Row(
        "uaa",
        "unknown word",
        "a new type of token",
        lambda _: lambda c: c.answer(token(token_type="new")),
        survives=True,
    ),
    Row("accounts", "401 once", "401 once", _once_401("accounts")),
    Row("accounts", "unknown word", "a new field", lambda _: lambda c: c.answer(users(brand="new")), survives=True),
    Row("accounts", "shorter than its total", "fewer users", lambda _: lambda c: c.answer(b'{"users": [null]}')),
    Row("notify", "401 once", "401 once", _once_401("notify")),
    Row("statuspage", "401 once", "401 once", _once_401("statuspage")),
    Row("statuspage", "unknown word", "an odd incident", _with_foreign_words, survives=True),
    Row(
        "statuspage",
        "endless pages",
        "ever new incidents",
        _in_lists("statuspage", lambda number: {"id": f"i{number}"}),
    ),
    Row("statuspage", "repeated page", "the same page", _in_lists("statuspage", lambda _: {"id": "i"}), survives=True),
    Row("github", "401 once", "401 once", _once_401("github")),
    Row("github", "unknown word", "an odd issue", _with_foreign_issues, survives=True),
    Row(
        "github",
        "endless pages",
        "ever new links",
        _in_lists("github", lambda n: {"number": n, "body": None}, "x?page={}"),
    ),
    Row(
        "github",
        "repeated page",
        "the same link",
        _in_lists("github", lambda _: {"number": 5, "body": None}, "x?page=2"),
    ),
]
