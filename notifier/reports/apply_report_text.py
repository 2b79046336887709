"""What has become of a window, to be pasted into a story or a chat: how it went, each group, and how to go on."""

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from fleet.program.text import text_of_lines
from notifier.apply.result import GroupResult, Outcome
from notifier.apply.steps import Skip
from notifier.apply.words import named
from notifier.reports.apply_document import ApplyReport
from notifier.reports.apply_plan_text import skip_detail

_ORDER = (
    Outcome.FAILED,
    Outcome.REFUSED,
    Outcome.STOPPED,
    Outcome.UNDER_WAY,
    Outcome.NOT_REACHED,
    Outcome.SKIPPED,
    Outcome.PLANNED,
    Outcome.COMPLETE,
)
_GOES_ON = frozenset({Outcome.STOPPED, Outcome.UNDER_WAY, Outcome.NOT_REACHED, Outcome.REFUSED})


def report_text(report: ApplyReport, arguments: Sequence[str]) -> str:
    """`arguments` are the whole command line of this run."""
    return text_of_lines([*_head(report), *_groups(report), *_beside(report), *_how_to_go_on(report, arguments)])


def _head(report: ApplyReport) -> Iterator[str]:
    yield report.maintenance.in_words
    zone = report.maintenance.window.zone
    account = f"AWS account {report.account or 'not known'}."
    if report.run is None:
        yield account
    else:
        ended_at = f" to {_time(report.ended_at, zone)}" if report.ended_at else ""
        run = report.run
        times = f"{_time(run.started_at, zone)}{ended_at}"
        yield f"{account} Run {run.id} of {run.operator} on {run.host}, {times}."
    if report.options.outside_window_reason is not None:
        yield f"Outside of the window: {report.options.outside_window_reason}"
    if report.options.include_untold_reason is not None:
        yield f"Untold tenants too: {report.options.include_untold_reason}"
    counts = {outcome: sum(group.outcome is outcome for group in report.groups) for outcome in _ORDER}
    yield ", ".join(f"{count} {_word(outcome)}" for outcome, count in counts.items() if count) or "nothing to do"
    if report.halted_by is not None:
        yield f"Halted by {report.halted_by}."


def _groups(report: ApplyReport) -> Iterator[str]:
    zone = report.maintenance.window.zone
    for outcome in _ORDER:
        of_outcome = [group for group in report.groups if group.outcome is outcome]
        if of_outcome:
            yield ""
            yield f"{_word(outcome)} ({len(of_outcome)})"
        for group in of_outcome:
            yield f"  {named(group.subject)}"
            yield f"      {', '.join(_facts(group, report, zone))}"


def _facts(group: GroupResult, report: ApplyReport, zone: ZoneInfo) -> Iterator[str]:
    subject = group.subject
    if group.reason is not None:
        yield group.reason.value
        skip = Skip(subject, group.reason, group.aws_says, group.deferral, group.is_by_aws)
        yield skip_detail(skip) or subject.service_update
        return
    yield subject.service_update
    if group.nodes_updated is not None:
        yield f"{group.nodes_updated} of {subject.nodes} nodes"
    if group.started_at is not None:
        ended_at = f" to {_time(group.ended_at, zone)}" if group.ended_at else ""
        yield f"{_time(group.started_at, zone)}{ended_at}"
    if group.aws_says and group.aws_says != group.outcome.value:
        yield f"AWS says {group.aws_says}"
    if group.ended_after_window:
        yield "ended after the window"
    if group.run_id is not None and report.run is not None and group.run_id != report.run.id:
        yield f"run {group.run_id}"


def _beside(report: ApplyReport) -> Iterator[str]:
    if report.still_listed:
        yield ""
        yield "AWS still lists, for another window:"
        yield from (f"  {group}: {update}" for group, update in report.still_listed)
    if report.newer_updates:
        yield ""
        yield f"Released since the plan, for another window: {', '.join(report.newer_updates)}"


def _how_to_go_on(report: ApplyReport, arguments: Sequence[str]) -> Iterator[str]:
    again = [word for word in arguments if word not in ("--stop", "--dry-run")]
    outcomes = {group.outcome for group in report.groups}
    failed = [group for group in report.groups if group.outcome is Outcome.FAILED]
    if Outcome.PLANNED in outcomes:
        yield from ("", "To do it:", f"  {_command(again)}")
    elif report.called_off is not None:
        yield from ("", f"No more can be begun: {report.called_off}.")
        if Outcome.UNDER_WAY in outcomes:
            yield "What is under way goes on; `apply --stop` of this window stops it."
        return
    elif outcomes & _GOES_ON:
        yield from ("", f"To go on{_once_agreed(report)}:", f"  {_command([*again, *_reason(report)])}")
    if failed and report.run is not None:
        and_where = f" and{_once_agreed(report)}" if report.is_over else ""
        yield from ("", f"To try again what failed, once you know why{and_where}:")
        yield f"  {_command([*again, *_reason(report), *_by_name(failed)])}"


def _once_agreed(report: ApplyReport) -> str:
    return " outside of the window, which is over, once that is agreed" if report.is_over else ""


def _reason(report: ApplyReport) -> tuple[str, ...]:
    return ("--outside-window", "REASON") if report.is_over else ()


def _by_name(groups: Sequence[GroupResult]) -> Iterator[str]:
    for group in groups:
        instance = group.subject.instance
        yield from (
            ("--group", group.subject.replication_group_id) if instance is None else ("--only-instance", instance.guid)
        )


def _command(arguments: Sequence[str]) -> str:
    return shlex.join(arguments)


def _word(outcome: Outcome) -> str:
    return outcome.value.replace("_", " ")


def _time(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}" if moment else ""
