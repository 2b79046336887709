"""Finds the orgs that a maintenance concerns. A pure function of a survey."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from fleet.errors import ConfigurationError
from fleet.inventory import ServiceInstance, ServiceUpdate
from fleet.survey import RequiredUpdate, Survey


@dataclass(frozen=True)
class AffectedInstance:
    service_instance: ServiceInstance
    is_highly_available: bool
    updates: tuple[ServiceUpdate, ...]
    """The updates that the instance needs, sorted by name; at least one."""


@dataclass(frozen=True)
class AffectedOrg:
    guid: str
    name: str
    instances: tuple[AffectedInstance, ...]
    """Sorted by space, then by name; at least one."""

    @cached_property
    def updates(self) -> tuple[ServiceUpdate, ...]:
        """The updates that any of the org's instances needs, each once, sorted by name."""
        by_name = {update.name: update for instance in self.instances for update in instance.updates}
        return tuple(by_name[name] for name in sorted(by_name))

    @cached_property
    def instance_guids(self) -> tuple[str, ...]:
        return tuple(sorted(instance.service_instance.guid for instance in self.instances))

    def without(self, instance_guids: Collection[str]) -> "AffectedOrg | None":
        """None if nothing is left, and itself if it has none of them."""
        left = tuple(i for i in self.instances if i.service_instance.guid not in instance_guids)
        if len(left) == len(self.instances):
            return self
        return AffectedOrg(self.guid, self.name, left) if left else None


@dataclass(frozen=True)
class Selection:
    """What the operator asked for. An empty set means everything; no excluded orgs means that none is excluded."""

    only_updates: frozenset[str] = field(default_factory=frozenset)
    severities: frozenset[str] = field(default_factory=frozenset)
    only_orgs: frozenset[str] = field(default_factory=frozenset)
    """Names or guids; so are `excluded_orgs`."""
    excluded_orgs: frozenset[str] = field(default_factory=frozenset)

    def has_update(self, update: ServiceUpdate) -> bool:
        if update.is_major_version and update.name not in self.only_updates:
            return False
        return (not self.only_updates or update.name in self.only_updates) and (
            not self.severities or update.severity in self.severities
        )

    def has_org(self, instance: ServiceInstance) -> bool:
        names = {instance.org_name, instance.org_guid}
        return (not self.only_orgs or not names.isdisjoint(self.only_orgs)) and names.isdisjoint(self.excluded_orgs)


def affected_orgs(survey: Survey, selection: Selection) -> tuple[AffectedOrg, ...]:
    """Sorted by name. Raises ConfigurationError if the survey has no update or org that the selection names."""
    _check_names(survey, selection)
    waiting: dict[ServiceInstance, list[RequiredUpdate]] = {}
    for required in survey.required_updates:
        instance = required.service_instance
        if instance is not None and selection.has_update(required.service_update) and selection.has_org(instance):
            waiting.setdefault(instance, []).append(required)
    by_org: dict[str, list[AffectedInstance]] = {}
    for instance, required_updates in waiting.items():
        group = survey.groups_by_id.get(instance.replication_group_id)
        by_org.setdefault(instance.org_guid, []).append(
            AffectedInstance(
                service_instance=instance,
                is_highly_available=group is not None and group.is_highly_available,
                updates=tuple(sorted((r.service_update for r in required_updates), key=lambda update: update.name)),
            )
        )
    orgs = [
        AffectedOrg(guid, instances[0].service_instance.org_name, tuple(sorted(instances, key=_by_space_and_name)))
        for guid, instances in by_org.items()
    ]
    return tuple(sorted(orgs, key=lambda org: (org.name.casefold(), org.guid)))


def only_org(orgs: Sequence[AffectedOrg], named: str) -> AffectedOrg:
    """The org that `--org` names by its name or guid. Raises ConfigurationError if none or several match."""
    found = [org for org in orgs if named in (org.name, org.guid)]
    if not found:
        raise ConfigurationError(f"--org '{named}': no update that was selected waits for any of its instances")
    if len(found) > 1:
        raise ConfigurationError(f"--org '{named}': several orgs have that name; give the guid of one")
    return found[0]


def left_out_major_updates(survey: Survey, selection: Selection) -> tuple[str, ...]:
    """Names of the major-version updates that some tenant's instance needs and the operator did not ask for."""
    return tuple(
        sorted(
            {
                required.service_update.name
                for required in survey.required_updates
                if required.service_instance is not None
                and required.service_update.is_major_version
                and required.service_update.name not in selection.only_updates
            }
        )
    )


def _check_names(survey: Survey, selection: Selection) -> None:
    updates = {update.name for update in survey.our_service_updates}
    _check_known("--only-update", selection.only_updates, updates, "an available update; available are")
    orgs = {name for i in survey.service_instances for name in (i.org_name, i.org_guid)}
    for flag, names in (("--only-org", selection.only_orgs), ("--exclude-org", selection.excluded_orgs)):
        if unknown := sorted(names - orgs):
            raise ConfigurationError(f"{flag} '{unknown[0]}': no org with a Redis instance has that name or guid")


def _check_known(flag: str, named: frozenset[str], known: Iterable[str], what: str) -> None:
    if unknown := sorted(named - set(known)):
        raise ConfigurationError(f"{flag} '{unknown[0]}': not {what} {', '.join(sorted(known)) or 'none'}")


def _by_space_and_name(instance: AffectedInstance) -> tuple[str, str, str]:
    service_instance = instance.service_instance
    return service_instance.space_name.casefold(), service_instance.name.casefold(), service_instance.guid
