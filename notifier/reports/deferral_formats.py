"""Deferrals for people and for programs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from fleet.program.text import csv_text, json_text, text_of_lines
from ledger.deferral import Deferral, Target
from notifier.reports.document import VERSION, Document, window_document
from notifier.reports.words import counted
from notifier.window import MaintenanceWindow, window_of_key


@dataclass(frozen=True)
class DeferralsReport:
    aws_region: str
    deferrals: Sequence[Deferral]
    org_word: str = "org"


def deferral_document(deferral: Deferral) -> Document:
    return {
        "id": deferral.id,
        "aws_region": deferral.aws_region,
        "target": deferral.target.value,
        "guid": deferral.guid,
        "name": deferral.name,
        "org_guid": deferral.org_guid,
        "org_name": deferral.org_name,
        "until": deferral.until.isoformat() if deferral.until else None,
        "window": _window(deferral) and window_document(_window(deferral)),  # type: ignore[arg-type] # not None there
        "reason": deferral.reason,
        "ticket": deferral.ticket,
        "added_at": deferral.added_at.isoformat(),
        "added_by": deferral.added_by,
        "ended_at": deferral.ended_at.isoformat() if deferral.ended_at else None,
        "ended_by": deferral.ended_by,
    }


def how_long(deferral: Deferral) -> str:
    """Such as `until 1 July 2026` or `not on Tuesday 16 June 2026 between 09:00 and 11:00 (BST)`."""
    window = _window(deferral)
    if window is not None:
        return f"not on {window.in_words}"
    return f"until {deferral.until:%-d %B %Y}" if deferral.until else ""


def whose(deferral: Deferral, org_word: str) -> str:
    """What it is for: an instance, or what the platform calls an org."""
    return org_word if deferral.target is Target.ORG else deferral.target.value


def deferral_in_words(deferral: Deferral) -> str:
    """Such as `until 1 July 2026: an election [T-1] (ada)`."""
    ticket = f" [{deferral.ticket}]" if deferral.ticket else ""
    return f"{how_long(deferral)}: {deferral.reason}{ticket} ({deferral.added_by})"


def _table(report: DeferralsReport) -> str:
    lines = [f"{counted(len(report.deferrals), 'deferral')} in {report.aws_region}"]
    for deferral in report.deferrals:
        what = deferral.name if deferral.target is Target.ORG else f"{deferral.org_name}: {deferral.name}"
        ticket = f" [{deferral.ticket}]" if deferral.ticket else ""
        ended = f"; ended {deferral.ended_at:%-d %B %Y} by {deferral.ended_by}" if deferral.ended_at else ""
        said = f"{deferral.reason}{ticket} ({deferral.added_by}, {deferral.added_at:%-d %B %Y}){ended}"
        lines.append(f"  {deferral.id}  {whose(deferral, report.org_word)} {what}  {how_long(deferral)}  {said}")
    return text_of_lines(lines)


def _json(report: DeferralsReport) -> str:
    return json_text({"version": VERSION, "deferrals": [deferral_document(deferral) for deferral in report.deferrals]})


def _csv(report: DeferralsReport) -> str:
    rows = [{**deferral_document(deferral), "window": deferral.window_key} for deferral in report.deferrals]
    return csv_text(list(rows[0]), rows) if rows else ""


FORMATS: dict[str, Callable[[DeferralsReport], str]] = {"table": _table, "json": _json, "csv": _csv}


def _window(deferral: Deferral) -> MaintenanceWindow | None:
    if deferral.window_key is None:
        return None
    return window_of_key(deferral.window_key, ZoneInfo(deferral.time_zone))
