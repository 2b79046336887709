"""The report of `status`, for people and for programs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from fleet.program.text import json_text, text_of_lines
from ledger.mail_fate import NEEDS_ANOTHER_WAY, Fate, fate, latest_each
from ledger.mail_record import MailRecord
from notifier.maintenance import Maintenance
from notifier.reports.affected_document import VERSION, Document, region_document, window_document


@dataclass(frozen=True)
class StatusReport:
    maintenance: Maintenance
    records: Sequence[MailRecord]
    """The last mail to each recipient."""
    now: datetime

    @classmethod
    def of(cls, maintenance: Maintenance, records: Sequence[MailRecord], now: datetime) -> Self:
        """`records` are all of the maintenance's mails."""
        return cls(maintenance, latest_each(records), now)

    @property
    def fates(self) -> list[tuple[MailRecord, Fate]]:
        return [(record, fate(record, self.now)) for record in self.records]

    @property
    def counts(self) -> Counter[Fate]:
        return Counter(found for _, found in self.fates)

    @property
    def is_settled(self) -> bool:
        return not self.counts[Fate.STILL_SENDING]

    @property
    def is_good(self) -> bool:
        """True if every mail has been delivered, may have been delivered, or may still be delivered."""
        return bool(self.records) and not self.counts.keys() - {Fate.DELIVERED, Fate.STILL_SENDING, Fate.ACCEPTED}


def status_json(report: StatusReport) -> str:
    return json_text(status_document(report))


def status_document(report: StatusReport) -> Document:
    return {
        "version": VERSION,
        "region": region_document(report.maintenance.region_name, report.maintenance.aws_region),
        "window": window_document(report.maintenance.window),
        "summary": {found.value.replace(" ", "_"): report.counts[found] for found in Fate},
        "mails": [
            {
                "org_guid": record.key.org_guid,
                "org_name": record.org_name,
                "address": record.key.address,
                "revision": record.key.revision,
                "reference": record.reference,
                "notification_id": record.notification_id,
                "fate": found.value.replace(" ", "_"),
                "notify_status": record.delivery_status,
                "sent_at": record.sent_at.isoformat() if record.sent_at else None,
                "reason": record.problem,
            }
            for record, found in report.fates
        ],
    }


def status_text(report: StatusReport) -> str:
    return text_of_lines(_lines(report))


def _lines(report: StatusReport) -> Iterator[str]:
    if not report.records:
        yield f"No mail is recorded for {report.maintenance.in_words}"
        return
    yield report.maintenance.in_words
    for found in Fate:
        if report.counts[found] or found in (Fate.DELIVERED, Fate.STILL_SENDING):
            yield f"{found.value.capitalize()}: {report.counts[found]}"
    another_way = [(record, found) for record, found in report.fates if found in NEEDS_ANOTHER_WAY]
    if another_way:
        yield "To be told another way:"
        for record, found in another_way:
            why = record.problem or record.delivery_status or ""
            yield f"  {record.key.address}, org {record.org_name}: {found.value} ({why})"
    if report.counts[Fate.ACCEPTED]:
        yield "Accepted by Notify over a week ago: whether they were delivered cannot be found out any more"
    if report.counts[Fate.NOT_SENT] or report.counts[Fate.UNKNOWN]:
        yield "Some were not sent, or it is not known: run email again to continue"
