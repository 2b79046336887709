"""Asks one region's systems for the parts of a survey, as many as possible at the same time."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from fleet.aws.client import elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.cloudfoundry.service_instances import CloudFoundry
from fleet.cloudfoundry.uaa import UaaTokens
from fleet.inventory import UNSETTLED_STATUSES, ReplicationGroup, ServiceInstance, ServiceUpdate, UpdateAction
from fleet.region import Region
from fleet.tally import Tally
from fleet.tenants.claims import claimed
from fleet.time_limit import TimeLimit

CALLS_SIDE_BY_SIDE = 7


@dataclass(frozen=True)
class Answers:
    """The parts of a survey, each of which may still be on its way."""

    updates: Future[list[ServiceUpdate]]
    actions: Future[list[UpdateAction]]
    groups: Future[list[ReplicationGroup]]
    instances: Future[tuple[ServiceInstance, ...]]
    counts: Sequence[Future[int]]
    """Of lone nodes and of parameter groups; empty if nobody wants them."""


class Gathering:
    """
    One region's clients, which keep their connections from survey to survey.

    This is the one place that knows which systems say whose a group is.
    """

    def __init__(self, region: Region, tally: Tally, limit: TimeLimit) -> None:
        self._region = region
        self._elasticache = ElastiCache(elasticache_client(region.aws, tally, limit), tally, limit)
        cloudfoundry = region.cloudfoundry
        assert cloudfoundry is not None  # noqa: S101 — for now, every region has one
        self.tokens = UaaTokens(cloudfoundry.api_address, cloudfoundry.credentials, tally)
        self._cloudfoundry = CloudFoundry(cloudfoundry.api_address, self.tokens, tally, limit)
        self._offerings, self._brokers = cloudfoundry.service_offerings, cloudfoundry.service_brokers

    def begin(self, pool: ThreadPoolExecutor, *, with_counts: bool) -> Answers:
        """Raises RemoteError if there are no credentials for AWS."""
        listed = pool.submit(self._cloudfoundry.service_instances, self._offerings, self._brokers)
        self._elasticache.renew_credentials()
        updates = pool.submit(self._elasticache.service_updates)  # first: the actions wait for it
        groups = pool.submit(self._elasticache.replication_groups)
        actions = pool.submit(self._unsettled_actions, updates)
        counts = (
            [
                pool.submit(self._elasticache.lone_cache_nodes_count),
                pool.submit(self._elasticache.cache_parameter_groups_count),
            ]
            if with_counts
            else []
        )
        instances = pool.submit(lambda: claimed(self._region.tenancy, listed.result()))
        return Answers(updates, actions, groups, instances, counts)

    def _unsettled_actions(self, updates: Future[list[ServiceUpdate]]) -> list[UpdateAction]:
        """The actions on which something is left to do. Complete ones, of which AWS has far more, are not asked for."""
        ours = [update.name for update in updates.result() if update.is_ours]
        return self._elasticache.update_actions(ours, UNSETTLED_STATUSES)
