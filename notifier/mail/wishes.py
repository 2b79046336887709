"""What the operator asks of a run that sends mails. Loads no plan, because options make it."""

from dataclasses import dataclass

from ledger.mail_record import MailKey


@dataclass(frozen=True)
class Wishes:
    """What the operator asked for, apart from telling those who were not told yet, and what was done for it before."""

    sends_corrections: bool = False
    resends_failed: bool = False
    """Write again to people whose mail Notify could not deliver for now."""
    looked_up: frozenset[MailKey] = frozenset()
    """The mails for which this run has looked already: nobody waits for their outcome any longer."""
