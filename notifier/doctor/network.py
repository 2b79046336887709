"""Examines what the libraries read by themselves: proxies and certificates, and the window's own options."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from fleet.errors import ConfigurationError
from notifier.doctor.checks import Check, failed, not_set, ok, warning


class Window(Protocol):
    @property
    def in_words(self) -> str: ...
    @property
    def ends_at(self) -> datetime: ...


def network_steps(check: Callable[[], None], names: Sequence[str]) -> Iterator[str | Check]:
    """`names` are the variables that are set."""
    yield "settings"
    try:
        check()
    except ConfigurationError as error:
        yield failed("settings", str(error), "correct or unset this variable")
        return
    if names:
        yield ok("settings", f"{', '.join(names)} can be used")
    else:
        yield not_set("settings", "no proxy, and no certificates of your own")


def time_zone_steps(check: Callable[[], None]) -> Iterator[str | Check]:
    """Says nothing where there is nothing wrong: the window is shown with its time zone."""
    yield "time zone"
    try:
        check()
    except ConfigurationError as error:
        yield failed("time zone", str(error), "correct or unset TIME_ZONE, or --time-zone")


def window_steps(window: Window, now: datetime) -> Iterator[str | Check]:
    if window.ends_at <= now:
        yield warning("window", f"{window.in_words} is over", "choose another window")
    else:
        yield ok("window", window.in_words)
