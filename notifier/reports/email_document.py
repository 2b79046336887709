"""The report of `email` as one document, which scripts may rely on; docs/notifier.md describes it."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.program.text import json_text
from ledger.mail_record import Kind, MailKey, MailRecord
from ledger.who_was_told import was_told_another_way, was_told_off
from notifier.mail.plan import MailPlan
from notifier.mail.planning import Planned
from notifier.mail.standing import Standing
from notifier.mail.task import Failed, Refused, Sent, SentBefore, Task
from notifier.mail.workers import SendResult
from notifier.reports.affected_document import AffectedReport, could_not_be_told_document, told_another_way
from notifier.reports.deferral_formats import deferral_document
from notifier.reports.document import VERSION, Document, region_document, window_document

NOT_DELIVERED = frozenset({"permanent-failure", "temporary-failure", "technical-failure"})


@dataclass(frozen=True)
class EmailReport:
    affected: AffectedReport
    planned: Planned
    result: SendResult | None = None
    """None before sending, and in a dry run."""
    remaining: MailPlan | None = None
    """What is due after sending; None before."""

    @property
    def sending(self) -> SendResult:
        return SendResult((), (), None) if self.result is None else self.result

    @property
    def plan(self) -> MailPlan:
        return self.planned.plan

    @property
    def sent(self) -> list[Sent]:
        return sorted((o for o in self.sending.outcomes if isinstance(o, Sent)), key=lambda o: _by_org(o.task))

    @property
    def sent_before(self) -> list[MailRecord]:
        meanwhile = [o.record for o in self.sending.outcomes if isinstance(o, SentBefore)]
        return [*self.plan.sent_before, *meanwhile]

    @property
    def failed(self) -> list[Refused | Failed]:
        failed = (o for o in self.sending.outcomes if isinstance(o, Refused | Failed))
        return sorted(failed, key=lambda o: _by_org(o.task))

    @property
    def left(self) -> Sequence[Task]:
        """The mails that are still to be sent or found out about, and did not fail in this run."""
        known = {outcome.task.intent.key for outcome in self.sending.outcomes}
        remaining = self.remaining.tasks if self.remaining is not None else ()
        left = {task.intent.key: task for task in (*self.sending.left, *remaining)}
        return [task for key, task in left.items() if key not in known]

    @property
    def now(self) -> MailPlan:
        """What is known of those who get no mail: after sending, as it is then."""
        return self.plan if self.remaining is None else self.remaining

    @property
    def undelivered(self) -> list[Sent]:
        """Mails that were found at Notify, and that Notify could not deliver."""
        return [o for o in self.sent if o.delivery_status in NOT_DELIVERED]

    @property
    def failed_for_good(self) -> list[MailRecord]:
        """Without people of orgs that were told another way about all that is to be updated."""
        found_just_now = {outcome.task.intent.key.reference for outcome in self.undelivered}
        return [r for r in self.now.failed_for_good if r.reference not in found_just_now and not self._is_told(r)]

    def standing(self, record: MailRecord) -> Standing:
        """How it stands with what a mail named, of somebody who is not to be told now."""
        return self.planned.history.waiting.standing(record)

    def _is_told(self, record: MailRecord) -> bool:
        """True if the org was told another way what the mail says."""
        guid, tellings = record.key.org_guid, self.affected.tellings
        if record.key.kind is Kind.CANCELLED:
            return was_told_off(guid, tellings)
        waiting = next((org.instance_guids for org in self.affected.to_tell.orgs if org.guid == guid), ())
        return was_told_another_way(guid, waiting, tellings)

    @property
    def is_all_done(self) -> bool:
        problems = (
            self.failed,
            self.left,
            self.undelivered,
            self.now.changed,
            self.failed_for_good,
            self.affected.untold,
        )
        return not any(problems) and self.sending.stopped_by is None


def email_json(report: EmailReport) -> str:
    return json_text(email_document(report))


def email_document(report: EmailReport) -> Document:
    window = report.affected.window
    stopped_by = report.sending.stopped_by
    return {
        "version": VERSION,
        "region": region_document(report.affected.findings.region_name, report.affected.findings.survey.aws_region),
        "window": window and window_document(window),
        "warnings": report.affected.all_warnings,
        "is_dry_run": report.result is None,
        "summary": {
            "to_send": report.plan.to_send_count,
            "sent": len(report.sent),
            "sent_before": len(report.sent_before),
            "failed": len(report.failed),
            "left": len(report.left),
            "changed": len(report.now.changed),
            "failed_for_good": len(report.failed_for_good),
            "nobody_told": len(report.affected.untold),
            "deferred_instances": len(report.affected.deferred_instances),
            "deferred_orgs": len(report.affected.deferred_orgs),
            "told_another_way": len({telling.org_guid for telling in report.affected.tellings}),
        },
        "to_send": [
            mail_document(task.intent.key, task.intent.org_name)
            for task in report.plan.tasks
            if task.message is not None
        ],
        "sent": [
            {**mail_document(o.task.intent.key, o.task.intent.org_name), "notification_id": o.notification_id}
            | {"delivery_status": o.delivery_status}
            for o in report.sent
        ],
        "sent_before": [mail_document(record.key, record.org_name) for record in report.sent_before],
        "failed": [
            {**mail_document(o.task.intent.key, o.task.intent.org_name), "reason": o.reason} for o in report.failed
        ],
        "left": [mail_document(task.intent.key, task.intent.org_name) for task in report.left],
        "changed": [mail_document(record.key, record.org_name) for _, record in report.now.changed],
        "not_affected_any_more": [
            {**mail_document(r.key, r.org_name), "standing": report.standing(r).value}
            for r in report.now.not_affected_any_more
        ],
        "nobody_told": [could_not_be_told_document(entry) for entry in report.affected.untold],
        "failed_for_good": [mail_document(record.key, record.org_name) for record in report.failed_for_good],
        "told_another_way": told_another_way(report.affected),
        "deferrals": [deferral_document(deferral) for deferral in report.affected.deferrals],
        "deferred_orgs": [
            {"org_guid": org.guid, "org_name": org.name, "instance_guids": list(org.instance_guids)}
            for org in report.affected.deferred_orgs
        ],
        "hold_other_windows": [
            {
                "org_guid": holder.recipient.org.guid,
                "org_name": holder.recipient.org.name,
                "address": holder.recipient.address,
                "window": window_document(holder.window),
            }
            for holder in report.planned.hold_other_windows
        ],
        "stopped_by": str(stopped_by) if stopped_by else None,
    }


def mail_document(key: MailKey, org_name: str) -> Document:
    return {
        "org_guid": key.org_guid,
        "org_name": org_name,
        "address": key.address,
        "kind": key.kind.value,
        "revision": key.revision,
        "reference": key.reference,
    }


def _by_org(task: Task) -> tuple[str, str, str]:
    intent = task.intent
    return intent.org_name.casefold(), intent.key.org_guid, intent.key.address
