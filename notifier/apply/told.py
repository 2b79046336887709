"""Who was told of a window, about which instances. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from fleet.inventory import ServiceInstance
from ledger.mail_record import Kind, MailRecord, State

_FAILED_FOR_GOOD = "permanent-failure"


@dataclass(frozen=True, slots=True)
class Telling:
    """Somebody in the org was told, by a mail that did not fail for good or another way."""

    org_guid: str
    instance_guids: frozenset[str]
    at: datetime


@dataclass(frozen=True)
class Told:
    tellings: tuple[Telling, ...] = ()

    def has_org(self, org_guid: str) -> bool:
        return org_guid in self._last_told

    def has_instance(self, instance: ServiceInstance) -> bool:
        return instance.guid in self._last_told.get(instance.org_guid, {})

    def last_told(self, instance: ServiceInstance) -> datetime | None:
        return self._last_told.get(instance.org_guid, {}).get(instance.guid)

    def announced_groups(self, instances: Iterable[ServiceInstance]) -> frozenset[str]:
        return frozenset(i.replication_group_id for i in instances if self.has_instance(i))

    @cached_property
    def _last_told(self) -> Mapping[str, Mapping[str, datetime]]:
        """By org, then by instance."""
        found: dict[str, dict[str, datetime]] = {}
        for telling in sorted(self.tellings, key=lambda telling: telling.at):
            found.setdefault(telling.org_guid, {}).update(dict.fromkeys(telling.instance_guids, telling.at))
        return found


def told_by_mails(records: Iterable[MailRecord]) -> list[Telling]:
    """The last mail that each person got; one that failed for good told nobody, nor does that of a cancellation."""
    latest: dict[tuple[str, str], MailRecord] = {}
    for record in sorted(records, key=lambda record: record.key.revision):
        if record.state is State.SENT and record.key.kind is not Kind.CANCELLED:
            latest[record.key.org_guid, record.key.address] = record
    return [
        Telling(record.key.org_guid, frozenset(record.instance_guids), record.sent_at or record.attempted_at)
        for record in latest.values()
        if record.delivery_status != _FAILED_FOR_GOOD
    ]
