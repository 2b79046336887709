"""Decides whether a maintenance can be cancelled, and which mails say so."""

from fleet.errors import ConfigurationError
from ledger.records import Records
from ledger.window_record import WindowState
from notifier.mail.plan import MailPlan, cancellation_plan
from notifier.mail.wording import Withdrawals
from notifier.maintenance import Maintenance, recorded_window, refuse_called_off


def called_off(records: Records, maintenance: Maintenance) -> MailPlan:
    """The cancellations still to be sent to those who were told, and those already sent."""
    withdrawals = Withdrawals(maintenance.region_name, maintenance.window.zone)
    return cancellation_plan(records.records(maintenance.key), withdrawals.cancelled)


def cancellable(records: Records, maintenance: Maintenance) -> None:
    """
    Raises ConfigurationError unless the maintenance can be cancelled.

    A cancelled one can be cancelled again, so that a run that was cut short can continue.
    """
    known = recorded_window(records, maintenance)
    if known is None:
        raise ConfigurationError(
            f"cancel: this ledger knows no window on {maintenance.window.in_words} in {maintenance.region_name}:"
            " check the date, the time range and LEDGER_URL"
        )
    if known.state is not WindowState.CANCELLED:
        refuse_called_off(records, maintenance)
