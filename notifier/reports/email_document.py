"""What `email` has done as one document: the contract for scripts, described in docs/notifier.md."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from notifier.ledger.mail_record import MailKey, MailRecord
from notifier.mailing import Mailing
from notifier.reports.affected_document import VERSION, AffectedReport, Document, untold_document, window_document
from notifier.sending.delivery import Delivery
from notifier.sending.errand import Errand, Failed, Refused, Sent, SentBefore

NOT_DELIVERED = frozenset({"permanent-failure", "temporary-failure", "technical-failure"})


@dataclass(frozen=True)
class EmailReport:
    affected: AffectedReport
    mailing: Mailing
    delivery: Delivery = field(default_factory=lambda: Delivery((), (), None))
    """Of nothing, where the run was dry."""

    @property
    def sent(self) -> list[Sent]:
        return sorted((o for o in self.delivery.outcomes if isinstance(o, Sent)), key=lambda o: _by_org(o.errand))

    @property
    def sent_before(self) -> list[MailRecord]:
        meanwhile = [o.record for o in self.delivery.outcomes if isinstance(o, SentBefore)]
        return [*self.mailing.sent_before, *meanwhile]

    @property
    def failed(self) -> list[Refused | Failed]:
        failed = (o for o in self.delivery.outcomes if isinstance(o, Refused | Failed))
        return sorted(failed, key=lambda o: _by_org(o.errand))

    @property
    def left(self) -> Sequence[Errand]:
        return self.delivery.left

    @property
    def undelivered(self) -> list[Sent]:
        """Found at Notify, which could not deliver them."""
        return [o for o in self.sent if o.delivery_status in NOT_DELIVERED]

    @property
    def is_all_done(self) -> bool:
        problems = (
            self.failed,
            self.left,
            self.undelivered,
            self.mailing.changed,
            self.affected.findings.audience.untold,
        )
        return not any(problems) and self.delivery.stopped_by is None


def email_document(report: EmailReport) -> Document:
    window = report.affected.window
    stopped_by = report.delivery.stopped_by
    return {
        "version": VERSION,
        "region": {"name": report.affected.choice.name, "aws_region": report.affected.choice.aws_region},
        "window": window and window_document(window),
        "warnings": list(report.affected.warnings),
        "summary": {
            "sent": len(report.sent),
            "sent_before": len(report.sent_before),
            "failed": len(report.failed),
            "left": len(report.left),
            "changed": len(report.mailing.changed),
            "nobody_told": len(report.affected.findings.audience.untold),
        },
        "sent": [
            {**_mail(o.errand.intent.key, o.errand.intent.org_name), "notification_id": o.notification_id}
            | {"delivery_status": o.delivery_status}
            for o in report.sent
        ],
        "sent_before": [_mail(record.key, record.org_name) for record in report.sent_before],
        "failed": [{**_mail(o.errand.intent.key, o.errand.intent.org_name), "reason": o.reason} for o in report.failed],
        "left": [_mail(errand.intent.key, errand.intent.org_name) for errand in report.left],
        "changed": [_mail(record.key, record.org_name) for _, record in report.mailing.changed],
        "not_affected_any_more": [_mail(r.key, r.org_name) for r in report.mailing.not_affected_any_more],
        "nobody_told": [
            untold_document(untold.org, untold.manager, untold.reason)
            for untold in report.affected.findings.audience.untold
        ],
        "stopped_by": str(stopped_by) if stopped_by else None,
    }


def _mail(key: MailKey, org_name: str) -> Document:
    return {
        "org_guid": key.org_guid,
        "org_name": org_name,
        "address": key.address,
        "revision": key.revision,
        "reference": key.reference,
    }


def _by_org(errand: Errand) -> tuple[str, str, str]:
    intent = errand.intent
    return intent.org_name.casefold(), intent.key.org_guid, intent.key.address
