"""Lines for people about a maintenance. Callers make them safe to print, because tenants chose the names in them."""

from notifier.affected import AffectedInstance, AffectedOrg
from notifier.audience import CouldNotBeTold
from notifier.reports.affected_document import AffectedReport, summary
from notifier.reports.deferral_formats import deferral_in_words
from notifier.reports.telling_formats import said
from notifier.reports.words import counted, org_word, within_org


def headline(report: AffectedReport) -> str:
    counts = summary(report)
    untold = counts["orgs_with_nobody"]
    org = org_word(report.findings.words)
    nobody = f"; {counted(untold, f'{org} has', f'{org}s have')} nobody who can be told" if untold else ""
    return (
        f"{counted(counts['orgs'], org)}, {counted(counts['people'], 'person', 'people')} to tell,"
        f" {counted(counts['instances'], 'instance')} with {counted(counts['updates'], 'update')} waiting"
        f" in {report.findings.region_name} ({report.findings.survey.aws_region})"
        + (f", window {report.window.in_words}{_state(report)}" if report.window else "")
        + nobody
    )


def _state(report: AffectedReport) -> str:
    """As the ledger has it."""
    return f" ({report.window_record.state})" if report.window_record else ""


def notes(report: AffectedReport) -> list[str]:
    """Warnings, and the updates that were left out."""
    lines = [f"Warning: {warning}" for warning in report.all_warnings]
    if report.findings.left_out_updates:
        names = ", ".join(report.findings.left_out_updates)
        lines.append(
            f"Left out, because they change the major version: {names}; name them with --only-update to include them"
        )
    return lines


def nobody_told_heading(report: AffectedReport) -> str:
    return f"Nobody could be told ({len(report.untold)}):"


def nobody_told(entry: CouldNotBeTold, report: AffectedReport) -> str:
    manager = f", manager {entry.manager}" if entry.manager else ""
    return f"{org_word(report.findings.words)} {entry.org.name}{manager}: {entry.reason}"


def nobody_told_lines(report: AffectedReport) -> list[str]:
    entries = report.untold
    return [nobody_told_heading(report), *(f"  {nobody_told(entry, report)}" for entry in entries)] if entries else []


def on_purpose_lines(report: AffectedReport) -> list[str]:
    """The orgs that the address book says nobody is to be told of."""
    return [
        f"Nobody is to be told, as the address book says: {org_word(report.findings.words)} {org.name}"
        for org in report.to_tell.audience.told_to_nobody
    ]


def told_in_words(org: AffectedOrg, report: AffectedReport) -> str:
    """What stands where nobody's address does."""
    is_on_purpose = any(org.guid == left.guid for left in report.findings.audience.told_to_nobody)
    return "nobody, on purpose" if is_on_purpose else "nobody"


def managers(org: AffectedOrg, report: AffectedReport) -> list[tuple[str, str]]:
    """Each manager's address with, if there is a window, whether the manager was told about it."""
    addresses = report.findings.audience.addresses_by_org.get(org.guid, [])
    return [(address, _told(org, address, report)) for address in addresses]


def org_notes(org: AffectedOrg, report: AffectedReport) -> list[str]:
    """Which of its instances are deferred, and how it was told another way."""
    deferred = [
        f"Deferred: {within_org(i.service_instance)}"
        f" ({i.service_instance.replication_group_id}): {deferral_in_words(deferral)}"
        for i, deferral in report.deferred_instances
        if i.service_instance.org_guid == org.guid
    ]
    waiting = set(org.instance_guids) - set(report.deferred)
    tellings = [telling for telling in report.tellings if telling.org_guid == org.guid]
    return [*deferred, *(f"Told another way: {said(telling, waiting)}" for telling in tellings)]


def closing_notes(report: AffectedReport) -> list[str]:
    """Orgs that were told another way, and for whose instances no update waits any more."""
    affected, word = {org.guid for org in report.findings.orgs}, org_word(report.findings.words)
    gone = [telling for telling in report.tellings if telling.org_guid not in affected]
    return [
        f"Told another way, but not affected any more: {word} {report.org_names.get(t.org_guid, t.org_guid)}: {said(t)}"
        for t in gone
    ]


def deferred_orgs_lines(report: AffectedReport) -> list[str]:
    """Who gets no mail because of that."""
    orgs = report.deferred_orgs
    heading = f"No mail, because all their affected instances are deferred ({len(orgs)}):"
    return [heading, *(f"  {org_word(report.findings.words)} {org.name}" for org in orgs)] if orgs else []


def deferred_lines(report: AffectedReport) -> list[str]:
    found = report.deferred_instances
    lines = [f"  {_long_name(instance)}: {deferral_in_words(deferral)}" for instance, deferral in found]
    heading = f"Deferred, and in no mail: {counted(len(found), 'instance')}"
    return [heading, *lines, *deferred_orgs_lines(report)] if found else []


def _told(org: AffectedOrg, address: str, report: AffectedReport) -> str:
    if report.window is None:
        return ""
    record = report.sent.get((org.guid, address))
    has_failed = report.has_failed_for_good(org, address)
    if record is None or record.sent_at is None:
        if has_failed:
            return " (not told: the mail failed for good)"
        is_deferred = org.without(report.deferred) is None
        return " (gets no mail: all is deferred)" if is_deferred else " (not yet told)"
    about = "" if report.is_about_what_waits(record, org) else " about other instances"
    failed = "; a later mail failed for good" if has_failed else ""
    return f" (told{about} at {record.sent_at:%Y-%m-%d %H:%M} UTC{failed})"


def _long_name(instance: AffectedInstance) -> str:
    of = instance.service_instance
    return f"{of.org_name}/{within_org(of)}"
