"""Lets one run at a time make, change or delete incidents, and others wait for it a while."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from ledger.incidents import INCIDENT_HOLD
from ledger.ledger import Ledger
from ledger.run import AlreadyHeldError, Run
from notifier.announce.statuspage import Statuspage

_SECONDS = 60
"""Creating an incident takes some ten seconds."""


@contextmanager
def held(ledger: Ledger, command: str, operator: str, page: Statuspage) -> Iterator[Run]:
    """
    Raises AlreadyHeldError if another run is at it for longer than a minute.

    At the end it waits the second that is due, so that the next run's first request does not come too soon.
    """
    with ExitStack() as run:
        begun = _begun(run, ledger, (command, operator), page)
        run.callback(page.rest)
        yield begun


def _begun(stack: ExitStack, ledger: Ledger, whose: tuple[str, str], page: Statuspage) -> Run:
    command, operator = whose
    for seconds in range(_SECONDS + 1):
        try:
            return stack.enter_context(ledger.run(command, operator, holds=INCIDENT_HOLD))
        except AlreadyHeldError as error:
            if seconds == _SECONDS:
                raise
            if seconds == 0:
                page.said(f"waiting for run {error.run.id} of {error.run.operator} on {error.run.host}")
            page.timing.pause(1)
    raise AssertionError  # the last second has returned or raised
