"""Decides whether a maintenance can be cancelled, and which mails say so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fleet.errors import ConfigurationError
from ledger.ledger import Ledger
from ledger.mail_record import MailKey
from ledger.maintenance_key import MaintenanceKey
from ledger.records import Records
from ledger.telling import Telling
from ledger.told import add_telling, recorded_tellings
from ledger.window_record import WindowState
from notifier.mail.holdings import replaced_by
from notifier.mail.plan import History, MailPlan, cancellation_plan
from notifier.mail.planning import mails_by_window
from notifier.mail.writer import Withdrawals
from notifier.maintenance import Maintenance, in_recorded_words, recorded_window, refuse_called_off


def as_told(records: Records, maintenance: Maintenance) -> Maintenance:
    """In the words in which people were told of it: nobody is asked for the platform's."""
    return in_recorded_words(records, maintenance)


def called_off(records: Records, maintenance: Maintenance, looked_up: frozenset[MailKey] = frozenset()) -> MailPlan:
    """
    The cancellations still to be sent to those who were told, and those already sent.

    Whoever was told only of a window that was moved to this one, directly or over others, is among them. `looked_up`
    are mails for which this run has looked already.
    """
    withdrawals = Withdrawals(maintenance)
    mails, key = mails_by_window(records, maintenance.aws_region), maintenance.key
    replaced = {earlier: mails.get(earlier, []) for earlier in _replaced(records, maintenance)}
    history = History(key, mails.get(key, []), replaced)
    return cancellation_plan(history, withdrawals.cancelled, looked_up)


@dataclass(frozen=True)
class ToldOrgs:
    """The orgs that were told of a window, or of one that was moved to it."""

    tellings: tuple[Telling, ...]
    """Those that were told another way than by mail."""
    names: Mapping[str, str]
    """By guid, as the mails have them; the guid itself where there was none."""


def told_orgs(records: Records, maintenance: Maintenance) -> ToldOrgs:
    windows = [*reversed(_replaced(records, maintenance)), maintenance.key]
    mails = mails_by_window(records, maintenance.aws_region)
    tellings = tuple(telling for key in windows for telling in recorded_tellings(records, key))
    names = {telling.org_guid: telling.org_guid for telling in tellings}
    names |= {mail.key.org_guid: mail.org_name for key in windows for mail in mails.get(key, [])}
    return ToldOrgs(tellings, names)


def record_told_off(
    ledger: Ledger, maintenance: Maintenance, org_guids: Iterable[str], how: str, operator: str
) -> None:
    """Records that the operator told these orgs that the window does not take place."""
    for org_guid in org_guids:
        add_telling(ledger, Telling(0, maintenance.key, org_guid, (), how, datetime.now(UTC), operator))


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
