"""Four instances that wait, the page's plan for them, and its commands as a shell reads them."""

import shlex
from datetime import timedelta

from exporter.collectors.surveys import ExporterFacts
from exporter.ledger_status import LedgerStatus
from exporter.page.choice import Choice
from exporter.page.facts import facts_of
from exporter.page.plan import RegionPlan, region_plan
from exporter.page.query import view_of
from exporter.region_status import RegionStatus
from fleet.survey import Survey
from ledger.outlook import Outlook
from tests.builders import TAKEN_AT, action, group_of, service_instance, service_update, survey

EXPORTER = ExporterFacts("9.9.9", 300, 0.2, {})
INSTANCES = tuple(service_instance(f"guid-{number}", f"cache-{number}") for number in range(1, 5))
ONE, TWO, THREE, FOUR = INSTANCES
FOUR_WAIT = survey(
    service_updates=(
        service_update("redis-1"),
        service_update("redis-2", recommended_apply_by=TAKEN_AT + timedelta(days=3)),
        service_update("redis-7", type="engine-major-version-update", recommended_apply_by=TAKEN_AT),
    ),
    update_actions=(
        *(action("redis-1", instance.replication_group_id) for instance in (ONE, TWO)),
        action("redis-2", THREE.replication_group_id),
        action("redis-7", FOUR.replication_group_id),
    ),
    replication_groups=tuple(group_of(instance) for instance in INSTANCES),
    service_instances=INSTANCES,
)
REGION = RegionStatus("eu-west-1", "eu-west-1")
WINDOW = "2026-06-16T08:00Z/2026-06-16T10:00Z"


def plan(
    taken: Survey = FOUR_WAIT, outlook: Outlook | None = None, query: str = "", region_name: str = "Ireland"
) -> RegionPlan:
    status = RegionStatus(region_name, "eu-west-1", survey=taken, surveys_count=1, last_duration_seconds=0.1)
    ledger = None if outlook is None else LedgerStatus(outlook, read_at=TAKEN_AT)
    facts = facts_of([status], EXPORTER, TAKEN_AT, ledger)
    return region_plan(Choice(view_of(query, facts.known_words), facts), facts.regions[0])


def commands(found: RegionPlan) -> dict[str, list[str]]:
    """By the command, the words that a shell makes of its line."""
    lines = [shlex.split(line.text) for line in found.commands]
    assert {words[0] for words in lines} == {"elasticache-update-notifier"}
    return {" ".join(words[1:3]) if words[2] == "--dry-run" else words[1]: words[1:] for words in lines}


def planned_commands(found: RegionPlan) -> dict[str, list[str]]:
    """Likewise, of those about a window that is planned or under way."""
    lines = [shlex.split(line.text)[1:] for line in found.planned_commands]
    return {" ".join(words[:2]) if words[1] in ("add", "--stop") else words[0]: words for words in lines}
