"""Takes a survey of one region, and asks as much as possible at the same time."""

import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

from fleet.aws.client import elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.cloudfoundry.service_instances import CloudFoundry
from fleet.cloudfoundry.uaa import UaaTokens
from fleet.inventory import UNSETTLED_STATUSES, QuotaUse, ServiceUpdate, UpdateAction
from fleet.mismatch import refuse_mismatch
from fleet.patience import patience
from fleet.region import Region
from fleet.survey import Survey
from fleet.tally import Tally
from fleet.time_limit import TimeLimit

log = logging.getLogger(__name__)

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
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`with_quota_use` asks for two more lists, which only the account's quotas need."""
        self.region = region
        self.tally = Tally()
        self.limit = TimeLimit(monotonic)
        """The time that the survey has, and what is asked beside it."""
        self._now = now
        self._monotonic = monotonic
        self._last_success_seconds = 0.0
        self._with_quota_use = with_quota_use
        client = elasticache_client(region.aws, self.tally, self.limit)
        self._elasticache = ElastiCache(client, self.tally, self.limit)
        self.tokens = UaaTokens(region.cf_api_address, region.cf_credentials, self.tally)
        self._cloudfoundry = CloudFoundry(region.cf_api_address, self.tokens, self.tally, self.limit)

    def survey(self, when_overdue: Callable[[str], None] | None = None) -> Survey:
        """
        Surveys the region, completely or not at all.

        Raises RemoteError once no call is running any more, with the first cause in the order of Survey's fields.
        Raises ConfigurationError if AWS and Cloud Foundry cannot be talking about the same fleet.

        Says in the log that it is overdue, while it goes on, and tells `when_overdue` in words, from another thread.
        """
        began_at = self._monotonic()
        self.limit.begin()
        with self._said_if_overdue(when_overdue):
            survey = self._survey()
        self._last_success_seconds = self._monotonic() - began_at
        return survey

    @contextmanager
    def _said_if_overdue(self, when_overdue: Callable[[str], None] | None) -> Iterator[None]:
        """Overdue is a survey that takes long, and twice as long as the last one that succeeded."""
        limits = patience()
        seconds = max(limits.overdue_seconds, 2 * self._last_success_seconds)

        def say() -> None:
            cause = f"not complete after {seconds:.0f} s, and given up after {limits.survey_seconds:.0f} s"
            log.warning("survey overdue", extra={"aws_region": self.region.aws.region, "cause": cause})
            if when_overdue is not None:
                when_overdue(f"the survey is overdue: {cause}")

        timer = threading.Timer(seconds, say)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _survey(self) -> Survey:
        taken_at = self._now()
        counts: list[Future[int]] = []
        with ThreadPoolExecutor(_CALLS_SIDE_BY_SIDE, thread_name_prefix=f"survey-{self.region.aws.region}") as pool:
            instances = pool.submit(
                self._cloudfoundry.service_instances, self.region.cf_service_offerings, self.region.cf_service_brokers
            )
            self._elasticache.renew_credentials()
            updates = pool.submit(self._elasticache.service_updates)  # first: the actions wait for it
            groups = pool.submit(self._elasticache.replication_groups)
            actions = pool.submit(self._unsettled_actions, updates)
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
