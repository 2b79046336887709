"""Reads from the ledger which mails of a maintenance were sent and which windows it replaces, and plans the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fleet.errors import ConfigurationError
from ledger.correspondence import correspondence
from ledger.deferral import Deferral
from ledger.incidents import incident_records
from ledger.mail_record import MailRecord
from ledger.maintenance_key import MaintenanceKey
from ledger.records import Records
from ledger.telling import Telling
from ledger.told import recorded_tellings
from ledger.window_facts import window_facts
from ledger.window_record import WindowRecord, WindowState, window_named
from notifier.audience import Audience, Recipient
from notifier.mail.holdings import replaced_by
from notifier.mail.plan import History, MailPlan, mail_plan
from notifier.mail.standing import Waiting
from notifier.mail.wishes import Wishes
from notifier.mail.writer import MailWriter
from notifier.maintenance import Maintenance, refuse_called_off, refuse_other_tenants
from notifier.window import MaintenanceWindow, window_of_key


@dataclass(frozen=True)
class OtherWindow:
    """Somebody who is about to be told about this window, but still has a mail about another one that is not over."""

    recipient: Recipient
    window: MaintenanceWindow


@dataclass(frozen=True)
class Planned:
    plan: MailPlan
    history: History
    hold_other_windows: tuple[OtherWindow, ...] = ()
    tellings: Sequence[Telling] = ()
    """Who was told of the window another way."""
    deferred: Mapping[str, Deferral] = field(default_factory=dict)
    """By the guid of each affected instance that is in no mail, the deferral that counts."""
    asked_to_wait: Sequence[Deferral] = ()
    """All that ask to be left out of the window."""
    moved_here: tuple[MaintenanceKey, ...] = ()
    """Of the windows that this one replaces, those that move to it directly."""
    still_announced: tuple[MaintenanceWindow, ...] = ()
    """Windows that this one replaces and that the status page still shows, until `schedule` is run for this one."""


def planned(records: Records, audience: Audience, writer: MailWriter, wishes: Wishes, now: datetime) -> Planned:
    """
    Leaves out of the mails what is deferred.

    Raises ConfigurationError if the window, or the window that it replaces, was moved or cancelled, or if orgs from
    elsewhere were told of one of them.
    """
    maintenance = writer.maintenance
    facts = window_facts(records, maintenance.key)
    deferred = facts.deferred(audience.instances)
    to_tell = audience.without(deferred)
    recipients = to_tell.recipients
    windows = {window.key: window for window in records.windows(maintenance.aws_region)}
    refuse_called_off(records, maintenance)
    by_window = mails_by_window(records, maintenance.aws_region)
    named = [] if maintenance.replaces is None else [_replaceable(maintenance.replaces, maintenance, windows)]
    replaced = [*named, *replaced_by(windows, [maintenance.key, *named])]
    if audience.tenants is not None:
        refuse_other_tenants(records, [maintenance.key, *replaced], audience.tenants)
    history = History(
        maintenance.key,
        by_window.get(maintenance.key, []),
        {key: by_window.get(key, []) for key in replaced},
        {key: {telling.org_guid for telling in recorded_tellings(records, key)} for key in replaced},
        frozenset(deferred),
        Waiting(audience.waiting, {*audience.unclaimed, *(i.guid for i in to_tell.instances)}),
    )
    plan = mail_plan(recipients, history, writer.writers, wishes)
    due = {(task.intent.key.org_guid, task.intent.key.address) for task in plan.tasks if task.message is not None}
    others = {
        window_of_key(key.window_key, maintenance.window.zone): mails
        for key, mails in by_window.items()
        if key != maintenance.key and key not in replaced and _takes_place(windows.get(key))
    }
    holding = [
        OtherWindow(recipient, window)
        for window, mails in others.items()
        if window.ends_at > now
        for recipient in _holders(recipients, mails)
        if (recipient.org.guid, recipient.address) in due
    ]
    on_the_page = {record.key for record in incident_records(records, maintenance.aws_region) if record.is_on_the_page}
    announced = tuple(
        window_of_key(k.window_key, maintenance.window.zone) for k in history.replaced if k in on_the_page
    )
    here = [key for key in replaced if key in named or windows[key].moved_to == maintenance.window.key]
    return Planned(plan, history, tuple(holding), facts.tellings, deferred, facts.in_force, tuple(here), announced)


def mails_by_window(records: Records, aws_region: str) -> dict[MaintenanceKey, list[MailRecord]]:
    found: dict[MaintenanceKey, list[MailRecord]] = {}
    for record in records.records_of_region(aws_region):
        found.setdefault(MaintenanceKey(record.key.window_key, record.key.aws_region), []).append(record)
    return found


def _replaceable(
    replaces: MaintenanceWindow, maintenance: Maintenance, windows: Mapping[MaintenanceKey, WindowRecord]
) -> MaintenanceKey:
    key = MaintenanceKey(replaces.key, maintenance.aws_region)
    known = windows.get(key)
    flag = "--replaces-window-date"
    if known is None:
        raise ConfigurationError(
            f"{flag}: nobody was told of a window on {replaces.in_words} in {maintenance.region_name}; leave it out"
        )
    if known.moved_to is not None and known.moved_to != maintenance.window.key:
        named = window_named(key, windows.values()) or known
        later = window_of_key(named.moved_to or known.moved_to, maintenance.window.zone)
        raise ConfigurationError(f"{flag}: that window was moved already, to {later.in_words}; give that one")
    if known.state is WindowState.CANCELLED:
        raise ConfigurationError(f"{flag}: that window was cancelled, and who was told of it knows; leave it out")
    return key


def _takes_place(window: WindowRecord | None) -> bool:
    return window is None or window.state is WindowState.KNOWN


def _holders(recipients: Sequence[Recipient], mails: Sequence[MailRecord]) -> list[Recipient]:
    """Those who expect the window, or may do so."""
    known = correspondence(mails)
    return [
        recipient
        for recipient in recipients
        if (found := known.get((recipient.org.guid, recipient.address))) is not None
        and (found.expects_it or found.in_doubt is not None)
    ]
