"""How much of a window the operator's choice covers. Pure."""

from dataclasses import replace

from fleet.survey import Survey
from ledger.update_record import UpdateState
from notifier.affected import Selection
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import LedgerFacts, Plan, apply_plan
from notifier.apply.steps import Subject

CANNOT_BE_STOPPED = (UpdateState.COMPLETE, UpdateState.REFUSED)


def only_to_stop(plan: Plan, options: ApplyOptions) -> Plan:
    """What the window may have under way, of what was chosen."""
    chosen = [e for e in plan.earlier if e.record.state not in CANNOT_BE_STOPPED and _is_meant(e.subject, options)]
    return replace(plan, steps=(), skips=(), earlier=tuple(chosen))


def is_all_of_it(survey: Survey, facts: LedgerFacts, chosen: Plan, options: ApplyOptions, *, is_stop: bool) -> bool:
    """
    True if the window has nothing left beside the chosen plan, in whatever way the choice is narrower.

    `facts` are those that the plan was made from. A major version counts only where it was named.
    """
    widened = replace(
        options,
        selection=Selection(only_updates=_all_updates(survey, options.selection)),
        only_instances=frozenset(),
        include_untold_reason=None,
    )
    everything = apply_plan(survey, facts, chosen.window, chosen.made_at, widened)
    if is_stop:
        return len(only_to_stop(everything, ApplyOptions()).earlier) == len(chosen.earlier)
    return _groups(everything) <= _groups(chosen)


def _is_meant(subject: Subject, options: ApplyOptions) -> bool:
    selection = options.selection
    if selection.only_updates and subject.service_update not in selection.only_updates:
        return False
    is_named = options.names(subject.replication_group_id, subject.instance)
    if options.only_instances or options.groups:
        return is_named
    return selection.has_org(subject.instance) if subject.instance else not selection.only_orgs


def _all_updates(survey: Survey, selection: Selection) -> frozenset[str]:
    updates = survey.our_service_updates
    return frozenset(update.name for update in updates if not update.is_major_version or selection.has_update(update))


def _groups(plan: Plan) -> set[str]:
    return {step.subject.replication_group_id for step in plan.steps}
