"""The report of `print` as one document, which scripts may rely on; docs/notifier.md describes it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from ledger.correspondence import Correspondence, correspondence
from ledger.deferral import Deferral, idle_warnings
from ledger.mail_record import MailRecord
from ledger.telling import Telling
from ledger.who_was_told import Told, still_says, was_told_another_way, who_was_told
from ledger.window_record import WindowRecord
from notifier.affected import AffectedInstance, AffectedOrg
from notifier.audience import CouldNotBeTold
from notifier.enquiry import Findings
from notifier.maintenance import Maintenance
from notifier.reports.deferral_formats import deferral_document
from notifier.reports.document import VERSION, Document, moment_document, region_document, window_document
from notifier.reports.telling_formats import telling_document
from notifier.window import MaintenanceWindow, window_of_key


@dataclass(frozen=True)
class AffectedReport:
    findings: Findings
    """All that is affected, also what is deferred."""
    maintenance: Maintenance | None
    warnings: Sequence[str]
    records: Sequence[MailRecord]
    """The mails of the maintenance; empty if no maintenance is given."""
    tellings: Sequence[Telling] = ()
    """Likewise: who was told another way."""
    deferred: Mapping[str, Deferral] = field(default_factory=dict)
    """By the guid of the instance, the deferral that counts: for the maintenance if one is given, else for now."""
    window_record: WindowRecord | None = None
    asked_to_wait: Sequence[Deferral] = ()
    """Of those deferrals all that there are, also such as are for nothing that there is."""

    @property
    def window(self) -> MaintenanceWindow | None:
        return self.maintenance.window if self.maintenance else None

    @property
    def all_warnings(self) -> list[str]:
        """With deferrals that leave nothing alone, and groups that wait and have no tag that says whose they are."""
        survey = self.findings.survey
        idle = idle_warnings(self.asked_to_wait, survey.service_instances, survey.groups_by_id.keys())
        unclaimed = self.findings.unclaimed
        named = (
            f"claimed by nobody, as they have no tag '{self.findings.words.org}', and told to nobody:"
            f" {', '.join(unclaimed)}; apply updates them only with --group ID"
        )
        return [*self.warnings, *self.findings.warnings, *idle, *([named] if unclaimed else [])]

    @cached_property
    def to_tell(self) -> Findings:
        """Without what the maintenance leaves alone."""
        return self.findings.without(self.deferred) if self.maintenance else self.findings

    @cached_property
    def known(self) -> Mapping[tuple[str, str], Correspondence]:
        """What each person was told by mail, by org and address."""
        return correspondence(self.records)

    @property
    def sent(self) -> Mapping[tuple[str, str], MailRecord]:
        """The last mail to each person, by org and address; mails that failed for good do not count."""
        return {whom: f.last for whom, f in self.known.items() if f.last is not None and f.is_told_of_it}

    def has_failed_for_good(self, org: AffectedOrg, address: str) -> bool:
        """True if Notify could not deliver the last mail to the person, and never can."""
        known = self.known.get((org.guid, address))
        return known is not None and known.failed is not None

    @cached_property
    def told(self) -> Told:
        return who_was_told(self.records, self.tellings)

    @property
    def untold(self) -> list[CouldNotBeTold]:
        """Whom no mail can reach, without orgs that were told another way about all that is to be updated."""
        return [
            entry
            for entry in self.to_tell.audience.could_not_be_told
            if not was_told_another_way(entry.org.guid, entry.org.instance_guids, self.tellings)
        ]

    @property
    def deferred_instances(self) -> list[tuple[AffectedInstance, Deferral]]:
        """The affected ones, by org, space and name."""
        instances = (instance for org in self.findings.orgs for instance in org.instances)
        return [(i, self.deferred[guid]) for i in instances if (guid := i.service_instance.guid) in self.deferred]

    @property
    def deferrals(self) -> list[Deferral]:
        """Those for which an affected instance is left alone, in the order in which they were added."""
        return sorted({deferral for _, deferral in self.deferred_instances}, key=lambda deferral: deferral.id)

    @property
    def deferred_orgs(self) -> list[AffectedOrg]:
        """The orgs all of whose affected instances are deferred."""
        return [org for org in self.findings.orgs if org.without(self.deferred) is None]

    @cached_property
    def org_names(self) -> dict[str, str]:
        """By guid, of all orgs that the survey or a mail names."""
        from_mails = {record.key.org_guid: record.org_name for record in self.records}
        return from_mails | {i.org_guid: i.org_name for i in self.findings.survey.service_instances}

    def is_about_what_waits(self, record: MailRecord, org: AffectedOrg) -> bool:
        """True if the mail named the org's instances that are to be updated, as far as instances go."""
        return still_says(record, org.instance_guids, self.deferred)


def affected_document(report: AffectedReport) -> Document:
    findings = report.findings
    return {
        "version": VERSION,
        "region": region_document(findings.region_name, findings.survey.aws_region),
        "surveyed_at": moment_document(findings.survey.taken_at),
        "window": report.window and window_document(report.window),
        "window_state": report.window_record and report.window_record.state.value,
        "window_moved_to": _moved_to(report),
        "warnings": report.all_warnings,
        "summary": summary(report),
        "orgs": [_org(org, report) for org in findings.orgs],
        "nobody_told": [could_not_be_told_document(entry) for entry in report.untold],
        "told_another_way": told_another_way(report),
        "deferrals": [deferral_document(deferral) for deferral in report.deferrals],
        "left_out_updates": list(findings.left_out_updates),
    }


def summary(report: AffectedReport) -> dict[str, int]:
    findings, audience = report.findings, report.to_tell.audience
    untold = {entry.org.guid for entry in report.untold}
    return {
        "orgs": len(findings.orgs),
        "people": len({recipient.address for recipient in audience.recipients}),
        "mails": len(audience.recipients),
        "instances": sum(len(org.instances) for org in findings.orgs),
        "updates": len({update.name for org in findings.orgs for update in org.updates}),
        "nobody_told": len(report.untold),
        "orgs_with_nobody": sum(
            org.guid in untold and org.guid not in audience.addresses_by_org for org in report.to_tell.orgs
        ),
        "deferred_instances": len(report.deferred_instances),
        "deferred_orgs": len(report.deferred_orgs),
        "told_another_way": len({telling.org_guid for telling in report.tellings}),
    }


def told_another_way(report: AffectedReport) -> list[Document]:
    return [telling_document(telling, report.org_names.get(telling.org_guid)) for telling in report.tellings]


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
                "instances": [_instance(instance, report) for instance in instances],
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
        "mail_sent_at": record and moment_document(record.sent_at),
        "mail_is_about_these_instances": record and report.is_about_what_waits(record, org),
        "mail_failed_for_good": report.has_failed_for_good(org, address),
    }


def _moved_to(report: AffectedReport) -> Document | None:
    record = report.window_record
    if record is None or record.moved_to is None or report.window is None:
        return None
    return window_document(window_of_key(record.moved_to, report.window.zone))


def _instance(instance: AffectedInstance, report: AffectedReport) -> Document:
    service_instance = instance.service_instance
    deferral = report.deferred.get(service_instance.guid)
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
                "recommended_apply_by": moment_document(update.recommended_apply_by),
            }
            for update in instance.updates
        ],
        "deferral": deferral and deferral_document(deferral),
        "told_at": moment_document(report.told.last_told(service_instance)),
    }
