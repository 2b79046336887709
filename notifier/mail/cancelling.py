"""Decides whether a maintenance can be cancelled, and which mails say so."""

from fleet.errors import ConfigurationError
from ledger.mail_record import MailKey
from ledger.maintenance_key import MaintenanceKey
from ledger.records import Records
from ledger.telling import Telling
from ledger.told import recorded_tellings
from ledger.window_record import WindowState
from notifier.mail.holdings import replaced_by
from notifier.mail.plan import History, MailPlan, cancellation_plan
from notifier.mail.planning import mails_by_window
from notifier.mail.wording import Withdrawals
from notifier.maintenance import Maintenance, recorded_window, refuse_called_off


def called_off(records: Records, maintenance: Maintenance, looked_up: frozenset[MailKey] = frozenset()) -> MailPlan:
    """
    The cancellations still to be sent to those who were told, and those already sent.

    Whoever was told only of a window that was moved to this one, directly or over others, is among them. `looked_up`
    are mails for which this run has looked already.
    """
    withdrawals = Withdrawals(maintenance.region_name, maintenance.window.zone)
    mails, key = mails_by_window(records, maintenance.aws_region), maintenance.key
    replaced = {earlier: mails.get(earlier, []) for earlier in _replaced(records, maintenance)}
    history = History(key, mails.get(key, []), replaced, looked_up=looked_up)
    return cancellation_plan(history, withdrawals.cancelled)


def told_another_way(records: Records, maintenance: Maintenance) -> list[Telling]:
    """Who was told of the window, or of one that was moved to it, and not by mail."""
    windows = [*reversed(_replaced(records, maintenance)), maintenance.key]
    return [telling for key in windows for telling in recorded_tellings(records, key)]


def _replaced(records: Records, maintenance: Maintenance) -> list[MaintenanceKey]:
    windows = {window.key: window for window in records.windows(maintenance.aws_region)}
    return replaced_by(windows, [maintenance.key])


def cancellable(records: Records, maintenance: Maintenance) -> None:
    """
    Raises ConfigurationError unless the maintenance can be cancelled.

    A cancelled one can be cancelled again, so that a run that was cut short can continue.
    """
    known = recorded_window(records, maintenance)
    if known is None:
        raise ConfigurationError(
            f"this ledger knows no window on {maintenance.window.in_words} in {maintenance.region_name}:"
            " check the date, the time range and LEDGER_URL"
        )
    if known.state is not WindowState.CANCELLED:
        refuse_called_off(records, maintenance)
