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
    """What the window may have under way, of what was chosen; its warning says how much was not."""
    stoppable = [earlier for earlier in plan.earlier if earlier.record.state not in CANNOT_BE_STOPPED]
    chosen = tuple(earlier for earlier in stoppable if _is_meant(earlier.subject, options))
    others = len(stoppable) - len(chosen)
    is_are = "update of this window was" if others == 1 else "updates of this window were"
    warnings = (f"{others} other {is_are} not chosen, and may be under way",) if others else ()
    return replace(plan, steps=(), skips=(), earlier=chosen, warnings=warnings)


def is_all_of_it(survey: Survey, facts: LedgerFacts, chosen: Plan, options: ApplyOptions) -> bool:
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
