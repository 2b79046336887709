"""Takes a survey of one region: all that can be asked side by side is."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

from fleet.aws.client import elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.cloudfoundry.service_instances import CloudFoundry
from fleet.cloudfoundry.uaa import UaaTokens
from fleet.inventory import UNSETTLED_STATUSES, ServiceUpdate, UpdateAction
from fleet.region import Region
from fleet.survey import Survey
from fleet.tally import Tally

_CALLS_SIDE_BY_SIDE = 6


class Surveyor:
    """
    One region's clients, with connections that last from survey to survey.

    One survey at a time: the clients belong to the threads of the one that runs.
    """

    def __init__(self, region: Region, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.region = region
        self.tally = Tally()
        self._now = now
        self._elasticache = ElastiCache(elasticache_client(region.aws, self.tally), self.tally)
        self.tokens = UaaTokens(region.cf_api_address, region.cf_credentials, self.tally)
        self._cloudfoundry = CloudFoundry(region.cf_api_address, self.tokens, self.tally)

    def survey(self) -> Survey:
        """
        The region as it is now, whole or not at all.

        Raises RemoteError with the first cause in the order of Survey's fields, once no call is still running.
        """
        taken_at = self._now()
        with ThreadPoolExecutor(_CALLS_SIDE_BY_SIDE, thread_name_prefix=f"survey-{self.region.aws.region}") as pool:
            groups = pool.submit(self._elasticache.replication_groups)  # first: the longest chain of pages
            instances = pool.submit(self._cloudfoundry.service_instances, self.region.cf_service_offerings)
            updates = pool.submit(self._elasticache.service_updates)
            actions = pool.submit(self._unsettled_actions, updates)
            lone_nodes = pool.submit(self._elasticache.lone_cache_nodes_count)
            parameter_groups = pool.submit(self._elasticache.cache_parameter_groups)
        return Survey(
            aws_region=self.region.aws.region,
            taken_at=taken_at,
            service_updates=tuple(updates.result()),
            update_actions=tuple(actions.result()),
            replication_groups=tuple(groups.result()),
            lone_cache_nodes_count=lone_nodes.result(),
            cache_parameter_groups=tuple(parameter_groups.result()),
            service_instances=tuple(instances.result()),
        )

    def _unsettled_actions(self, updates: "Future[list[ServiceUpdate]]") -> list[UpdateAction]:
        """On which something is left to do; AWS has far more that are complete, and they are not asked for."""
        ours = [update.name for update in updates.result() if update.is_ours]
        return self._elasticache.update_actions(ours, UNSETTLED_STATUSES)
