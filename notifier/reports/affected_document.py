"""The report of `print` as one document, which scripts may rely on; docs/notifier.md describes it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from ledger.correspondence import correspondence
from ledger.mail_record import MailRecord
from notifier.affected import AffectedInstance, AffectedOrg
from notifier.audience import CouldNotBeTold
from notifier.enquiry import Findings
from notifier.maintenance import Maintenance
from notifier.window import MaintenanceWindow

VERSION = 1

Document = dict[str, Any]


@dataclass(frozen=True)
class AffectedReport:
    findings: Findings
    maintenance: Maintenance | None
    warnings: Sequence[str]
    records: Sequence[MailRecord]
    """The mails of the maintenance; empty if no maintenance is given."""

    @property
    def window(self) -> MaintenanceWindow | None:
        return self.maintenance.window if self.maintenance else None

    @property
    def sent(self) -> Mapping[tuple[str, str], MailRecord]:
        """The last mail to each person, by org and address; mails that failed for good do not count."""
        known = correspondence(self.records)
        return {whom: found.last for whom, found in known.items() if found.last is not None and found.is_told_of_it}


def affected_document(report: AffectedReport) -> Document:
    findings = report.findings
    return {
        "version": VERSION,
        "region": region_document(findings.region_name, findings.survey.aws_region),
        "surveyed_at": _moment(findings.survey.taken_at),
        "window": report.window and window_document(report.window),
        "warnings": list(report.warnings),
        "summary": summary(report),
        "orgs": [_org(org, report) for org in findings.orgs],
        "nobody_told": [could_not_be_told_document(entry) for entry in findings.audience.could_not_be_told],
        "left_out_updates": list(findings.left_out_updates),
    }


def summary(report: AffectedReport) -> dict[str, int]:
    findings = report.findings
    return {
        "orgs": len(findings.orgs),
        "people": len({recipient.address for recipient in findings.audience.recipients}),
        "mails": len(findings.audience.recipients),
        "instances": sum(len(org.instances) for org in findings.orgs),
        "updates": len({update.name for org in findings.orgs for update in org.updates}),
        "nobody_told": len(findings.audience.could_not_be_told),
        "orgs_with_nobody": sum(org.guid not in findings.audience.addresses_by_org for org in findings.orgs),
    }


def region_document(name: str, aws_region: str) -> Document:
    return {"name": name, "aws_region": aws_region}


def window_document(window: MaintenanceWindow) -> Document:
    return {
        "starts_at": window.starts_at.isoformat(),
        "ends_at": window.ends_at.isoformat(),
        "time_zone": str(window.starts_at.tzinfo),
        "in_words": window.in_words,
    }


def could_not_be_told_document(entry: CouldNotBeTold) -> Document:
    return {
        "org_guid": entry.org.guid,
        "org_name": entry.org.name,
        "manager": entry.manager,
        "reason": entry.reason,
    }


def by_space(instances: Iterable[AffectedInstance]) -> list[tuple[str, list[AffectedInstance]]]:
    """Each space's name with its instances; two spaces with the same name stay separate."""
    groups = groupby(instances, key=lambda i: (i.service_instance.space_name, i.service_instance.space_guid))
    return [(name, list(group)) for (name, _), group in groups]


def _org(org: AffectedOrg, report: AffectedReport) -> Document:
    addresses = report.findings.audience.addresses_by_org.get(org.guid, [])
    return {
        "guid": org.guid,
        "name": org.name,
        "managers": [_manager(org, address, report) for address in addresses],
        "spaces": [
            {
                "guid": instances[0].service_instance.space_guid,
                "name": name,
                "instances": [_instance(instance) for instance in instances],
            }
            for name, instances in by_space(org.instances)
        ],
    }


def _manager(org: AffectedOrg, address: str, report: AffectedReport) -> Document:
    record = report.sent.get((org.guid, address))
    if report.window is None:
        return {"address": address}
    return {
        "address": address,
        "mail_sent_at": record and _moment(record.sent_at),
        "mail_is_about_these_instances": record and record.instance_guids == org.instance_guids,
    }


def _instance(instance: AffectedInstance) -> Document:
    service_instance = instance.service_instance
    return {
        "guid": service_instance.guid,
        "name": service_instance.name,
        "plan": service_instance.plan_name,
        "is_highly_available": instance.is_highly_available,
        "replication_group_id": service_instance.replication_group_id,
        "updates": [
            {
                "name": update.name,
                "severity": update.severity,
                "type": update.type,
                "recommended_apply_by": _moment(update.recommended_apply_by),
            }
            for update in instance.updates
        ],
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
