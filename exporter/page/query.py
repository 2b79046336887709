"""Reads a request's query. What cannot be meant is refused in one line, never ignored. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import TypeVar
from urllib.parse import parse_qsl

from exporter.page.view import Order, Show, View
from fleet.printable import one_line

Value = TypeVar("Value")

_SEVERAL = ("region", "org", "update", "severity", "type")
_ONE = ("ha", "text", "show", "sort", "page", "date", "hours")
SEVERITIES = ("critical", "important", "medium", "low")
TYPES = ("security-update", "engine-update", "engine-major-version-update")
_OF_GRAFANA = "var-"
_ALL_OF_GRAFANA = ("All", "$__all", ".*")
"""What a dashboard's variable is where everything is chosen: no filter. Its other variables are not the page's."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
"""A terminal obeys them, so that a link could bring keystrokes to whoever copies from the page."""
_FREE = ("org", "update", "text")
"""The others have to be one of a list of words."""
_LONGEST_VALUE = 300
_MOST_VALUES = 50
_MOST_PAGES = 1_000_000
_YEARS = range(2000, 2200)
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HOURS = re.compile(r"(\d{2}):?(\d{2})\s*[-–]\s*(\d{2}):?(\d{2})", re.ASCII)


class QueryError(Exception):
    """One line that names the parameter, its value and what would do."""


@dataclass(frozen=True, slots=True)
class KnownWords:
    """What is there to be asked for."""

    regions: Mapping[str, str]
    """The regions' names by AWS's codes."""
    severities: Iterable[str] = ()
    """Those that AWS uses at the moment; the usual ones are known anyway, as are the usual types."""
    types: Iterable[str] = ()
    has_org: Callable[[str], bool] = lambda _: False
    """Whether an org has this name or guid now."""


def view_of(query: str, known: KnownWords) -> View:
    """The view that a query asks for. Raises QueryError."""
    given = _given(query, known)
    order, is_descending = _order(given)
    return View(
        regions=_regions(given.get("region", []), known.regions),
        orgs=tuple(given.get("org", [])),
        updates=tuple(given.get("update", [])),
        severities=_words("severity", given, (*SEVERITIES, *known.severities)),
        types=_words("type", given, (*TYPES, *known.types)),
        is_highly_available=_one("ha", given, None, lambda text: {"yes": True, "no": False}[text], "yes or no"),
        text=_one("text", given, "", str, "a text"),
        show=_one("show", given, Show.WAITING, Show, _listed(Show)),
        order=order,
        is_descending=is_descending,
        page=_one("page", given, None, _page, "a whole number from 1"),
        window_date=_one("date", given, None, _day, "a day such as 2026-06-16"),
        window_hours=_one("hours", given, "", _hours, "a time range of one day, such as 0900-1100"),
    )


def _given(query: str, known: KnownWords) -> dict[str, list[str]]:
    """Without empty values, which forms send for what was left open, and in our own spelling."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=_MOST_VALUES)
    except ValueError:
        raise QueryError(f"there are more than {_MOST_VALUES} parameters: give fewer") from None
    given: dict[str, list[str]] = {}
    for spelling, value in pairs:
        name = spelling.removeprefix(_OF_GRAFANA)
        if spelling.startswith(_OF_GRAFANA) and (name not in _SEVERAL or value in _ALL_OF_GRAFANA):
            continue
        if name not in _SEVERAL and name not in _ONE:
            raise QueryError(f"{_shown(name)}: no such parameter; there are {', '.join((*_SEVERAL, *_ONE))}")
        if len(value) > _LONGEST_VALUE:
            raise QueryError(f"{name}: it has {len(value)} characters; {_LONGEST_VALUE} are the most")
        if name in _FREE and _CONTROL.search(value) and not (name == "org" and known.has_org(value)):
            raise _refusal(name, value, "a text without control characters")
        if value and value not in given.setdefault(name, []):
            given[name].append(value)
    return given


def _regions(texts: Iterable[str], known: Mapping[str, str]) -> tuple[str, ...]:
    found: list[str] = []
    for text in texts:
        code = next((code for code, name in known.items() if text.lower() in (code.lower(), name.lower())), None)
        if code is None:
            there_are = ", ".join(code if code == name else f"{code} ({name})" for code, name in known.items())
            raise _refusal("region", text, there_are)
        found.append(code)
    return tuple(dict.fromkeys(found))


def _words(name: str, given: Mapping[str, list[str]], known: Iterable[str]) -> tuple[str, ...]:
    words = {word.lower(): word for word in known if word}
    for text in given.get(name, []):
        if text.lower() not in words:
            raise _refusal(name, text, ", ".join(words.values()))
    return tuple(dict.fromkeys(words[text.lower()] for text in given.get(name, [])))


def _order(given: Mapping[str, list[str]]) -> tuple[Order, bool]:
    text = _one("sort", given, "", str, "")
    try:
        return (Order(text.removeprefix("-")), text.startswith("-")) if text else (Order.URGENCY, False)
    except ValueError:
        raise _refusal("sort", text, f"{_listed(Order)}, or one of them after a minus sign") from None


def _one(
    name: str, given: Mapping[str, list[str]], absent: Value, read: Callable[[str], Value], accepted: str
) -> Value:
    texts = given.get(name, [])
    if len(texts) > 1:
        raise QueryError(f"{name} is given twice, as {' and '.join(_shown(text) for text in texts[:2])}: choose one")
    try:
        return read(texts[0]) if texts else absent
    except (ValueError, KeyError):
        raise _refusal(name, texts[0], accepted) from None


def _page(text: str) -> int | None:
    if not re.fullmatch("[0-9]{1,7}", text) or not 1 <= int(text) <= _MOST_PAGES:
        raise ValueError(text)
    return int(text)


def _day(text: str) -> date | None:
    if not _DAY.fullmatch(text.strip()):
        raise ValueError(text)
    day = date.fromisoformat(text.strip())
    if day.year not in _YEARS:
        raise ValueError(text)
    return day


def _hours(text: str) -> str:
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    first, last = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    if last <= first:
        raise ValueError(text)
    return f"{first:%H%M}-{last:%H%M}"


def _refusal(name: str, text: str, accepted: str) -> QueryError:
    return QueryError(f"{name}={_shown(text)}: it has to be {accepted}")


def _shown(text: str) -> str:
    return f"'{one_line(text, 60)}'"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
