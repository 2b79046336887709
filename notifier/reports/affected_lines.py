"""Lines for people about a maintenance. Callers make them safe to print, because tenants chose the names in them."""

from notifier.affected import AffectedOrg
from notifier.audience import CouldNotBeTold
from notifier.reports.affected_document import AffectedReport, summary
from notifier.reports.words import counted


def headline(report: AffectedReport) -> str:
    counts = summary(report)
    untold = counts["orgs_with_nobody"]
    nobody = f"; {counted(untold, 'org has', 'orgs have')} nobody who can be told" if untold else ""
    return (
        f"{counted(counts['orgs'], 'org')}, {counted(counts['people'], 'person', 'people')} to tell,"
        f" {counted(counts['instances'], 'instance')} with {counted(counts['updates'], 'update')} waiting"
        f" in {report.findings.region_name} ({report.findings.survey.aws_region})"
        + (f", window {report.window.in_words}" if report.window else "")
        + nobody
    )


def notes(report: AffectedReport) -> list[str]:
    """Warnings, and the updates that were left out."""
    lines = [f"Warning: {warning}" for warning in report.warnings]
    if report.findings.left_out_updates:
        names = ", ".join(report.findings.left_out_updates)
        lines.append(
            f"Left out, because they change the major version: {names}; name them with --only-update to include them"
        )
    return lines


def nobody_told_heading(report: AffectedReport) -> str:
    return f"Nobody could be told ({len(report.findings.audience.could_not_be_told)}):"


def nobody_told(entry: CouldNotBeTold) -> str:
    manager = f", manager {entry.manager}" if entry.manager else ""
    return f"org {entry.org.name}{manager}: {entry.reason}"


def nobody_told_lines(report: AffectedReport) -> list[str]:
    entries = report.findings.audience.could_not_be_told
    return [nobody_told_heading(report), *(f"  {nobody_told(entry)}" for entry in entries)] if entries else []


def managers(org: AffectedOrg, report: AffectedReport) -> list[tuple[str, str]]:
    """Each manager's address with, if there is a window, whether the manager was told about it."""
    addresses = report.findings.audience.addresses_by_org.get(org.guid, [])
    return [(address, _told(org, address, report)) for address in addresses]


def _told(org: AffectedOrg, address: str, report: AffectedReport) -> str:
    if report.window is None:
        return ""
    record = report.sent.get((org.guid, address))
    if record is None or record.sent_at is None:
        return " (not yet told)"
    about = "" if record.instance_guids == org.instance_guids else " about other instances"
    return f" (told{about} at {record.sent_at:%Y-%m-%d %H:%M} UTC)"
