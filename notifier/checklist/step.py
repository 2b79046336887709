"""One step of the checklist. No address of anybody is in it, whatever people wrote. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

_AT = "[@\uff20\ufe6b]"
"""Also as it is written full-width and small."""
_ADDRESS = re.compile(rf"(?:(?!{_AT})[^\s<>()\[\]\"',;:])+{_AT}(?:[\w-]+\.)+[\w-]+")
_HIDDEN = "(an address)"


class State(StrEnum):
    OPEN = "open"
    """Still to do, or not to be known yet."""
    DONE = "done"
    PARTLY = "partly"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Item:
    """One instance, org, deferral or warning that a step names."""

    name: str
    text: str
    at: datetime | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    state: State
    detail: str
    at: datetime | None = None
    """When it came to that, as far as the ledger knows."""
    by: str | None = None
    items: tuple[Item, ...] = ()


def without_addresses(step: Step, known: Iterable[str]) -> Step:
    """`known` are people's addresses in the ledger; whatever else looks like one is left out too."""
    hidden = _Hidden(known)
    items = tuple(
        replace(item, name=hidden.in_text(item.name), text=hidden.in_text(item.text), by=hidden.of_person(item.by))
        for item in step.items
    )
    return replace(step, detail=hidden.in_text(step.detail), by=hidden.of_person(step.by), items=items)


class _Hidden:
    def __init__(self, known: Iterable[str]) -> None:
        longest_first = sorted({address for address in known if address}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if longest_first else None

    def in_text(self, text: str) -> str:
        known_hidden = self._known.sub(_HIDDEN, text) if self._known else text
        return _ADDRESS.sub(_HIDDEN, known_hidden)

    def of_person(self, name: str | None) -> str | None:
        """Colleagues know each other by what stands before the @."""
        if name is None:
            return None
        return self.in_text(_ADDRESS.sub(lambda match: re.split(_AT, match[0])[0], name))
