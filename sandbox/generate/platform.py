"""A whole platform from a number of instances, a seed and a date: the same three give the same platform."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Protocol, TypeVar

from sandbox import plans
from sandbox.credentials import AWS_ACCOUNT
from sandbox.generate import caches, tenants, updates
from sandbox.generate.updates import Backlog
from sandbox.truth import Truth

PLATFORM_AGE = timedelta(days=900)
USUAL = Backlog()


class WithGuid(Protocol):
    @property
    def guid(self) -> str: ...


Thing = TypeVar("Thing", bound=WithGuid)


def generate(instances: int, seed: int, region: str, today: date, backlog: Backlog = USUAL) -> Truth:
    random = Random(seed)  # noqa: S311 — a fleet, not a secret
    began = datetime.combine(today, time(9), UTC) - PLATFORM_AGE

    (redis, postgres), service_plans = plans.catalogue(random, began)
    redis_plans = [plan for plan in service_plans if plan.offering_guid == redis.guid]
    postgres_plans = [plan for plan in service_plans if plan.offering_guid == postgres.guid]
    chosen_plans = random.choices(redis_plans, [shape.weight for shape in plans.REDIS_PLANS], k=instances)

    organizations = tenants.organizations(random, instances, began)
    spaces = tenants.spaces(random, organizations, began)
    people = tenants.people(random, organizations, began)
    redis_instances = tenants.redis_instances(random, chosen_plans, spaces, began)
    other_instances = tenants.other_instances(random, instances, spaces, postgres_plans, began)

    fleet = caches.Caches(
        groups=caches.tenants_groups(redis_instances, redis_plans, spaces),
        unclaimed=caches.unclaimed_groups(random, instances, began),
        clusters=caches.lone_clusters(instances, began),
    )
    service_updates = updates.service_updates(today, backlog)
    actions = updates.update_actions(random, backlog, service_updates, fleet)

    return Truth(
        region=region,
        account=AWS_ACCOUNT,
        today=today,
        organizations=_by_guid(organizations),
        spaces=_by_guid(spaces),
        users=_by_guid(people.users),
        roles=_by_guid(people.roles),
        accounts={account.user_uuid: account for account in people.accounts},
        service_offerings=_by_guid([redis, postgres]),
        service_plans=_by_guid(service_plans),
        service_instances=_by_guid([*redis_instances, *other_instances]),
        replication_groups={group.id: group for group in fleet.all_groups},
        cache_clusters={cluster.id: cluster for cluster in fleet.clusters},
        parameter_groups={group.name: group for group in caches.parameter_groups(fleet.all_groups)},
        service_updates={update.name: update for update in service_updates},
        update_actions={action.key: action for action in actions},
    )


def _by_guid(things: Iterable[Thing]) -> dict[str, Thing]:
    return {thing.guid: thing for thing in things}
