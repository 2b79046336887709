"""`email` for people: the plan before, and what came of it after."""

from collections.abc import Iterator

from ledger.mail_record import Kind
from notifier.reports.affected_formats import could_not_be_told_lines, headline
from notifier.reports.email_document import EmailReport
from notifier.reports.words import counted, visible


def plan_text(report: EmailReport) -> str:
    plan = report.plan
    window = report.affected.window
    lines = [
        headline(report.affected),
        f"Window: {window.in_words}, {window.starts_at.tzinfo}" if window else "",
        f"{counted(plan.to_send_count, 'mail')} to send, {len(plan.sent_before)} sent already",
    ]
    to_find_out = len(plan.tasks) - plan.to_send_count
    if to_find_out:
        lines.append(f"{counted(to_find_out, 'mail')} of an earlier run to find out about")
    lines += [f"Warning: {warning}" for warning in report.affected.warnings]
    lines += _other_windows(report)
    lines += _failed_for_good(report)
    lines += _changed(report)
    if report.affected.findings.left_out_updates:
        lines.append(f"Left out (major version): {', '.join(report.affected.findings.left_out_updates)}")
    return "\n".join(filter(None, lines))


def recipients_text(report: EmailReport) -> str:
    """Each mail that would be sent."""
    wanted = (task.intent for task in report.plan.tasks if task.message is not None)
    return "\n".join(
        f"would tell {visible(intent.key.address)} about {counted(len(intent.instance_guids), 'instance')}"
        f" of org {visible(intent.org_name)}"
        + ("" if intent.key.kind is Kind.ANNOUNCEMENT else f" ({intent.key.kind})")
        for intent in wanted
    )


def result_text(report: EmailReport) -> str:
    return "\n".join(_result_lines(report)) + "\n"


def _result_lines(report: EmailReport) -> Iterator[str]:
    yield f"Sent: {len(report.sent)}"
    yield f"Already sent before: {len(report.sent_before)}"
    yield f"Failed: {len(report.failed)}"
    for outcome in report.failed:
        intent = outcome.task.intent
        yield f"  {visible(intent.key.address)}, org {visible(intent.org_name)}: {visible(outcome.reason)}"
    if report.undelivered:
        yield f"Sent, but could not be delivered: {len(report.undelivered)}"
        for sent in report.undelivered:
            intent = sent.task.intent
            yield f"  {visible(intent.key.address)}, org {visible(intent.org_name)}: {sent.delivery_status}"
    yield from _failed_for_good(report)
    yield from _changed(report)
    yield from could_not_be_told_lines(report.affected)
    if report.left:
        yield f"Not sent yet: {len(report.left)}; run the same command again to continue"


def _changed(report: EmailReport) -> Iterator[str]:
    changed = report.plan.changed
    if changed:
        yield (
            f"Told about other instances or updates than wait now: {counted(len(changed), 'person', 'people')};"
            " --send-corrections tells them"
        )
        for recipient, _ in changed:
            yield f"  {visible(recipient.address)}, org {visible(recipient.org.name)}"
    gone = report.plan.not_affected_any_more
    if gone:
        people = counted(len(gone), "person", "people")
        yield f"Told, but not affected any more: {people}; --send-corrections tells them"
        for record in gone:
            yield f"  {visible(record.key.address)}, org {visible(record.org_name)}"


def _failed_for_good(report: EmailReport) -> Iterator[str]:
    failed = report.plan.failed_for_good
    if failed:
        yield f"Could not be delivered, to be told another way: {counted(len(failed), 'person', 'people')}"
        for record in failed:
            yield f"  {visible(record.key.address)}, org {visible(record.org_name)}"


def _other_windows(report: EmailReport) -> Iterator[str]:
    holders = report.planned.hold_other_windows
    if holders:
        yield (
            f"Warning: {counted(len(holders), 'person has', 'people have')} a mail about another window of this region"
            " that is not over; --replaces-window-date tells them that it has moved"
        )
        for holder in holders:
            name = visible(holder.recipient.org.name)
            yield f"  {visible(holder.recipient.address)}, org {name}: {holder.window.in_words}"
