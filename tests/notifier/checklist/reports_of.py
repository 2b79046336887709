"""A checklist of a whole window for tests: told by mail and telephone, deferred, failed, overridden."""

from dataclasses import replace
from datetime import timedelta

from ledger.update_record import UpdateState
from notifier.checklist.checklist import checklist
from notifier.checklist.facts import Facts
from notifier.reports.checklist_document import ChecklistReport, StoryIssue
from tests import builders
from tests.notifier.checklist.facts_of import (
    BO,
    DEAD_RUN,
    MAINTENANCE,
    OPEN,
    OVER,
    deferral,
    facts,
    incident,
    mail,
    telling,
    update,
)


def whole_window(name: str = "cache") -> Facts:
    """All instances, orgs, spaces and reasons are called `name`, or begin so."""
    complete, failed, waits, phoned = (
        builders.service_instance(f"guid-{n}", f"{name}{n}", org=f"{name}-org-{n}", space=name) for n in range(1, 5)
    )
    all_of_them = (complete, failed, waits, phoned)
    survey = builders.survey(
        service_updates=(builders.service_update("redis-1", recommended_apply_by=OVER),),
        service_instances=all_of_them,
        replication_groups=tuple(map(builders.group_of, all_of_them)),
        update_actions=tuple(builders.action("redis-1", i.replication_group_id) for i in (failed, waits)),
    )
    reasons = {"include_untold_reason": name, "outside_window_reason": name}
    updates = (
        update(complete),
        update(failed, UpdateState.FAILED, aws_says=name),
        update(phoned, UpdateState.COMPLETE, run_id=DEAD_RUN, ended_at=OVER - timedelta(minutes=5), **reasons),
    )
    return facts(
        OVER,
        warnings=[f"{name} is a bank holiday"],
        mails=(mail(complete), mail(failed, BO), mail(phoned, delivery="permanent-failure")),
        tellings=(telling(phoned, name),),
        incident=incident(),
        deferrals=(deferral(waits, reason=name, ticket=name, added_by=name),),
        updates=updates,
        operators={7: name, DEAD_RUN: "cy"},
        began_at={7: OPEN, DEAD_RUN: OPEN + timedelta(hours=1)},
        survey=survey,
    )


def report(name: str = "cache", *, survey_problem: str | None = None) -> ChecklistReport:
    made = whole_window(name)
    made = made if survey_problem is None else replace(made, survey=None)
    issue = StoryIssue(7, "https://github.com/team/platform/issues/7")
    return ChecklistReport(MAINTENANCE, checklist(made), OVER, survey_problem, issue)
