"""
Tells a caller by which clock remote systems answer, from the header `Date` of each answer.

Tokens and signatures hold our own time, so a system refuses them if its clock and ours differ too much.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from email.utils import parsedate_to_datetime

_listener: ContextVar[Callable[[float], None] | None] = ContextVar("_listener", default=None)
_DATE_IS_CUT_SECONDS = 1.0
"""A date has whole seconds, so the system's clock may be up to a second later than the date says."""


@contextmanager
def answers_heard(listener: Callable[[float], None]) -> Iterator[None]:
    """
    Calls the listener for each answer to this thread, until the block ends, with the seconds that our clock is ahead.

    Negative if our clock is behind; 0 if the date lies between the request and the answer.
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def note_answer(headers: Mapping[str, str], asked_at: float) -> None:
    """For clients to call with each answer; `asked_at` is the time of the request by our clock, as epoch seconds."""
    listener = _listener.get()
    if listener is None or "Age" in headers:  # a cache keeps the date of the answer that it has
        return
    try:
        answered_at = parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return
    listener(seconds_ahead(answered_at, asked_at, time.time()))


def seconds_ahead(answered_at: float, asked_at: float, arrived_at: float) -> float:
    """`answered_at` is by the system's clock, the other two by ours."""
    latest = answered_at + _DATE_IS_CUT_SECONDS
    if latest < asked_at:
        return asked_at - latest
    return min(0.0, arrived_at - answered_at)
