"""The report of `cancel`, for people and for programs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fleet.program.text import json_text, text_of_lines
from ledger.mail_record import MailRecord
from ledger.telling import Telling
from ledger.who_was_told import was_told_off
from notifier.announce.withdrawal import Withdrawal
from notifier.mail.cancelling import ToldOrgs
from notifier.mail.plan import MailPlan
from notifier.mail.task import Failed, Refused, Sent
from notifier.mail.workers import SendResult
from notifier.maintenance import Maintenance
from notifier.reports.document import VERSION, Document, region_document, window_document
from notifier.reports.email_document import mail_document
from notifier.reports.telling_formats import said, telling_document
from notifier.reports.words import counted, org_word

_AGAIN = "; run the same command again to continue"


@dataclass(frozen=True)
class CancelReport:
    maintenance: Maintenance
    plan: MailPlan
    """The mails that were to be sent."""
    sending: SendResult | None = None
    """None after a dry run."""
    remaining: MailPlan = field(default_factory=lambda: MailPlan((), (), (), ()))
    """What another run would send: a person whose earlier mail's outcome was unknown may still need a cancellation."""
    told: ToldOrgs = field(default_factory=lambda: ToldOrgs((), {}))
    """Who was told of the window, and in which way."""
    incidents: Sequence[Withdrawal] = ()
    """What the status page has of it, and what became of that."""

    @property
    def sent(self) -> list[Sent]:
        return [o for o in self.sending.outcomes if isinstance(o, Sent)] if self.sending else []

    @property
    def failed(self) -> list[Refused | Failed]:
        return [o for o in self.sending.outcomes if isinstance(o, Refused | Failed)] if self.sending else []

    @property
    def tellings(self) -> list[Telling]:
        """Who was told another way, and has to be told that way again."""
        return [t for t in self.told.tellings if t.instance_guids and not was_told_off(t.org_guid, self.told.tellings)]

    @property
    def failed_for_good(self) -> list[MailRecord]:
        """Cancellations that could not be delivered, and whose org nobody has told another way yet."""
        plan = self.plan if self.sending is None else self.remaining
        return [mail for mail in plan.failed_for_good if not was_told_off(mail.key.org_guid, self.told.tellings)]

    @property
    def is_all_done(self) -> bool:
        problems = (self.failed, self.remaining.tasks, self.failed_for_good, self.left_incidents)
        return self.sending is not None and not any(problems)

    @property
    def left_incidents(self) -> list[Withdrawal]:
        return [incident for incident in self.incidents if incident.problem is not None]


def cancel_document(report: CancelReport) -> Document:
    return {
        "version": VERSION,
        "region": region_document(report.maintenance.region_name, report.maintenance.aws_region),
        "window": window_document(report.maintenance.window),
        "outcome": "planned" if report.sending is None else "cancelled",
        "to_tell": [mail_document(t.intent.key, t.intent.org_name) for t in report.plan.tasks if t.message is not None],
        "sent": [mail_document(o.task.intent.key, o.task.intent.org_name) for o in report.sent],
        "sent_before": [mail_document(record.key, record.org_name) for record in report.plan.sent_before],
        "failed": [
            {**mail_document(o.task.intent.key, o.task.intent.org_name), "reason": o.reason} for o in report.failed
        ],
        "left": [mail_document(t.intent.key, t.intent.org_name) for t in report.remaining.tasks],
        "failed_for_good": [mail_document(record.key, record.org_name) for record in report.failed_for_good],
        "incidents": [_incident_document(incident) for incident in report.incidents],
        "told_another_way": [telling_document(telling, None) for telling in report.told.tellings],
        "stopped_by": str(report.sending.stopped_by) if report.sending and report.sending.stopped_by else None,
    }


def _incident_document(incident: Withdrawal) -> Document:
    return {
        "id": incident.incident_id,
        "window": window_document(incident.maintenance.window),
        "deleted": incident.is_deleted,
        "problem": incident.problem,
    }


def cancel_json(report: CancelReport) -> str:
    return json_text(cancel_document(report))


def cancel_text(report: CancelReport) -> str:
    return text_of_lines(_lines(report))


def _lines(report: CancelReport) -> Iterator[str]:
    if report.sending is None:
        yield from _dry_lines(report)
        yield from _another_way(report)
        return
    yield f"Cancelled: {report.maintenance.in_words}"
    yield f"Told: {_people(len(report.sent))}"
    if report.plan.sent_before:
        yield f"Told before: {_people(len(report.plan.sent_before))}"
    for outcome in report.failed:
        intent = outcome.task.intent
        yield f"Failed: {intent.key.address}, {_org(report)} {intent.org_name}: {outcome.reason}"
    if report.remaining.tasks:
        again = _AGAIN if report.sending.stopped_by is None else ""
        yield f"Not told yet: {_people(len(report.remaining.tasks))}{again}"
    yield from _failed_for_good(report)
    yield from map(_incident_line, report.incidents)
    if report.sending.stopped_by is not None:
        yield f"Stopped: {report.sending.stopped_by!s}{_AGAIN}"
    yield from _another_way(report)


def _failed_for_good(report: CancelReport) -> Iterator[str]:
    if failed := report.failed_for_good:
        yield (
            f"Failed for good: {_people(len(failed))}; tell them another way, and then run the same command again with"
            " --told ORG --how TEXT"
        )
        yield from (f"  {record.key.address}, {_org(report)} {record.org_name}" for record in failed)


def _another_way(report: CancelReport) -> Iterator[str]:
    if report.tellings:
        whom = f"These {_org(report)}s were told of the window another way"
        yield f"{whom}; tell them yourself that it will not take place:"
        yield from (f"  {_org(report)} {telling.org_guid}: {said(telling)}" for telling in report.tellings)


def _dry_lines(report: CancelReport) -> Iterator[str]:
    yield f"Would cancel {report.maintenance.in_words} and tell {_people(report.plan.to_send_count)}"
    for task in report.plan.tasks:
        if task.message is not None:
            yield f"  {task.intent.key.address}, {_org(report)} {task.intent.org_name}"
    if to_find_out := report.plan.to_find_out_count:
        yield f"Would find out about {counted(to_find_out, 'mail')} of an earlier run, and tell whoever got one"
    yield from _failed_for_good(report)
    for incident in report.incidents:
        yield f"Would be deleted from the status page: {_incident(incident)}"


def _incident_line(incident: Withdrawal) -> str:
    if incident.problem is None and not incident.is_deleted:
        return f"Completed before on the status page: {_incident(incident)}"
    if incident.problem is None:
        return f"Deleted from the status page: {_incident(incident)}"
    again = _AGAIN if incident.is_remote else ""
    return f"Left on the status page: {_incident(incident)}: {incident.problem}{again}"


def _incident(incident: Withdrawal) -> str:
    named = f"the incident {incident.incident_id}" if incident.incident_id else "the incident"
    return f"{named} of {incident.maintenance.in_words}"


def _org(report: CancelReport) -> str:
    return org_word(report.maintenance.words)


def _people(count: int) -> str:
    return counted(count, "person", "people")
