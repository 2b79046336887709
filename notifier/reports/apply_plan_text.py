"""The plan as people read it before they say yes: who is updated when, whether it fits, who is left alone and why."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.cells import cell_len

from fleet.printable import visible
from fleet.program.text import text_of_lines
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import Plan
from notifier.apply.steps import Reason, Skip, Step
from notifier.apply.words import duration, named, whose
from notifier.maintenance import Maintenance
from notifier.reports.apply_document import ApplyReport
from notifier.reports.deferral_formats import how_long
from notifier.reports.words import counted, org_word

_HEADINGS = "  ends   takes       nodes  HA   group             instance"
_WHY = {
    Reason.UNCLAIMED: "no instance claims them; --group ID updates one all the same",
    Reason.MAJOR_VERSION: "only a major version waits for them",
    Reason.DEFERRED: "their tenants asked to wait",
    Reason.NOT_TOLD: "nobody in the {org} was told of this window",
    Reason.NOT_IN_THE_MAIL: "the {org} was told of this window, but not about this instance",
    Reason.NOT_AVAILABLE: "AWS would not start an update on them now",
    Reason.UNDER_WAY: "somebody else, or AWS itself, is at them",
    Reason.UPDATE_GONE: "their update is not to be had any more",
    Reason.NO_TIME: "they would not end within the window",
}


def plan_text(plan: Plan, report: ApplyReport, width: int | None) -> str:
    """Nothing is cut: a name that does not fit the width is on a line of its own. None means as wide as need be."""
    maintenance = report.maintenance
    return text_of_lines(
        [
            *_head(plan, report),
            _rules(report.options),
            *_earlier(plan),
            *_verdict(plan, maintenance, is_outside=report.options.outside_window_reason is not None),
            *_steps(plan, maintenance, width),
            *_left_alone(plan.skips, org_word(maintenance.words)),
            *(f"warning: {warning}" for warning in plan.warnings),
        ]
    )


def stop_text(plan: Plan, report: ApplyReport, width: int | None) -> str:  # noqa: ARG001 — as plan_text
    """What would be stopped, as far as the ledger knows; AWS's listing says what of it is under way still."""
    lines = [f"  {named(e.subject)}: {e.subject.service_update}, {e.record.state.value}" for e in plan.earlier]
    nothing = "Nothing of what was chosen is under way" if plan.warnings else "Nothing is under way"
    first = f"{counted(len(lines), 'update')} of this window may be under way" if lines else nothing
    promise = "Nodes under way are finished; updated nodes stay updated; stopped groups still wait."
    warnings = [f"warning: {warning}" for warning in plan.warnings]
    return text_of_lines([*_head(plan, report), "", f"{first}.", *lines, *([promise] if lines else []), *warnings])


def question(plan: Plan, *, is_stop: bool) -> str | None:
    """None where there is nothing to be decided: what has begun is only looked at."""
    if is_stop:
        return f"Stop {counted(len(plan.earlier), 'update')}?" if plan.earlier else None
    return f"Start {counted(len(plan.steps), 'update')}?" if plan.steps else None


def _head(plan: Plan, report: ApplyReport) -> Iterator[str]:
    maintenance, account, window = report.maintenance, report.account, report.maintenance.window
    now = plan.made_at.astimezone(window.zone)
    if now < window.starts_at:
        when = f"the window begins in {duration(window.starts_at - now)}"
    elif now < window.ends_at:
        when = f"the window ends in {duration(window.ends_at - now)}"
    else:
        when = f"the window is over since {duration(now - window.ends_at)}"
    yield maintenance.in_words
    yield f"AWS account {account or 'not known'}. It is {now:%H:%M}; {when}."


def _rules(options: ApplyOptions) -> str:
    canaries = counted(options.canaries, "canary", "canaries")
    failures = f"a canary or more than {options.max_failures} others fail" if options.max_failures else "one fails"
    return f"{canaries} first; at most {options.max_in_flight} at once; halts when {failures}."


def _earlier(plan: Plan) -> Iterator[str]:
    if plan.earlier:
        counts = Counter(earlier.record.state.value for earlier in plan.earlier)
        said = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
        yield f"Earlier runs of this window: {said}."


def _verdict(plan: Plan, maintenance: Maintenance, *, is_outside: bool) -> Iterator[str]:
    nodes = sum(step.subject.nodes for step in plan.steps)
    yield ""
    yield f"{counted(len(plan.steps), 'group')} to update, {counted(nodes, 'node')}."
    if plan.ends_at is None:
        return
    window = maintenance.window
    if is_outside:
        ends_at = f"{plan.ends_at.astimezone(window.zone):%H:%M}"
        yield f"Expected to end at {ends_at}. With --outside-window nothing has to fit."
        return
    late = [step for step in plan.steps if not step.fits]
    ends_at = f"Expected to end at {plan.ends_at.astimezone(window.zone):%H:%M}"
    if late:
        yield f"{ends_at}, {duration(plan.ends_at - window.ends_at)} after the window: NOT ALL FITS."
        yield f"Marked ! ({len(late)}): started only if others end sooner than expected."
    else:
        yield f"{ends_at}, {duration(window.ends_at - plan.ends_at)} before the window does: all fits."


def _steps(plan: Plan, maintenance: Maintenance, width: int | None) -> Iterator[str]:
    zone = maintenance.window.zone
    updates = Counter(step.subject.service_update for step in plan.steps)
    if not updates:
        return
    [(usual, _)] = updates.most_common(1)
    yield f"Update: {usual}{', where no other is named' if len(updates) > 1 else ''}."
    yield ""
    yield _HEADINGS
    waves = 0
    for (is_canary, begins_at), together in groupby(plan.steps, lambda step: (step.is_canary, step.starts_at)):
        steps = list(together)
        waves += not is_canary
        yield f"{begins_at.astimezone(zone):%H:%M}  {_section(steps, waves, is_canary=is_canary)}"
        for step in steps:
            yield from _row(step, maintenance, width, with_update=step.subject.service_update != usual)


def _section(steps: list[Step], wave: int, *, is_canary: bool) -> str:
    if is_canary:
        return "canary, alone" if len(steps) == 1 else f"{len(steps)} canaries, alone"
    return f"wave {wave}: {counted(len(steps), 'group')}"


def _row(step: Step, maintenance: Maintenance, width: int | None, *, with_update: bool) -> Iterator[str]:
    subject = step.subject
    mark = " " if step.fits else "!"
    ends_at = f"{step.ends_at.astimezone(maintenance.window.zone):%H:%M}"
    available = "yes" if subject.is_highly_available else "no"
    facts = (
        f"{mark} {ends_at}  {duration(subject.estimate):<10}  {subject.nodes:>5}  {available:<3}"
        f"  {subject.replication_group_id:<16}"
    )
    name = visible(whose(subject.instance))
    if width is None or cell_len(facts) + 2 + cell_len(name) <= width:
        yield f"{facts}  {name}"
    else:
        yield facts
        yield f"         {name}"
    if with_update:
        yield f"         update {subject.service_update}"
    if step.note is not None:
        yield f"         {step.note}"


def _left_alone(skips: Iterable[Skip], org: str) -> Iterator[str]:
    found = list(skips)
    if not found:
        return
    yield ""
    yield f"Left alone: {counted(len(found), 'group')}"
    for reason in Reason:
        of_reason = [skip for skip in found if skip.reason is reason]
        if of_reason:
            yield f"  {reason.value} ({len(of_reason)}): {_WHY[reason].replace('{org}', org)}"
        for skip in of_reason:
            mark = " " if skip.is_as_wished else "!"
            yield f"  {mark} {skip.subject.replication_group_id:<16}  {whose(skip.subject.instance)}"
            if (detail := skip_detail(skip)) is not None:
                yield f"      {detail}"
    if not all(skip.is_as_wished for skip in found):
        yield "  ! nobody wished for that: the exit status will not be 0"


def skip_detail(skip: Skip) -> str | None:
    """What is to be known beside the reason."""
    if skip.deferral is not None:
        deferral = skip.deferral
        ticket = f", ticket {deferral.ticket}" if deferral.ticket else ""
        return f"{how_long(deferral)}, by {deferral.added_by}{ticket}: {deferral.reason}"
    update = skip.subject.service_update
    if skip.reason is Reason.MAJOR_VERSION:
        return (
            f"update {update} is a major version (engine-major-version-update): name it with --only-update to apply it"
        )
    if skip.reason is Reason.NO_TIME:
        return f"{duration(skip.subject.estimate)} for {counted(skip.subject.nodes, 'node')}"
    return f"{update}: {skip.aws_says}" if skip.aws_says else None
