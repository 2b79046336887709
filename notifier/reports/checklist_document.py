"""The checklist as one document, which scripts may rely on; docs/notifier.md describes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.program.text import json_text
from notifier.checklist.step import Step
from notifier.maintenance import Maintenance
from notifier.reports.document import VERSION, Document, region_document, window_document


@dataclass(frozen=True, slots=True)
class StoryIssue:
    number: int
    url: str


@dataclass(frozen=True)
class ChecklistReport:
    maintenance: Maintenance
    steps: Sequence[Step]
    made_at: datetime
    survey_problem: str | None = None
    """Why there is no survey, so that this is only what the ledger knows."""
    issue: StoryIssue | None = None


def checklist_json(report: ChecklistReport) -> str:
    return json_text(checklist_document(report))


def checklist_document(report: ChecklistReport) -> Document:
    issue = report.issue
    return {
        "version": VERSION,
        "region": region_document(report.maintenance.region_name, report.maintenance.aws_region),
        "window": window_document(report.maintenance.window),
        "made_at": report.made_at.isoformat(),
        "survey_problem": report.survey_problem,
        "issue": issue and {"url": issue.url, "number": issue.number},
        "steps": [_step(step) for step in report.steps],
    }


def _step(step: Step) -> Document:
    return {
        "name": step.name,
        "state": step.state.value,
        "detail": step.detail,
        "at": step.at.isoformat() if step.at else None,
        "by": step.by,
        "items": [
            {"name": item.name, "text": item.text, "at": item.at.isoformat() if item.at else None, "by": item.by}
            for item in step.items
        ],
    }
