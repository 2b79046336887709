"""`print` in its four formats."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from notifier.affected import AffectedInstance, AffectedOrg
from notifier.mail.plain_text import plain_text
from notifier.reports.affected_document import AffectedReport, affected_document, by_space, summary
from notifier.reports.words import counted, visible

_COLUMNS = ("Space", "Instance", "Plan", "Highly available", "Update", "Severity", "Apply by")
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
)
_WIDE = 200
"""Where the output is no terminal, so that lines can be searched."""


def as_json(report: AffectedReport) -> str:
    return json.dumps(affected_document(report), indent=2, ensure_ascii=False) + "\n"


def as_csv(report: AffectedReport) -> str:
    """One line for each instance and update, with a header."""
    lines = io.StringIO()
    writer = csv.DictWriter(lines, _CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for org in report.findings.orgs:
        managers = " ".join(report.findings.audience.addresses_by_org.get(org.guid, []))
        for instance in org.instances:
            writer.writerows({**row, "managers": managers} for row in _csv_rows(instance))
    return lines.getvalue()


def _csv_rows(instance: AffectedInstance) -> Iterator[dict[str, str]]:
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
        }


def as_markdown(report: AffectedReport) -> str:
    lines = [headline(report), ""]
    for org in report.findings.orgs:
        lines += [f"## Org {plain_text(org.name)}", "", f"Managers: {_managers(org, report)}", ""]
        lines += ["| " + " | ".join(_COLUMNS) + " |", "|" + " --- |" * len(_COLUMNS)]
        lines += ["| " + " | ".join(plain_text(cell) for cell in row) + " |" for row in _rows(org.instances)]
        lines.append("")
    return "\n".join([*lines, *_notes(report)]).rstrip() + "\n"


def as_table(report: AffectedReport) -> str:
    """In the width of the terminal, if it is one."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=_WIDE, color_system=None)
    with console.capture() as capture:
        console.print(headline(report), style="bold")
        for org in report.findings.orgs:
            console.print()
            console.print(Text(f"Org {visible(org.name)} ({org.guid})", style="bold"))
            console.print(Text(f"Managers: {_managers(org, report)}"))
            table = Table(*_COLUMNS, box=None, pad_edge=False, header_style="underline")
            for row in _rows(org.instances):
                table.add_row(*(Text(visible(cell)) for cell in row))
            console.print(table)
        console.print()
        for line in _notes(report):
            console.print(Text(line))
    return "\n".join(line.rstrip() for line in capture.get().splitlines()).rstrip() + "\n"


def headline(report: AffectedReport) -> str:
    counts = summary(report)
    return (
        f"{counted(counts['orgs'], 'org')}, {counted(counts['people'], 'person', 'people')} to tell,"
        f" {counted(counts['instances'], 'instance')} with {counted(counts['updates'], 'update')} waiting"
        f" in {report.findings.region_name} ({report.findings.survey.aws_region})"
        + (f", window {report.window.in_words}" if report.window else "")
    )


def could_not_be_told_lines(report: AffectedReport) -> list[str]:
    entries = report.findings.audience.could_not_be_told
    if not entries:
        return []
    lines = [f"Nobody could be told ({len(entries)}):"]
    for entry in entries:
        manager = f", manager {visible(entry.manager)}" if entry.manager else ""
        lines.append(f"  org {visible(entry.org.name)}{manager}: {entry.reason}")
    return lines


def _notes(report: AffectedReport) -> Iterator[str]:
    for warning in report.warnings:
        yield f"Warning: {warning}"
    if report.findings.left_out_updates:
        names = ", ".join(report.findings.left_out_updates)
        yield f"Left out, because they change the major version: {names}; name them with --only-update to include them"
    yield from could_not_be_told_lines(report)


def _managers(org: AffectedOrg, report: AffectedReport) -> str:
    addresses = report.findings.audience.addresses_by_org.get(org.guid, [])
    return ", ".join(_manager(org, address, report) for address in addresses) or "nobody"


def _manager(org: AffectedOrg, address: str, report: AffectedReport) -> str:
    if report.window is None:
        return visible(address)
    record = report.sent.get((org.guid, address))
    if record is None or record.sent_at is None:
        return f"{visible(address)} (not yet told)"
    about = "" if record.instance_guids == org.instance_guids else " about other instances"
    return f"{visible(address)} (told{about} at {record.sent_at:%Y-%m-%d %H:%M} UTC)"


def _rows(instances: Iterable[AffectedInstance]) -> Iterator[tuple[str, ...]]:
    for space_name, within in by_space(instances):
        for instance in within:
            i = instance.service_instance
            available = "yes" if instance.is_highly_available else "no"
            for update in instance.updates:
                severity, apply_by = update.severity or "-", _day(update.recommended_apply_by)
                yield (space_name, i.name, i.plan_name, available, update.name, severity, apply_by)


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "-"


FORMATS = {"table": as_table, "json": as_json, "csv": as_csv, "markdown": as_markdown}
