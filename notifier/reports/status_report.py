"""The report of `status`, for people and for programs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from fleet.program.text import json_text, text_of_lines
from ledger.mail_fate import NEEDS_ANOTHER_WAY, Fate, fate, latest_each
from ledger.mail_record import Kind, MailRecord
from ledger.telling import Telling
from ledger.who_was_told import was_told_another_way, was_told_off
from notifier.maintenance import Maintenance
from notifier.reports.document import VERSION, Document, region_document, window_document
from notifier.reports.telling_formats import telling_document, told_another_way_lines
from notifier.reports.words import org_word


@dataclass(frozen=True)
class StatusReport:
    maintenance: Maintenance
    records: Sequence[MailRecord]
    """The last mail to each recipient."""
    now: datetime
    tellings: Sequence[Telling] = ()

    @property
    def another_way(self) -> list[tuple[MailRecord, Fate]]:
        """People whom nobody has told yet, because their mail failed and their org was not told another way."""
        return [(record, found) for record, found in self.fates if self._is_untold(record, found)]

    @classmethod
    def of(
        cls, maintenance: Maintenance, records: Sequence[MailRecord], now: datetime, tellings: Sequence[Telling]
    ) -> Self:
        """`records` are all of the maintenance's mails."""
        return cls(maintenance, latest_each(records), now, tellings)

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
        """True if each was told, or may have been: by a mail that did not fail, or another way."""
        open_still = self.counts[Fate.NOT_SENT] or self.counts[Fate.UNKNOWN]
        return bool(self.records or self.tellings) and not open_still and not self.another_way

    def _is_untold(self, record: MailRecord, found: Fate) -> bool:
        org_guid, is_off = record.key.org_guid, record.key.kind is Kind.CANCELLED
        is_told = (
            was_told_off(org_guid, self.tellings)
            if is_off
            else was_told_another_way(org_guid, record.instance_guids, self.tellings)
        )
        return found in NEEDS_ANOTHER_WAY and not is_told


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
        "told_another_way": [telling_document(t, _org_names(report).get(t.org_guid)) for t in report.tellings],
    }


def _org_names(report: StatusReport) -> dict[str, str]:
    """As far as mails have them; nobody else is asked."""
    return {record.key.org_guid: record.org_name for record in report.records}


def status_text(report: StatusReport) -> str:
    return text_of_lines(_lines(report))


def _lines(report: StatusReport) -> Iterator[str]:
    another_way = told_another_way_lines(report.tellings, _org_names(report), org_word(report.maintenance.words))
    if not report.records:
        yield f"No mail is recorded for {report.maintenance.in_words}"
        yield from another_way
        return
    yield report.maintenance.in_words
    for found in Fate:
        if report.counts[found] or found in (Fate.DELIVERED, Fate.STILL_SENDING):
            yield f"{found.value.capitalize()}: {report.counts[found]}"
    yield from another_way
    if report.another_way:
        yield "To be told another way:"
        for record, found in report.another_way:
            why = record.problem or record.delivery_status or ""
            org = f"{org_word(report.maintenance.words)} {record.org_name}"
            yield f"  {record.key.address}, {org}: {found.value} ({why})"
    if report.counts[Fate.ACCEPTED]:
        yield "Accepted by Notify over a week ago: whether they were delivered cannot be found out any more"
    if report.counts[Fate.NOT_SENT] or report.counts[Fate.UNKNOWN]:
        yield "Some were not sent, or it is not known: run email again to continue"
