"""What `apply` plans or has done as one document: the contract for scripts, described in docs/notifier.md."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fleet.inventory import ServiceInstance
from fleet.program.text import json_text
from ledger.run import Run
from notifier.apply.options import ApplyOptions
from notifier.apply.result import GroupResult
from notifier.maintenance import Maintenance
from notifier.reports.deferral_formats import deferral_document
from notifier.reports.document import VERSION, Document, region_document, window_document


@dataclass(frozen=True)
class ApplyReport:
    maintenance: Maintenance
    options: ApplyOptions
    groups: Sequence[GroupResult]
    account: str | None = None
    run: Run | None = None
    """None where it is only planned."""
    ended_at: datetime | None = None
    halted_by: str | None = None
    still_listed: Sequence[tuple[str, str]] = ()
    newer_updates: Sequence[str] = ()
    called_off: str | None = None
    """One line that says so, if somebody moved or cancelled the window meanwhile."""

    @property
    def is_over(self) -> bool:
        """Whether `apply` would be refused now, unless its operator gives a reason."""
        is_bound = self.options.outside_window_reason is None
        return is_bound and self.ended_at is not None and self.ended_at >= self.maintenance.window.ends_at


def apply_json(report: ApplyReport) -> str:
    return json_text(apply_document(report))


def apply_document(report: ApplyReport) -> Document:
    maintenance = report.maintenance
    return {
        "version": VERSION,
        "region": region_document(maintenance.region_name, maintenance.aws_region),
        "window": window_document(maintenance.window),
        "account": report.account,
        "run": report.run and _run(report.run, report),
        "summary": dict(Counter(group.outcome.value for group in report.groups)),
        "halted_by": report.halted_by,
        "groups": [_group(group) for group in report.groups],
        "still_listed": [{"replication_group_id": group, "update": update} for group, update in report.still_listed],
        "newer_updates": list(report.newer_updates),
    }


def _run(run: Run, report: ApplyReport) -> Document:
    return {
        "id": run.id,
        "operator": run.operator,
        "host": run.host,
        "started_at": _moment(run.started_at),
        "ended_at": _moment(report.ended_at),
        "outside_window_reason": report.options.outside_window_reason,
        "include_untold_reason": report.options.include_untold_reason,
    }


def _group(group: GroupResult) -> Document:
    subject = group.subject
    return {
        "replication_group_id": subject.replication_group_id,
        "instance": subject.instance and _instance(subject.instance),
        "update": subject.service_update,
        "nodes": subject.nodes,
        "nodes_updated": group.nodes_updated,
        "is_highly_available": subject.is_highly_available,
        "estimated_minutes": subject.estimate / timedelta(minutes=1),
        "outcome": group.outcome.value,
        "reason": group.reason and group.reason.value,
        "deferral": group.deferral and deferral_document(group.deferral),
        "aws_says": group.aws_says,
        "started_at": _moment(group.started_at),
        "ended_at": _moment(group.ended_at),
        "ended_after_window": group.ended_after_window,
        "run": group.run_id,
    }


def _instance(instance: ServiceInstance) -> Document:
    return {
        "guid": instance.guid,
        "name": instance.name,
        "space": instance.space_name,
        "org": instance.org_name,
        "org_guid": instance.org_guid,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
