"""Surveys the region while the ledger is read, and makes the checklist of both, or of the ledger alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.errors import RemoteError
from fleet.inventory import ServiceUpdate
from fleet.program.threads import Threads
from fleet.survey import Survey
from ledger.ledger import Ledger
from notifier.checklist.checklist import checklist
from notifier.checklist.known import known
from notifier.checklist.step import Step
from notifier.maintenance import Maintenance

Warnings = Callable[[Maintenance, datetime, Sequence[ServiceUpdate]], list[str]]
"""What is unwise about a window, seen at that moment, for these updates."""


@dataclass(frozen=True)
class Findings:
    steps: tuple[Step, ...]
    survey_problem: RemoteError | None
    """Why there is no survey: then the steps are what the ledger knows."""


def findings(
    survey: Callable[[], Survey], ledger: Ledger, maintenance: Maintenance, warnings: Warnings, now: datetime
) -> Findings:
    """Raises what the ledger raises, and ConfigurationError."""
    with Threads(1, "survey") as pool:
        surveying = pool.submit(_surveyed, survey)
        facts = known(ledger, maintenance, now)  # while the remote systems are asked
    found = surveying.result()
    problem = found if isinstance(found, RemoteError) else None
    surveyed = None if isinstance(found, RemoteError) else found
    seen_at = facts.window.first_known_at if facts.window and facts.window.first_known_at else now
    updates = _waiting(surveyed) if surveyed else []
    complete = replace(facts, survey=surveyed, warnings=warnings(maintenance, seen_at, updates))
    return Findings(checklist(complete), problem)


def _surveyed(survey: Callable[[], Survey]) -> Survey | RemoteError:
    try:
        return survey()
    except RemoteError as error:
        return error


def _waiting(survey: Survey) -> list[ServiceUpdate]:
    """What a window would bring to somebody's instance."""
    required = survey.required_updates
    return [r.service_update for r in required if r.service_instance and not r.service_update.is_major_version]
