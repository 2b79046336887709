"""Asks one region's systems for the parts of a survey, as many as possible at the same time."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from fleet.aws.client import credentialed_session, elasticache_client, tagging_client
from fleet.aws.elasticache import ElastiCache
from fleet.aws.service import ELASTICACHE, TAGGING
from fleet.aws.tagging import Tagging
from fleet.inventory import UNSETTLED_STATUSES, ReplicationGroup, ServiceInstance, ServiceUpdate, UpdateAction
from fleet.region import Region
from fleet.tally import Tally
from fleet.tenants.claims import Claims, claims
from fleet.time_limit import TimeLimit

if TYPE_CHECKING:
    from fleet.cloudfoundry.service_instances import CloudFoundry
    from fleet.cloudfoundry.uaa import UaaTokens

log = logging.getLogger(__name__)

CALLS_SIDE_BY_SIDE = 7


@dataclass(frozen=True)
class Answers:
    """The parts of a survey, each of which may still be on its way."""

    updates: Future[list[ServiceUpdate]]
    actions: Future[list[UpdateAction]]
    groups: Future[list[ReplicationGroup]]
    claims: Future[Claims]
    counts: Sequence[Future[int]]
    """Of lone nodes and of parameter groups; empty if nobody wants them."""


def systems_of(region: Region) -> tuple[str, ...]:
    """The systems that a survey of the region asks, as metrics call them."""
    of_cloudfoundry = ("cloudfoundry", "uaa") if region.cloudfoundry is not None else ()
    of_tags = (TAGGING.system,) if region.tenancy.tags.keys else ()
    return (ELASTICACHE.system, *of_cloudfoundry, *of_tags)


def engine_versions(region: Region, tally: Tally, limit: TimeLimit) -> dict[str, str]:
    """By replication group its engine's version, asked for with a client of its own. Raises RemoteError."""
    client = elasticache_client(region.aws, tally, limit)
    try:
        return ElastiCache(client, tally, limit).engine_versions()
    finally:
        client.close()


class Gathering:
    """
    One region's clients, which keep their connections from survey to survey.

    This is the one place that knows which systems say whose a group is.
    """

    def __init__(self, region: Region, tally: Tally, limit: TimeLimit) -> None:
        self._region = region
        self._tenancy = region.tenancy
        self._tally = tally
        self._limit = limit
        session = credentialed_session(region.aws)
        self._elasticache = ElastiCache(elasticache_client(region.aws, tally, limit, session), tally, limit)
        self._tagging: Tagging | None = None
        if self._tenancy.tags.keys:
            self._tagging = Tagging(tagging_client(region.aws, session, tally, limit), tally, limit)

    @cached_property
    def tokens(self) -> "UaaTokens | None":
        """None where Cloud Foundry is not asked."""
        if (access := self._region.cloudfoundry) is None:
            return None
        from fleet.cloudfoundry.uaa import UaaTokens  # noqa: PLC0415 — loads while AWS answers, the slower of the two

        return UaaTokens(access.api_address, access.credentials, self._tally)

    @cached_property
    def _cloudfoundry(self) -> "CloudFoundry | None":
        access, tokens = self._region.cloudfoundry, self.tokens
        if access is None or tokens is None:
            return None
        from fleet.cloudfoundry.service_instances import CloudFoundry  # noqa: PLC0415 — as above

        return CloudFoundry(access.api_address, tokens, self._tally, self._limit)

    def begin(self, pool: ThreadPoolExecutor, *, with_counts: bool) -> Answers:
        """Raises RemoteError if there are no credentials for AWS."""
        self._elasticache.renew_credentials()
        updates = pool.submit(self._elasticache.service_updates)  # first: the actions wait for it
        groups = pool.submit(self._elasticache.replication_groups)
        instances = pool.submit(self._instances)
        actions = pool.submit(self._unsettled_actions, updates)
        counts = (
            [
                pool.submit(self._elasticache.lone_cache_nodes_count),
                pool.submit(self._elasticache.cache_parameter_groups_count),
            ]
            if with_counts
            else []
        )
        return Answers(updates, actions, groups, pool.submit(self._claims, instances, groups), counts)

    def _instances(self) -> list[ServiceInstance]:
        """Cloud Foundry's; none where it is not asked."""
        access = self._region.cloudfoundry
        if access is None or self._cloudfoundry is None:
            return []
        return self._cloudfoundry.service_instances(access.service_offerings, access.service_brokers)

    def _claims(self, instances: Future[list[ServiceInstance]], groups: Future[list[ReplicationGroup]]) -> Claims:
        """Waits for the groups only where their tags have to be asked for."""
        if self._tagging is None:
            return claims(self._tenancy, instances.result())
        tags = self._tagging.tags_of(groups.result(), self._tenancy.tags.keys)
        found = claims(self._tenancy, instances.result(), groups.result(), tags)
        if found.passed_over:
            log.warning(
                "several replication groups belong to one service instance; these are taken for nobody's",
                extra={"aws_region": self._region.aws.region, "replication_groups": list(found.passed_over)},
            )
        return found

    def _unsettled_actions(self, updates: Future[list[ServiceUpdate]]) -> list[UpdateAction]:
        """The actions on which something is left to do. Complete ones, of which AWS has far more, are not asked for."""
        ours = [update.name for update in updates.result() if update.is_ours]
        return self._elasticache.update_actions(ours, UNSETTLED_STATUSES)
