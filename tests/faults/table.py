"""
The one table of faults: every remote system × everything that can go wrong with it, and what must hold then.

The tests beside it run every row, and `docs/reliability.md` is written from it. A new system is a name in
`platform.SYSTEMS` with its good answers there, and its own faults in OWN_FAULTS here: those that can be told from a good
answer only by who knows the system.
"""

import itertools
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from tests.faults.faulty_server import Behaviour, Conversation
from tests.faults.list_faults import LIST_FAULTS, ListFault
from tests.faults.platform import (
    SYSTEMS,
    Platform,
    group,
    groups_page,
    instances,
    operation_of,
    path_of,
    service_update,
    token,
    users,
    xml,
)
from tests.faults.remote_faults import FAULTS, Fault

KINDS = {
    "refused": "The port is closed.",
    "reset": "The connection is reset, or closed without a word.",
    "hang before the body": "Nothing comes after the request.",
    "hang in the body": "The answer stops half-way.",
    "drip": "A byte now and then, for ever: in the status line, a header, the body.",
    "400": "",
    "401 always": "Whatever is asked.",
    "401 once": "The next request is answered well.",
    "403": "",
    "404": "",
    "other refusal": "A status that nobody documents.",
    "429": "Without `Retry-After`.",
    "429 with `Retry-After`": "Of every kind: seconds, an hour, infinite, negative, a date in 2099, words, a Unix time.",
    "500": "",
    "503": "With HTML.",
    "redirect": "To another host, with and without a body.",
    "HTML": "With status 200.",
    "empty": "Status 200 or another success, without a body.",
    "truncated": "Fewer bytes than promised, or chunks cut off.",
    "wrong type": "A number for a text, a list for an object, a word for a date.",
    "missing field": "",
    "unknown word": "A status or a field that is not documented yet.",
    "not text": "Not UTF-8, half a character, a number of thousands of digits.",
    "huge": "More than we hold in memory, also in headers.",
    "compressed bomb": "0.4 MB that inflate to 400 MB, and other encodings that nobody asked for.",
    "deep": "Nested 200,000 times.",
    "not HTTP": "Another protocol, or headers that contradict each other.",
    "endless pages": "Each page names another one.",
    "repeated page": "A page comes again, or names itself as the next.",
    "shorter than its total": "A list with fewer rows than it says it has, or one that changes while it is read.",
}
_KINDS_BY_NAME = {
    "reset": "reset",
    "closed without a word": "reset",
    "hangs before the answer": "hang before the body",
    "hangs in the body": "hang in the body",
    "status 400 Bad Request": "400",
    "status 401 Unauthorized": "401 always",
    "status 403 Forbidden": "403",
    "status 404 Not Found": "404",
    "status 418 Teapot": "other refusal",
    "429, Retry-After absent": "429",
    "500": "500",
    "503, HTML": "503",
    "HTML": "HTML",
    "empty": "empty",
    "204": "empty",
    "wrong type": "wrong type",
    "a number for a text": "wrong type",
    "missing field": "missing field",
    "huge": "huge",
    "a header without end": "huge",
    "a thousand headers": "huge",
    "deep": "deep",
    "deep in an error": "deep",
}
_KINDS_BY_WORD = {
    "drips": "drip",
    "100 Continue": "drip",
    "429": "429 with `Retry-After`",
    "redirects": "redirect",
    "truncated": "truncated",
    "a chunk of no size": "truncated",
    "half of its gzip": "truncated",
    "bomb": "compressed bomb",
    "gzip": "compressed bomb",
    "encoding": "compressed bomb",
    "5,000 digits": "not text",
    "UTF-8": "not text",
    "half a character": "not text",
    "two lengths": "not HTTP",
    "not HTTP": "not HTTP",
    "protocols": "not HTTP",
}


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


def _kind_of(fault: Fault) -> str:
    if fault.name in _KINDS_BY_NAME:
        return _KINDS_BY_NAME[fault.name]
    return next(kind for word, kind in _KINDS_BY_WORD.items() if word in fault.name)


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
    Row("github", "endless pages", "ever new links", _in_lists("github", lambda n: {"number": n}, "x?page={}")),
    Row("github", "repeated page", "the same link", _in_lists("github", lambda _: {"number": 5}, "x?page=2")),
]


def rows() -> Iterator[Row]:
    for system in SYSTEMS:
        yield Row(system, "refused", "refused", None)
        for fault in FAULTS:
            yield Row(
                system,
                _kind_of(fault),
                fault.name,
                lambda _, fault=fault: fault.behaviour,  # type: ignore[misc] # its own fault
                hangs=fault.hangs,
                asks_for_pause=fault.asks_for_pause,
                says=fault.says,
            )
    yield from OWN_FAULTS


TABLE = tuple(sorted(rows(), key=lambda row: (SYSTEMS.index(row.system), list(KINDS).index(row.kind))))
FIRST_OF_KIND = tuple({(row.system, row.kind): row for row in reversed(TABLE)}.values())
A_FEW_KINDS = ("refused", "hang before the body", "401 always", "500", "HTML", "deep", "endless pages", "unknown word")
"""One of each way in which a client can find out that something is wrong, or go on all the same."""
AT_EVERY_MOMENT_KINDS = ("hang before the body", "401 always", "HTML")
"""No answer, a refusal, and an answer that is none: what strikes where striking takes long."""
TO_A_CHANGE_KINDS = (
    *A_FEW_KINDS,
    "reset",
    "401 once",
    "400",
    "403",
    "404",
    "429",
    "503",
    "truncated",
    "hang in the body",
)
"""And those that leave open whether a change was made, such as a mail accepted, or refuse this one, or all."""
LEAVE_OPEN_KINDS = ("reset", "hang before the body", "hang in the body", "500", "503", "HTML", "truncated", "deep")
"""After which a change may have been made."""
CLIENTS = ("accounts", "notify", "statuspage", "github")
_ASKED_BY_SURVEYS = ("elasticache", "cloudfoundry", "uaa")
_STRIKING_SURVEYS = [row for row in FIRST_OF_KIND if row.system in (*_ASKED_BY_SURVEYS, "sts")]


def _of(system: str, kinds: Collection[str]) -> list[Row]:
    return [row for row in FIRST_OF_KIND if row.system == system and row.kind in kinds]


_IN_EARNEST = ("500", "hang before the body")
RUNS = {
    "exporter": [row for row in TABLE if row.system in _ASKED_BY_SURVEYS]
    + [row for row in FIRST_OF_KIND if row.system == "sts"],  # its answers are read as those of ElastiCache
    "exporter --once": [
        row
        for row in FIRST_OF_KIND
        if row.system in ("elasticache", "cloudfoundry") and row.kind in ("500", "endless pages", "unknown word")
    ],
    "client": [row for row in TABLE if row.system in CLIENTS and row not in OWN_FAULTS],
    "print": [row for row in (*_STRIKING_SURVEYS, *_of("accounts", A_FEW_KINDS)) if row.kind in A_FEW_KINDS]
    + [row for row in OWN_FAULTS if row.system == "accounts" and row.kind != "unknown word"],
    "email": [row for row in (*_STRIKING_SURVEYS, *_of("accounts", _IN_EARNEST)) if row.kind in _IN_EARNEST]
    + _of("notify", TO_A_CHANGE_KINDS),
    "status": _of("notify", A_FEW_KINDS),
    "told": [row for row in _STRIKING_SURVEYS if row.kind in _IN_EARNEST],
    "defer add": [row for row in _STRIKING_SURVEYS if row.kind in _IN_EARNEST],
    "apply": _of("elasticache", [*AT_EVERY_MOMENT_KINDS, "reset", "500"])
    + [
        row for row in _STRIKING_SURVEYS if row.system != "elasticache" and row.kind in ("HTML", "hang before the body")
    ],
    "schedule": [*_of("statuspage", TO_A_CHANGE_KINDS), *_of("statuspage", ["repeated page"])],
    "cancel": [*_of("notify", A_FEW_KINDS), *_of("statuspage", [*AT_EVERY_MOMENT_KINDS, "refused", "500"])],
    "checklist": [row for row in _STRIKING_SURVEYS if row.kind in _IN_EARNEST],
    "checklist --post": [*_of("github", TO_A_CHANGE_KINDS), *_of("github", ["repeated page"])],
    "doctor": [row for system in SYSTEMS for row in _of(system, AT_EVERY_MOMENT_KINDS)],
}
"""
What is run with which rows. The exporter surveys in this process, and is struck by all of them; the notifier takes the
same surveys, so that its commands, which take longer, are struck by a few. `client` is the notifier's own clients alone.
"""
