"""The view as CSV and as JSON, for programs and spreadsheets. Pure."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import msgspec

from exporter.page.choice import Choice
from exporter.page.commands import left_out_filters
from exporter.page.facts import Facts, RegionFacts
from exporter.page.listing import PAGE_LENGTH, Left, Listed, listed
from exporter.page.plan import RegionPlan, region_plan
from exporter.page.updates import UpdateRow
from fleet.program.text import csv_text

JSON_VERSION = 1

CSV_COLUMNS = (
    "aws_region",
    "region",
    "org",
    "space",
    "name",
    "plan",
    "highly_available",
    "replication_group_id",
    "group_status",
    "engine",
    "engine_version",
    "updates",
    "severities",
    "types",
    "statuses",
    "apply_by",
    "schedulable",
    "deferred_until",
    "told_of_windows",
    "service_instance_guid",
    "space_guid",
    "org_guid",
)


def backlog_csv(choice: Choice) -> str:
    """All that the view lists, or the page of it that was asked for."""
    return csv_text(CSV_COLUMNS, (_cells(one, choice) for one in _rows(choice)))


def backlog_json(choice: Choice) -> bytes:
    """Like the CSV, with what the page says of regions and updates beside it."""
    document = {
        "version": JSON_VERSION,
        "generated_at": choice.facts.now.isoformat(timespec="seconds"),
        "parameters": choice.view.parameters,
        "regions": [_region(region, region_plan(choice, region), choice) for region in choice.regions],
        "regions_not_surveyed": [s.aws_region for s in choice.facts.statuses if s.survey is None],
        "ledger": _ledger(choice.facts),
        "updates": [_update(row) for region in choice.regions for row in region.updates],
        "page": choice.view.page,
        "pages": max(1, -(-len(choice.listed) // PAGE_LENGTH)) if choice.is_known else None,
        "count": len(choice.listed) if choice.is_known else None,
        "instances": [_instance(one, choice) for one in _rows(choice)] if choice.is_known else None,
    }
    return msgspec.json.encode(document) + b"\n"


def _rows(choice: Choice) -> Iterator[Listed]:
    rows, page = choice.listed, choice.view.page
    return iter(listed(choice, rows if page is None else rows[(page - 1) * PAGE_LENGTH : page * PAGE_LENGTH]))


def _cells(one: Listed, choice: Choice) -> dict[str, object]:
    instance, group, left = one.instance, one.group, one.left
    dates = [each.update.recommended_apply_by for each in left if each.update.recommended_apply_by]
    return {
        "aws_region": one.row.aws_region,
        "region": one.row.region_name,
        "org": instance.org_name,
        "space": instance.space_name,
        "name": instance.name,
        "plan": instance.plan_name,
        "highly_available": _yes_or_no(group.is_highly_available) if group else None,
        "replication_group_id": instance.replication_group_id,
        "group_status": group.status if group else None,
        "engine": group.engine if group else None,
        "engine_version": one.engine_version or None,
        "updates": ", ".join(each.update.name for each in left),
        "severities": ", ".join(each.update.severity for each in left),
        "types": ", ".join(each.update.type for each in left),
        "statuses": ", ".join(each.action.status for each in left),
        "apply_by": min(dates).date().isoformat() if dates else None,
        "schedulable": _yes_or_no(one.is_schedulable),
        "deferred_until": _moment(one.deferral.lasts_until) if one.deferral else None,
        "told_of_windows": ", ".join(w.key.window_key for w in one.windows) if choice.facts.is_told_known else None,
        "service_instance_guid": instance.guid,
        "space_guid": instance.space_guid,
        "org_guid": instance.org_guid,
    }


def _yes_or_no(claim: bool) -> str:  # noqa: FBT001 — it is the value
    return "yes" if claim else "no"


def _instance(one: Listed, choice: Choice) -> dict[str, object]:
    instance, group = one.instance, one.group
    return {
        "aws_region": one.row.aws_region,
        "region": one.row.region_name,
        "org": {"guid": instance.org_guid, "name": instance.org_name},
        "space": {"guid": instance.space_guid, "name": instance.space_name},
        "guid": instance.guid,
        "name": instance.name,
        "plan": instance.plan_name,
        "replication_group_id": instance.replication_group_id,
        "group": None
        if group is None
        else {
            "status": group.status,
            "engine": group.engine or None,
            "engine_version": one.engine_version or None,
            "nodes": group.nodes_count,
            "is_highly_available": group.is_highly_available,
        },
        "updates": [_left(left) for left in one.left],
        "is_schedulable": one.is_schedulable,
        "deferred_until": _moment(one.deferral.lasts_until) if one.deferral else None,
        "told_of_windows": [w.key.window_key for w in one.windows] if choice.facts.is_told_known else None,
    }


def _left(left: Left) -> dict[str, object]:
    """What else there is to know of the update is among `updates`."""
    return {
        "name": left.update.name,
        "severity": left.update.severity or None,
        "type": left.update.type or None,
        "status": left.action.status,
    }


def _ledger(facts: Facts) -> dict[str, object] | None:
    ledger = facts.ledger
    if ledger is None:
        return None
    return {
        "is_readable": ledger.outlook is not None,
        "read_at": ledger.read_at and ledger.read_at.isoformat(timespec="seconds"),
        "last_failure": ledger.last_failure and asdict(ledger.last_failure),
    }


def _region(region: RegionFacts, plan: RegionPlan, choice: Choice) -> dict[str, object]:
    survey, status = region.survey, region.status
    return {
        "aws_region": status.aws_region,
        "region": status.region_name,
        "surveyed_at": survey.taken_at.isoformat(timespec="seconds"),
        "last_failure": status.last_failure and asdict(status.last_failure),
        "instances": len(survey.service_instances),
        "waiting": len(survey.waiting_instance_guids),
        "unclaimed_groups": list(survey.unclaimed_group_ids),
        "unknown_instances": [instance.guid for instance in survey.unknown_instances],
        "plan": {
            "waiting": plan.waiting,
            "schedulable": plan.schedulable,
            "orgs": plan.orgs,
            "deferred": plan.deferred if choice.facts.is_outlook_known else None,
            "major_version_only": plan.major_only,
            "not_available": plan.not_available,
            "under_way": plan.under_way,
            "scheduled_by_aws": plan.scheduled,
            "estimated_minutes": round(plan.seconds / 60),
            "apply_by": _moment(plan.deadline.update.recommended_apply_by) if plan.deadline else None,
            "overdue": [row.update.name for row in plan.overdue],
            "windows": _windows(plan) if choice.facts.is_outlook_known else None,
            "command_window": {
                "date": plan.chosen.flags.day.isoformat(),
                "hours": plan.chosen.flags.hours,
                "time_zone": plan.chosen.flags.time_zone,
                "is_planned": plan.chosen.is_planned,
                "is_example": plan.is_example,
            },
            "warnings": list(plan.warnings),
            "filters_without_option": list(left_out_filters(choice.view)),
            "no_commands_because": plan.no_commands or None,
            "commands": [command.text for command in plan.commands],
            "commands_for_planned_windows": [command.text for command in plan.planned_commands],
        },
    }


def _windows(plan: RegionPlan) -> list[dict[str, object]]:
    return [{"window": w.window.key.window_key, "is_open": w.is_open, "told": w.told_count} for w in plan.windows]


def _update(row: UpdateRow) -> dict[str, object]:
    update = row.update
    return {
        "aws_region": row.aws_region,
        "name": update.name,
        "severity": update.severity or None,
        "type": update.type or None,
        "is_major_version": update.is_major_version,
        "description": update.description or None,
        "engine": update.engine or None,
        "engine_version": update.engine_version or None,
        "estimate": update.estimated_update_time or None,
        "released_at": _moment(update.released_at),
        "recommended_apply_by": _moment(update.recommended_apply_by),
        "ends_at": _moment(update.ends_at),
        "is_applied_by_aws_after_that_date": update.auto_update_after_recommended_apply_by,
        "waiting_instances": row.waiting_instances,
        "waiting_groups": row.waiting_groups,
        "under_way_groups": row.under_way_groups,
        "scheduled_groups": row.scheduled_groups,
        "scheduled_since": _moment(row.scheduled_since),
        "console": row.console_address,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
