"""What one check found, and what to do about it. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from fleet.program import secrecy

_ADDRESS = re.compile(r"(?<![\w.+%-])(?<!//)[\w.+%-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")
"""Of a person, such as a user name in an ARN; not the user and host within the address of a database."""


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_SET = "not_set"
    """Not set up, which is not wrong."""


@dataclass(frozen=True, slots=True)
class Check:
    check: str
    state: State
    detail: str
    remedy: str | None = None
    """None if there is nothing to do."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A check with the system that it is about, and the region if there may be several."""

    system: str
    region: str | None
    check: Check


def ok(check: str, detail: str) -> Check:
    return Check(check, State.OK, without_addresses(detail))


def warning(check: str, detail: str, remedy: str) -> Check:
    return Check(check, State.WARNING, without_addresses(detail), remedy)


def failed(check: str, detail: str, remedy: str) -> Check:
    return Check(check, State.FAILED, without_addresses(detail), remedy)


def not_set(check: str, detail: str, remedy: str | None = None) -> Check:
    return Check(check, State.NOT_SET, without_addresses(detail), remedy)


def without_secrets(placed: Placed, known: Iterable[str]) -> Placed:
    """A last resort: messages quote other systems, and settings may hold a key in the wrong place."""
    check = placed.check
    hidden = replace(check, detail=secrecy.without_secrets(check.detail, known))
    return replace(placed, check=hidden)


def is_good(checks: Iterable[Placed]) -> bool:
    return not any(placed.check.state is State.FAILED for placed in checks)


def without_addresses(text: str) -> str:
    return _ADDRESS.sub("<address>", text)


def clock_check(seconds_ahead: float, most_seconds: float, consequence: str, *, refuses: bool) -> Check:
    """
    `seconds_ahead` is of our clock before the system's; negative if ours is behind.

    Beyond `most_seconds` it fails if the system `refuses` requests then. Half of that is a warning.
    """
    off = abs(seconds_ahead)
    if off <= most_seconds / 2:
        return ok("clock", "agrees with ours" if off <= 1 else f"{off:.0f} s apart from ours, which does no harm")
    direction = "ahead" if seconds_ahead > 0 else "behind"
    judged = failed if refuses and off > most_seconds else warning
    return judged(
        "clock",
        f"this machine's clock is {off:.0f} s {direction}; {consequence}",
        "set this machine's clock by NTP, such as with `timedatectl set-ntp true`",
    )
