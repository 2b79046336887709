"""The report of `print` in its four formats."""

from collections.abc import Iterator

from fleet.program.text import csv_text, json_text
from notifier.affected import AffectedInstance
from notifier.reports.affected_document import AffectedReport, affected_document
from notifier.reports.affected_lines import (
    closing_notes,
    headline,
    managers,
    nobody_told,
    nobody_told_heading,
    notes,
    org_notes,
    told_in_words,
)
from notifier.reports.affected_table import as_table, columns, rows, told_label
from notifier.reports.markdown import markdown
from notifier.reports.words import org_word

_CSV_COLUMNS = (
    "org_guid",
    "org_name",
    "space_guid",
    "space_name",
    "instance_guid",
    "instance_name",
    "plan",
    "is_highly_available",
    "update",
    "severity",
    "recommended_apply_by",
    "managers",
    "replication_group_id",
    "deferred_until",
    "deferred_window",
    "deferral_reason",
    "deferral_ticket",
    "deferral_added_by",
    "told_at",
    "told_another_way",
    "window_state",
    "failed_for_good",
)


def as_json(report: AffectedReport) -> str:
    return json_text(affected_document(report))


def as_csv(report: AffectedReport) -> str:
    """One line for each instance and each of its updates."""
    return csv_text(_CSV_COLUMNS, _csv_rows(report))


def _csv_rows(report: AffectedReport) -> Iterator[dict[str, str]]:
    for org in report.findings.orgs:
        addresses = report.findings.audience.addresses_by_org.get(org.guid, [])
        failed = [address for address in addresses if report.has_failed_for_good(org, address)]
        people = {"managers": " ".join(addresses), "failed_for_good": " ".join(failed)}
        for instance in org.instances:
            beside = {**people, **_csv_known(instance, report)}
            for row in _csv_rows_of(instance):
                yield {**row, **beside}


def _csv_known(instance: AffectedInstance, report: AffectedReport) -> dict[str, str]:
    """What the ledger knows of it."""
    service_instance = instance.service_instance
    deferral = report.deferred.get(service_instance.guid)
    told_at = report.told.last_told(service_instance)
    ways = [t.how for t in report.tellings if service_instance.guid in t.instance_guids]
    return {
        "deferred_until": deferral.until.isoformat() if deferral and deferral.until else "",
        "deferred_window": (deferral.window_key or "") if deferral else "",
        "deferral_reason": deferral.reason if deferral else "",
        "deferral_ticket": (deferral.ticket or "") if deferral else "",
        "deferral_added_by": deferral.added_by if deferral else "",
        "told_at": told_at.isoformat() if told_at else "",
        "told_another_way": "; ".join(ways),
        "window_state": report.window_record.state.value if report.window_record else "",
    }


def _csv_rows_of(instance: AffectedInstance) -> Iterator[dict[str, str]]:
    service_instance = instance.service_instance
    for update in instance.updates:
        yield {
            "org_guid": service_instance.org_guid,
            "org_name": service_instance.org_name,
            "space_guid": service_instance.space_guid,
            "space_name": service_instance.space_name,
            "instance_guid": service_instance.guid,
            "instance_name": service_instance.name,
            "plan": service_instance.plan_name,
            "is_highly_available": str(instance.is_highly_available).lower(),
            "update": update.name,
            "severity": update.severity,
            "recommended_apply_by": update.recommended_apply_by.isoformat() if update.recommended_apply_by else "",
            "replication_group_id": service_instance.replication_group_id,
        }


def _level(report: AffectedReport) -> str:
    word = org_word(report.findings.words)
    return "Org" if word == "org" else markdown(word)


def as_markdown(report: AffectedReport) -> str:
    lines, heads = [markdown(headline(report)), ""], columns(report)
    for org in report.findings.orgs:
        addresses = [f"{markdown(address)}{state}" for address, state in managers(org, report)]
        told = ", ".join(addresses) or told_in_words(org, report)
        lines += [f"## {_level(report)} {markdown(org.name)}", "", f"{told_label(report)}: {told}", ""]
        first = 0 if heads[0] else 1
        lines += ["| " + " | ".join(map(markdown, heads[first:])) + " |", "|" + " --- |" * len(heads[first:])]
        lines += ["| " + " | ".join(map(markdown, row[first:])) + " |" for row in rows(org.instances)]
        lines.append("")
        if said := org_notes(org, report):
            lines += [*(f"- {markdown(note)}" for note in said), ""]
    lines += [f"- {markdown(note)}" for note in (*notes(report), *closing_notes(report))]
    if entries := report.untold:
        lines += [
            "",
            nobody_told_heading(report),
            "",
            *(f"- {markdown(nobody_told(entry, report))}" for entry in entries),
        ]
    return "\n".join(lines).rstrip() + "\n"


FORMATS = {"table": as_table, "json": as_json, "csv": as_csv, "markdown": as_markdown}
