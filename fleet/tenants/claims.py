"""Whose each replication group is. A pure join of service instances, groups, and the groups' tags."""

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from fleet.inventory import GroupTags, ReplicationGroup, ServiceInstance
from fleet.tenants.tenancy import Tenancy

_NOT_OURS = "memcached"
NO_GROUP_TAGS = GroupTags({}, frozenset())


@dataclass(frozen=True, slots=True)
class Claims:
    instances: tuple[ServiceInstance, ...]
    """With the ids of their groups, whether AWS knows these groups or not; sorted by guid."""
    passed_over: tuple[str, ...] = ()
    """Groups whose tag names an instance that has another group already. They are nobody's."""
    groups_count: int = 0
    """Groups that a tenant could have; 0 if nothing depends on tags."""
    tagged: Mapping[str, int] | None = None
    """For each word of TENANT_TAGS that is set, how many of these groups have its tag."""
    tag_keys: frozenset[str] = frozenset()
    """All tag keys of any group."""


def claims(
    tenancy: Tenancy,
    instances: Iterable[ServiceInstance] = (),
    groups: Sequence[ReplicationGroup] = (),
    tags: GroupTags = NO_GROUP_TAGS,
) -> Claims:
    """
    `instances` are Cloud Foundry's, `tags` have the keys of `tenancy`; each is empty where it is not asked for.

    To be called once a survey: deriving ids takes longer than everything else that we do with instances.
    """
    ours = [group for group in groups if group.engine != _NOT_OURS]
    tagged = {word: _tagged(key, ours, tags) for word, key in asdict(tenancy.tags).items() if key}
    passed_over: tuple[str, ...] = ()
    if tenancy.tags.org:
        found = tuple(_of_tags(tenancy, ours, tags))
    elif tenancy.tags.guid:
        found, passed_over = _of_guids(tenancy, instances, {group.id for group in ours}, tags)
    else:
        found = tuple(_with_group(i, tenancy.group_ids.id_of(i.guid)) for i in instances)
    return Claims(found, passed_over, len(ours), tagged, tags.keys)


def _tagged(key: str, groups: Iterable[ReplicationGroup], tags: GroupTags) -> int:
    return sum(bool(_value(tags, group.id, key)) for group in groups)


def _value(tags: GroupTags, group_id: str, key: str) -> str:
    """Without the white space around it; empty where the group does not have the tag."""
    return tags.by_group.get(group_id, {}).get(key, "").strip() if key else ""


def _of_tags(tenancy: Tenancy, groups: Iterable[ReplicationGroup], tags: GroupTags) -> Iterator[ServiceInstance]:
    keys = tenancy.tags
    for group in sorted(groups, key=lambda group: group.id):
        org = _value(tags, group.id, keys.org)
        if not org:
            continue
        space = _value(tags, group.id, keys.space)
        yield ServiceInstance(
            guid=group.id,
            name=_value(tags, group.id, keys.name) or group.id,
            plan_name=group.node_type,
            space_guid=space,
            space_name=space,
            org_guid=org,
            org_name=org,
            replication_group_id=group.id,
            contact=_value(tags, group.id, keys.address),
        )


def _of_guids(
    tenancy: Tenancy, instances: Iterable[ServiceInstance], group_ids: Collection[str], tags: GroupTags
) -> tuple[tuple[ServiceInstance, ...], tuple[str, ...]]:
    """
    A group's own tag says whose it is; the id that a template gives is for groups without the tag.

    So an instance never gets a group whose tag names somebody else, even if the group's id is the instance's. Of
    several groups of one instance the one with the derived id counts, whether or not its tag is known already.
    """
    by_guid: dict[str, list[str]] = {}
    for group_id in sorted(tags.by_group):
        if guid := _value(tags, group_id, tenancy.tags.guid):
            by_guid.setdefault(guid.lower(), []).append(group_id)
    named = {group_id for group_ids in by_guid.values() for group_id in group_ids}
    found: list[ServiceInstance] = []
    passed_over: list[str] = []
    for instance in instances:
        derived = tenancy.group_ids.id_of(instance.guid)
        candidates = by_guid.get(instance.guid.lower(), [])
        if derived in candidates or (derived in group_ids and derived not in named):
            chosen = derived
        elif candidates:
            chosen = candidates[0]
        else:
            chosen = "" if derived in named else derived
        passed_over += [group_id for group_id in candidates if group_id != chosen]
        found.append(_with_group(instance, chosen))
    return tuple(found), tuple(sorted(passed_over))


def _with_group(instance: ServiceInstance, group_id: str) -> ServiceInstance:
    return replace(instance, replication_group_id=sys.intern(group_id))
