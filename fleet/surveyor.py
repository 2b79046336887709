"""Takes a survey of one region, and asks as much as possible at the same time."""

import dataclasses
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

from fleet.aws.client import elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.cloudfoundry.service_instances import CloudFoundry
from fleet.cloudfoundry.uaa import UaaTokens
from fleet.inventory import UNSETTLED_STATUSES, QuotaUse, ServiceUpdate, UpdateAction
from fleet.mismatch import refuse_mismatch
from fleet.region import Region
from fleet.survey import Survey
from fleet.tally import Tally

_CALLS_SIDE_BY_SIDE = 6


class Surveyor:
    """
    One region's clients, which keep their connections from survey to survey.

    Only one survey may run at a time, because its threads use the clients.
    """

    def __init__(
        self,
        region: Region,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        with_quota_use: bool = True,
    ) -> None:
        """`with_quota_use` asks for two more lists, which only the account's quotas need."""
        self.region = region
        self.tally = Tally()
        self._now = now
        self._with_quota_use = with_quota_use
        self._elasticache = ElastiCache(elasticache_client(region.aws, self.tally), self.tally)
        self.tokens = UaaTokens(region.cf_api_address, region.cf_credentials, self.tally)
        self._cloudfoundry = CloudFoundry(region.cf_api_address, self.tokens, self.tally)

    def survey(self) -> Survey:
        """
        Surveys the region, completely or not at all.

        Raises RemoteError once no call is running any more, with the first cause in the order of Survey's fields.
        Raises ConfigurationError if AWS and Cloud Foundry cannot be talking about the same fleet.
        """
        taken_at = self._now()
        counts: list[Future[int]] = []
        with ThreadPoolExecutor(_CALLS_SIDE_BY_SIDE, thread_name_prefix=f"survey-{self.region.aws.region}") as pool:
            updates = pool.submit(self._elasticache.service_updates)  # first: the actions wait for it
            groups = pool.submit(self._elasticache.replication_groups)
            actions = pool.submit(self._unsettled_actions, updates)
            instances = pool.submit(
                self._cloudfoundry.service_instances, self.region.cf_service_offerings, self.region.cf_service_brokers
            )
            if self._with_quota_use:
                counts.append(pool.submit(self._elasticache.lone_cache_nodes_count))
                counts.append(pool.submit(self._elasticache.cache_parameter_groups_count))
        survey = Survey(
            aws_region=self.region.aws.region,
            taken_at=taken_at,
            service_updates=tuple(updates.result()),
            update_actions=tuple(actions.result()),
            replication_groups=tuple(groups.result()),
            service_instances=tuple(instances.result()),
        )
        refuse_mismatch(survey)
        if not self._with_quota_use:
            return survey
        lone_nodes_count, parameter_groups_count = (count.result() for count in counts)
        nodes_count = lone_nodes_count + sum(group.nodes_count for group in survey.replication_groups)
        return dataclasses.replace(survey, quota_use=QuotaUse(nodes_count, parameter_groups_count))

    def _unsettled_actions(self, updates: Future[list[ServiceUpdate]]) -> list[UpdateAction]:
        """The actions on which something is left to do. Complete ones, of which AWS has far more, are not asked for."""
        ours = [update.name for update in updates.result() if update.is_ours]
        return self._elasticache.update_actions(ours, UNSETTLED_STATUSES)
