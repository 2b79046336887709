"""Lets one run at a time make, move or delete the incidents of a region, and others wait for it a while."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from ledger.incidents import incident_hold
from ledger.ledger import Ledger
from ledger.run import AlreadyHeldError, Run
from notifier.announce.statuspage import Statuspage

_SECONDS = 60
"""Creating an incident takes some ten seconds."""


@contextmanager
def held(ledger: Ledger, command: str, operator: str, aws_region: str, page: Statuspage) -> Iterator[Run]:
    """Raises AlreadyHeldError if another run is at it for longer than a minute."""
    with ExitStack() as run:
        yield _begun(run, ledger, (command, operator, aws_region), page)


def _begun(stack: ExitStack, ledger: Ledger, whose: tuple[str, str, str], page: Statuspage) -> Run:
    command, operator, aws_region = whose
    for seconds in range(_SECONDS + 1):
        try:
            return stack.enter_context(ledger.run(command, operator, holds=incident_hold(aws_region)))
        except AlreadyHeldError as error:
            if seconds == _SECONDS:
                raise
            if seconds == 0:
                page.said(f"waiting for run {error.run.id} of {error.run.operator} on {error.run.host}")
            page.timing.pause(1)
    raise AssertionError  # the last second has returned or raised
