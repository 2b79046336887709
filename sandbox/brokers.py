"""
Other platforms than GOV.UK PaaS: what their groups are called, and what tags say of them.

Each is made from the same tenants. Where tags say who the tenants are, the truth is told in their terms: an instance's
guid is its group's id, and an org's or a space's guid is its name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sandbox.names import GROUP_IDS, replication_group_id
from sandbox.truth import ReplicationGroup, ServiceInstance, Truth

Tags = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Broker:
    """
    `first_ids` is the rule for the ids of groups, after the guid of Cloud Foundry's instance; `settings` are the
    environment variables with which our programs understand the platform.
    """

    first_ids: str
    offering: str
    settings: Mapping[str, str]
    tags: Callable[[Truth, ServiceInstance], Tags] | None = None
    """None for those of GOV.UK PaaS's broker."""
    has_cloudfoundry: bool = True

    @property
    def group_ids(self) -> str:
        """The rule for the group's id after the instance's guid: the same, where nothing else is its guid."""
        return self.first_ids if self.has_cloudfoundry else "{guid}"

    def instance_guid(self, guid: str) -> str:
        return guid if self.has_cloudfoundry else replication_group_id(guid, self.first_ids)


def _csb_tags(truth: Truth, instance: ServiceInstance) -> Tags:
    space = truth.spaces[instance.space_guid]
    return (
        ("pcf-instance-id", instance.guid),
        ("pcf-organization-guid", space.organization_guid),
        ("pcf-space-guid", space.guid),
    )


def _cloud_gov_tags(truth: Truth, instance: ServiceInstance) -> Tags:
    space = truth.spaces[instance.space_guid]
    return (
        ("client", "Cloud Foundry"),
        ("Instance GUID", instance.guid),
        ("Organization GUID", space.organization_guid),
        ("Organization name", "a name of long ago"),
        ("Space GUID", space.guid),
    )


def _cluster_tags(truth: Truth, instance: ServiceInstance) -> Tags:
    space = truth.spaces[instance.space_guid]
    tags = (
        ("application", instance.name),
        ("business-unit", "platforms"),
        ("infrastructure-support", _support(truth, space.organization_guid)),
        ("namespace", space.name),
        ("owner", f" {truth.organizations[space.organization_guid].name}"),
    )
    return tuple((key, value) for key, value in tags if value)


def _support(truth: Truth, organization_guid: str) -> str:
    """As people write it: mostly one address, sometimes with the team's name, now and then two or none."""
    managers = [
        role.user_guid
        for role in truth.roles.values()
        if role.organization_guid == organization_guid and role.type == "organization_manager"
    ]
    found = {guid: account.user_email for guid, account in truth.accounts.items() if account.user_email}
    addresses = sorted({email for guid in managers if (email := found.get(guid))})
    number = list(truth.organizations).index(organization_guid)
    if not addresses or number % 5 == 0:
        return ", ".join(addresses)
    return (f"Team {number}: {addresses[0]}", f"Team {number} ({addresses[0]})", addresses[0])[number % 3]


BROKERS: Mapping[str, Broker] = {
    "paas": Broker(GROUP_IDS, "redis", {}),
    "cloud.gov": Broker(
        "prd-{guid}",
        "aws-elasticache-redis",
        {"CF_SERVICE_OFFERINGS": "aws-elasticache-redis", "REPLICATION_GROUP_ID": "prd-{guid}"},
        _cloud_gov_tags,
    ),
    "csb": Broker(
        "csb{guid}",
        "csb-aws-redis",
        {
            "CF_SERVICE_OFFERINGS": "csb-aws-redis",
            "REPLICATION_GROUP_ID": "csb{guid}",
            "TENANT_TAGS": "guid=pcf-instance-id",
        },
        _csb_tags,
    ),
    "tags": Broker(
        "cp-{short}",
        "redis",
        {"TENANT_TAGS": "org=owner,space=namespace,name=application,address=infrastructure-support"},
        _cluster_tags,
        has_cloudfoundry=False,
    ),
}


def on_platform(truth: Truth, broker: Broker) -> Truth:
    """The same tenants on that broker's platform. Groups of nobody keep their ids, and have no tags."""
    truth = _with_group_ids(_with_offering(truth, broker.offering), broker.first_ids)
    if not broker.has_cloudfoundry:
        truth = _in_terms_of_tags(truth)
    if broker.tags is None:
        return truth
    owners = {instance.replication_group_id: instance for instance in truth.service_instances.values()}
    groups = {
        group.id: replace(group, tags=broker.tags(truth, owners[group.id])) if group.id in owners else group
        for group in truth.replication_groups.values()
    }
    return replace(truth, replication_groups=groups)


def with_tags(broker: Broker, truth: Truth, group: ReplicationGroup, instance: ServiceInstance) -> ReplicationGroup:
    """As the platform tags a group that it makes."""
    return group if broker.tags is None else replace(group, tags=broker.tags(truth, instance))


def _with_group_ids(truth: Truth, rule: str) -> Truth:
    """`{guid}` and `{fnv1a}` in `rule` stand for the instance's guid and its hash. Nobody's groups keep their ids."""
    owners = {i.replication_group_id: i.guid for i in truth.service_instances.values() if i.plan_guid}
    instances = {guid: replace(instance, group_ids=rule) for guid, instance in truth.service_instances.items()}

    def id_of(group_id: str) -> str:
        return instances[owners[group_id]].replication_group_id if group_id in owners else group_id

    groups = [replace(group, id=id_of(group.id)) for group in truth.replication_groups.values()]
    parameter_groups = [replace(group, name=id_of(group.name)) for group in truth.parameter_groups.values()]
    actions = [replace(action, target_id=id_of(action.target_id)) for action in truth.update_actions.values()]
    return replace(
        truth,
        service_instances=instances,
        replication_groups={group.id: group for group in groups},
        parameter_groups={group.name: group for group in parameter_groups},
        update_actions={action.key: action for action in actions},
    )


def _with_offering(truth: Truth, name: str) -> Truth:
    offerings = {
        guid: replace(offering, name=name) if offering.name == "redis" else offering
        for guid, offering in truth.service_offerings.items()
    }
    return replace(truth, service_offerings=offerings)


def _in_terms_of_tags(truth: Truth) -> Truth:
    """Only instances that have a group are any, and a namespace is in no two orgs."""
    organizations = {
        old.guid: replace(old, guid=old.name.strip(), name=old.name.strip()) for old in truth.organizations.values()
    }
    spaces = {
        old.guid: replace(old, guid=name, name=name, organization_guid=organizations[old.organization_guid].guid)
        for number, old in enumerate(truth.spaces.values())
        for name in [f"{old.name.strip()}-{number}"]
    }
    instances = [
        replace(
            old,
            guid=old.replication_group_id,
            group_ids="{guid}",
            name=old.name.strip(),
            space_guid=spaces[old.space_guid].guid,
        )
        for old in truth.service_instances.values()
        if old.plan_guid and old.replication_group_id in truth.replication_groups
    ]
    return replace(
        truth,
        organizations={organization.guid: organization for organization in organizations.values()},
        spaces={space.guid: space for space in spaces.values()},
        roles={
            guid: replace(role, organization_guid=organizations[role.organization_guid].guid)
            for guid, role in truth.roles.items()
        },
        service_instances={instance.guid: instance for instance in instances},
    )
