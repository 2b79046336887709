"""
Shows on a terminal which updates wait for whom: as a table if every line fits, else as a list. Nothing is cut off.

If the output is not a terminal, it is always a table, as wide as necessary, so that its lines can be searched.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.cells import cell_len

from fleet.printable import visible
from fleet.program.text import text_of_lines
from fleet.tenants.tenancy import Words
from notifier.affected import AffectedInstance, AffectedOrg
from notifier.reports.affected_document import AffectedReport, by_space
from notifier.reports.affected_lines import (
    closing_notes,
    headline,
    managers,
    nobody_told_lines,
    notes,
    org_notes,
    told_in_words,
)

_SPACE = "Space"
COLUMNS = (_SPACE, "Instance", "Plan", "Highly available", "Update", "Severity", "Apply by", "Replication group")


def as_table(report: AffectedReport) -> str:
    """Fits the width of the terminal, if stdout is one."""
    if not sys.stdout.isatty():
        return table_or_list(report, None)
    from rich.console import Console  # noqa: PLC0415 — programs that read us need not wait for it to load

    return table_or_list(report, Console().width)


def table_or_list(report: AffectedReport, width: int | None) -> str:
    tables = [_table(rows(org.instances), columns(report)) for org in report.findings.orgs]
    fits = width is None or all(cell_len(line) <= width for table in tables for line in table)
    lines = [headline(report)]
    for org, table in zip(report.findings.orgs, tables, strict=True):
        told = ", ".join(f"{address}{state}" for address, state in managers(org, report)) or told_in_words(org, report)
        lines += ["", _heading(org, report), f"{told_label(report)}: {told}"]
        lines += table if fits else _list(org.instances)
        lines += org_notes(org, report)
    beside = [*notes(report), *closing_notes(report), *nobody_told_lines(report)]
    return text_of_lines([*lines, "", *beside] if beside else lines)


def rows(instances: Iterable[AffectedInstance]) -> Iterator[tuple[str, ...]]:
    """One row for each instance and each of its updates, with the cells of COLUMNS."""
    for space_name, within in by_space(instances):
        for instance in within:
            i = instance.service_instance
            available = "yes" if instance.is_highly_available else "no"
            for update in instance.updates:
                severity, apply_by = update.severity or "-", _day(update.recommended_apply_by)
                of_instance = (space_name, i.name, i.plan_name, available)
                yield (*of_instance, update.name, severity, apply_by, i.replication_group_id)


def columns(report: AffectedReport) -> tuple[str, ...]:
    """With the platform's word for a space; empty where it has none."""
    words = report.findings.words
    return COLUMNS if words == Words() else (words.space, *COLUMNS[1:])


def told_label(report: AffectedReport) -> str:
    """What stands before the addresses."""
    return "Managers" if report.findings.words == Words() else "Addresses"


def _heading(org: AffectedOrg, report: AffectedReport) -> str:
    """The value of a tag is its own guid."""
    words = report.findings.words
    return f"Org {org.name} ({org.guid})" if words == Words() else f"{words.org} {org.name}"


def _table(found: Iterable[Sequence[str]], heads: Sequence[str]) -> list[str]:
    """Aligns the columns, even if some characters are wider than others; without the first if it has no head."""
    first = 0 if heads[0] else 1
    shown = [tuple(map(visible, row[first:])) for row in (heads, *found)]
    widths = [max(map(cell_len, column)) for column in zip(*shown, strict=True)]
    return [
        "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in shown
    ]


def _list(instances: Iterable[AffectedInstance]) -> Iterator[str]:
    for space_name, within in by_space(instances):
        for instance in within:
            i = instance.service_instance
            available = "highly available" if instance.is_highly_available else "not highly available"
            yield f"  {' / '.join([*filter(None, [space_name]), i.name])}"
            yield f"    plan {i.plan_name}, {available}, replication group {i.replication_group_id}"
            for update in instance.updates:
                apply_by = f", apply by {_day(update.recommended_apply_by)}" if update.recommended_apply_by else ""
                yield f"    {update.name}{f', {update.severity}' if update.severity else ''}{apply_by}"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "-"
