"""
How long the programs wait for remote systems, in one place.

The limits fit into each other: a request, the call that may repeat it, the survey that makes many calls. Tests use
shorter ones, by `with_patience`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    connect_seconds: float = 5.0
    read_seconds: float = 20.0
    """For the next byte of an answer of Cloud Foundry, UAA, PaaS Accounts or Notify."""
    aws_read_seconds: float = 10.0
    aws_answer_seconds: float = 20.0
    """From a request to AWS to the last byte of its answer: for `aws_read_seconds`, each byte begins anew."""
    acting_seconds: float = 30.0
    """For a change at AWS: a list can be asked for again, but the answer to a change can only be waited for."""
    call_seconds: float = 45.0
    """For one call with all its requests and pauses, so that a system that fails is said to within a minute."""
    overdue_seconds: float = 50.0
    """After this, a survey that is still under way is said to be overdue, though it may yet succeed. Longer than
    one call, whose failure is then the only thing that is said."""
    survey_seconds: float = 300.0
    """For everything that a survey asks. The longest list of 20,000 instances takes a minute, at 0.3 s for a page."""
    notify_silence_seconds: float = 10.0
    """If Notify gives no clear answer to anything for so long, the run ends, and can be continued."""
    notify_slowness_seconds: float = 600.0
    """If Notify refuses mails as too fast for so long, likewise."""
    pause_factor: float = 1.0
    """Multiplies our own pauses between requests, but not those that a system asks for."""


_in_use = Patience()


def patience() -> Patience:
    """The limits in use. Clients for AWS keep those that they were made with."""
    return _in_use


def pause(seconds: float) -> None:
    """One of our own pauses between requests."""
    time.sleep(seconds * patience().pause_factor)


@contextmanager
def with_patience(shorter: Patience) -> Iterator[None]:
    """Uses these limits, in all threads, until the block ends. For tests."""
    global _in_use  # noqa: PLW0603 — one for the whole process
    before, _in_use = _in_use, shorter
    try:
        yield
    finally:
        _in_use = before
