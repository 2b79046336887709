"""
Who was told of a window about which instances: the one meaning of "told" that all commands share. Pure.

An instance was told of if somebody in its org got a mail about it that did not fail for good, or was told another way.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

from ledger.correspondence import correspondence
from ledger.mail_record import MailRecord
from ledger.telling import Telling


class Instance(Protocol):
    """A service instance, as far as somebody can be told of it."""

    @property
    def guid(self) -> str: ...

    @property
    def org_guid(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody in the org was told about these instances."""

    org_guid: str
    instance_guids: Collection[str]
    at: datetime


@dataclass(frozen=True)
class Told:
    notices: tuple[Notice, ...] = ()

    def has_org(self, org_guid: str) -> bool:
        return org_guid in self._last_told

    def has_instance(self, instance: Instance) -> bool:
        return self.last_told(instance) is not None

    def last_told(self, instance: Instance) -> datetime | None:
        return self._last_told.get(instance.org_guid, {}).get(instance.guid)

    @cached_property
    def _last_told(self) -> Mapping[str, Mapping[str, datetime]]:
        """By org, then by instance."""
        found: dict[str, dict[str, datetime]] = {}
        for notice in sorted(self.notices, key=lambda notice: notice.at):
            found.setdefault(notice.org_guid, {}).update(dict.fromkeys(notice.instance_guids, notice.at))
        return found


def who_was_told(mails: Iterable[MailRecord], tellings: Iterable[Telling]) -> Told:
    """`mails` and `tellings` are those of one window and region."""
    last = [(person.last, person.is_told_of_it) for person in correspondence(mails).values()]
    by_mail = [
        Notice(mail.key.org_guid, mail.instance_guids, mail.sent_at or mail.attempted_at)
        for mail, is_told_of_it in last
        if mail is not None and is_told_of_it
    ]
    return Told((*by_mail, *(Notice(t.org_guid, t.instance_guids, t.at) for t in tellings if t.instance_guids)))


def was_told_another_way(org_guid: str, instance_guids: Collection[str], tellings: Iterable[Telling]) -> bool:
    """True if the org was told another way about every one of these instances."""
    about = {guid for telling in tellings if telling.org_guid == org_guid for guid in telling.instance_guids}
    return bool(instance_guids) and about.issuperset(instance_guids)


def was_told_off(org_guid: str, tellings: Iterable[Telling]) -> bool:
    """True if the org was told another way that none of its instances is updated in the window."""
    return any(telling.org_guid == org_guid and not telling.instance_guids for telling in tellings)


def still_says(mail: MailRecord, waiting: Collection[str], deferred: Collection[str]) -> bool:
    """
    True if a mail named just the instances that are to be updated now.

    `waiting` are the org's instances for which updates wait, and `deferred` those that the window leaves alone. Whoever
    asked to wait after the mail knows it, so what is deferred now may be named or not.
    """
    return set(mail.instance_guids) - set(deferred) == set(waiting) - set(deferred)
