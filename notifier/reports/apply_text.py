"""What people read of an apply: the plan before they say yes, one line a change, and the report at the end."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, tzinfo

from fleet.printable import visible
from fleet.program.text import text_of_lines
from notifier.apply.guards import duration
from notifier.apply.plan import Plan
from notifier.apply.result import GroupResult
from notifier.apply.steps import Skip, Subject
from notifier.apply.task import Task
from notifier.maintenance import Maintenance
from notifier.reports.apply_document import ApplyReport
from notifier.reports.deferral_formats import how_long
from notifier.reports.words import counted


def plan_text(plan: Plan, maintenance: Maintenance) -> str:
    return text_of_lines(_plan_lines(plan, maintenance))


def change_text(task: Task, at: datetime, zone: tzinfo | None) -> str:
    """Such as `09:12:31  cf-... org/space/cache: redis-1 in-progress 1/2`."""
    nodes = f" {task.nodes_updated}/{task.subject.nodes}" if task.nodes_updated is not None else ""
    said = f" ({task.aws_says})" if task.aws_says and task.aws_says != task.phase.value else ""
    reason = f" {task.reason}" if task.reason else ""
    return visible(f"{at.astimezone(zone):%H:%M:%S}  {_named(task.subject)}: {task.phase}{reason}{said}{nodes}")


def result_text(report: ApplyReport) -> str:
    counts = Counter(group.outcome.value for group in report.groups)
    lines = [
        f"{report.maintenance.in_words}: {', '.join(f'{n} {what}' for what, n in sorted(counts.items())) or 'none'}"
    ]
    if report.halted_by is not None:
        lines.append(f"halted by {report.halted_by}")
    lines += [f"  {_group_line(group)}" for group in report.groups]
    lines += [f"  {group}: {update} is listed still" for group, update in report.still_listed]
    lines += [f"  update {name} was released meanwhile; it waits for another window" for name in report.newer_updates]
    return text_of_lines(lines)


def _plan_lines(plan: Plan, maintenance: Maintenance) -> Iterator[str]:
    zone = maintenance.window.starts_at.tzinfo
    yield f"{maintenance.in_words}: {counted(len(plan.steps), 'group')} to update"
    for step in plan.steps:
        subject = step.subject
        what = "canary" if step.is_canary else "      "
        available = "HA" if subject.is_highly_available else "  "
        fits = "" if step.fits else "  DOES NOT FIT"
        note = f"  ({step.note})" if step.note else ""
        times = f"{step.starts_at.astimezone(zone):%H:%M} to {step.ends_at.astimezone(zone):%H:%M}"
        yield (
            f"  {what}  {times}  {duration(subject.estimate):>9}  {counted(subject.nodes, 'node')} {available}"
            f"  {subject.service_update}  {_named(subject)}{fits}{note}"
        )
    if plan.ends_at is not None:
        said = "all fits" if plan.fits else "NOT ALL FITS: the last would not be started"
        yield f"expected to end at {plan.ends_at.astimezone(zone):%H:%M}; {said}"
    for skip in plan.skips:
        yield f"  left alone: {_named(skip.subject)}: {_why(skip)}"
    for warning in plan.warnings:
        yield f"warning: {warning}"


def _why(skip: Skip) -> str:
    if skip.deferral is not None:
        ticket = f", {skip.deferral.ticket}" if skip.deferral.ticket else ""
        return f"{skip.reason} {how_long(skip.deferral)} ({skip.deferral.added_by}{ticket})"
    if skip.reason == "major_version":
        update = skip.subject.service_update
        return (
            f"update {update} is a major version (engine-major-version-update): name it with --only-update to apply it"
        )
    return f"{skip.reason} ({skip.aws_says})" if skip.aws_says else skip.reason.value


def _group_line(group: GroupResult) -> str:
    reason = f" {group.reason}" if group.reason else ""
    said = f" ({group.aws_says})" if group.aws_says and group.aws_says != group.outcome.value else ""
    late = "; ended after the window" if group.ended_after_window else ""
    return f"{group.outcome}{reason}{said}: {_named(group.subject)} {group.subject.service_update}{late}"


def _named(subject: Subject) -> str:
    instance = subject.instance
    if instance is None:
        return f"{subject.replication_group_id} (no tenant's)"
    name = f"{instance.org_name}/{instance.space_name}/{instance.name}"
    return f"{subject.replication_group_id} {name}"
