"""The report of `email` for people: the plan before sending, and the result afterwards."""

from collections.abc import Iterator
from itertools import chain

from fleet.program.text import text_of_lines
from ledger.mail_record import Kind
from notifier.mail.standing import Standing
from notifier.reports.affected_lines import deferred_lines, headline, nobody_told_lines, notes, on_purpose_lines
from notifier.reports.email_document import EmailReport
from notifier.reports.telling_formats import told_another_way_lines
from notifier.reports.words import counted, org_word

_STANDINGS = {
    Standing.NOTHING_WAITS: "no update waits any more",
    Standing.LEFT_ALONE: "updates wait, and these settings leave them for another window",
    Standing.MAY_BE_UPDATED: "updates wait as before, and somebody else is to be told, or nobody",
    Standing.SOME_MAY_BE_UPDATED: "updates of some wait as before, and somebody else is to be told of these, or nobody",
}


def plan_text(report: EmailReport) -> str:
    """What the operator is asked to confirm: who would get a mail, and who would not."""
    plan = report.plan
    window = report.affected.window
    lines = [headline(report.affected)]
    if window:
        lines.append(f"Window: {window.in_words}, {window.starts_at.tzinfo}")
    lines.append(f"{counted(plan.to_send_count, 'mail')} to send, {len(plan.sent_before)} sent already")
    if plan.to_find_out_count:
        count = counted(plan.to_find_out_count, "mail")
        lines.append(f"{count} of an earlier run to find out about; whoever has to be told then is told in this run")
    found = (
        notes(report.affected),
        *_beside_the_mails(report),
        _other_windows(report),
        _still_announced(report),
    )
    return text_of_lines([*lines, *chain.from_iterable(found), *_failed_for_good(report), *_changed(report)])


def question(report: EmailReport) -> str:
    plan = report.plan
    also = f" and find out about {counted(plan.to_find_out_count, 'mail')} of an earlier run"
    return f"Send {counted(plan.to_send_count, 'mail')}{also if plan.to_find_out_count else ''}?"


def _org(report: EmailReport) -> str:
    return org_word(report.affected.findings.words)


def _still_announced(report: EmailReport) -> Iterator[str]:
    for window in report.planned.still_announced:
        yield f"Warning: the status page still shows the window on {window.in_words}; run schedule for this one next"


def recipients_text(report: EmailReport) -> str:
    """One line for each mail that would be sent."""
    wanted, word = (task.intent for task in report.plan.tasks if task.message is not None), _org(report)
    return text_of_lines(
        f"would tell {intent.key.address} about {counted(len(intent.instance_guids), 'instance')}"
        f" of {word} {intent.org_name}" + ("" if intent.key.kind is Kind.ANNOUNCEMENT else f" ({intent.key.kind})")
        for intent in wanted
    )


def result_text(report: EmailReport) -> str:
    return text_of_lines(_dry_lines(report) if report.result is None else _result_lines(report))


def _dry_lines(report: EmailReport) -> Iterator[str]:
    yield f"Dry run, nothing was sent: {counted(report.plan.to_send_count, 'mail')} to send"
    yield f"Already sent before: {len(report.sent_before)}"
    yield from _changed(report)
    yield from chain.from_iterable(_beside_the_mails(report))


def _result_lines(report: EmailReport) -> Iterator[str]:
    yield f"Sent: {len(report.sent)}"
    yield f"Already sent before: {len(report.sent_before)}"
    yield f"Failed: {len(report.failed)}"
    for outcome in report.failed:
        intent = outcome.task.intent
        yield f"  {intent.key.address}, {_org(report)} {intent.org_name}: {outcome.reason}"
    if report.undelivered:
        yield f"Sent, but could not be delivered: {len(report.undelivered)}"
        for sent in report.undelivered:
            intent = sent.task.intent
            yield f"  {intent.key.address}, {_org(report)} {intent.org_name}: {sent.delivery_status}"
    yield from _failed_for_good(report)
    yield from _changed(report)
    yield from chain.from_iterable(_beside_the_mails(report))
    if report.left:
        # What stopped the run is said on stderr, with the same advice.
        again = "; run the same command again to continue" if report.sending.stopped_by is None else ""
        yield f"Not sent yet: {len(report.left)}{again}"


def _beside_the_mails(report: EmailReport) -> tuple[list[str], ...]:
    affected = report.affected
    return (
        deferred_lines(affected),
        told_another_way_lines(affected.tellings, affected.org_names, _org(report)),
        nobody_told_lines(affected),
        on_purpose_lines(affected),
    )


def _changed(report: EmailReport) -> Iterator[str]:
    changed = report.now.changed
    if changed:
        yield (
            f"Told about other instances or updates than wait now: {counted(len(changed), 'person', 'people')};"
            " --send-corrections tells them"
        )
        for recipient, _ in changed:
            yield f"  {recipient.address}, {_org(report)} {recipient.org.name}"
    gone = report.now.not_affected_any_more
    if gone:
        people = counted(len(gone), "person", "people")
        yield f"Told, but not among those to tell now: {people}; --send-corrections tells them"
        for record in gone:
            why = _STANDINGS[report.standing(record)]
            yield f"  {record.key.address}, {_org(report)} {record.org_name}: {why}"


def _failed_for_good(report: EmailReport) -> Iterator[str]:
    failed = report.failed_for_good
    if failed:
        yield f"Could not be delivered, to be told another way: {counted(len(failed), 'person', 'people')}"
        for record in failed:
            yield f"  {record.key.address}, {_org(report)} {record.org_name}"


def _other_windows(report: EmailReport) -> Iterator[str]:
    holders = report.planned.hold_other_windows
    if holders:
        yield (
            f"Warning: {counted(len(holders), 'person has', 'people have')} a mail about another window of this region"
            " that is not over; --replaces-window-date tells them that it has moved"
        )
        for holder in holders:
            name = holder.recipient.org.name
            yield f"  {holder.recipient.address}, {_org(report)} {name}: {holder.window.in_words}"
