"""Takes a survey of one region, and asks as much as possible at the same time."""

import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from fleet.aws.client import elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.cloudfoundry.service_instances import CloudFoundry
from fleet.cloudfoundry.uaa import UaaTokens
from fleet.inventory import (
    UNSETTLED_STATUSES,
    QuotaUse,
    ReplicationGroup,
    ServiceInstance,
    ServiceUpdate,
    UpdateAction,
)
from fleet.mismatch import refuse_mismatch
from fleet.overdue import said_if_overdue
from fleet.region import Region
from fleet.survey import Survey
from fleet.tally import Tally
from fleet.time_limit import TimeLimit

_CALLS_SIDE_BY_SIDE = 6

Answer = TypeVar("Answer")


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
        """The time that a survey has, with what is asked beside it."""
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
        Surveys the region, completely or not at all. Says in words if it takes too long, from another thread.

        Raises RemoteError once no call is running any more, with the first cause in the order of Survey's fields.
        Raises ConfigurationError if AWS and Cloud Foundry cannot be talking about the same fleet.
        """
        began_at = self._monotonic()
        with self.begun(when_overdue) as under_way:
            survey = under_way.survey()
        self._last_success_seconds = self._monotonic() - began_at
        return survey

    def engine_versions(self) -> dict[str, str]:
        """
        By replication group its engine's version. Is no part of a survey, and may be asked for while one runs.

        Raises RemoteError, also for more nodes than a list may have.
        """
        limit = TimeLimit(self._monotonic)
        client = elasticache_client(self.region.aws, self.tally, limit)
        try:
            return ElastiCache(client, self.tally, limit).engine_versions()
        finally:
            client.close()

    @contextmanager
    def begun(self, when_overdue: Callable[[str], None] | None = None) -> Iterator["SurveyUnderWay"]:
        """A survey whose calls have begun. On leaving, no call is running any more."""
        self.limit.begin()
        name = self.region.aws.region
        with said_if_overdue(name, self._last_success_seconds, when_overdue), self._calls(name) as under_way:
            yield under_way

    @contextmanager
    def _calls(self, name: str) -> Iterator["SurveyUnderWay"]:
        taken_at = self._now()
        counts: list[Future[int]] = []
        with ThreadPoolExecutor(_CALLS_SIDE_BY_SIDE, thread_name_prefix=f"survey-{name}") as pool:
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
            yield SurveyUnderWay(pool, name, taken_at, updates, actions, groups, instances, counts)

    def _unsettled_actions(self, updates: Future[list[ServiceUpdate]]) -> list[UpdateAction]:
        """The actions on which something is left to do. Complete ones, of which AWS has far more, are not asked for."""
        ours = [update.name for update in updates.result() if update.is_ours]
        return self._elasticache.update_actions(ours, UNSETTLED_STATUSES)


@dataclass(frozen=True)
class SurveyUnderWay:
    """A survey of which some parts may be known before others."""

    _pool: ThreadPoolExecutor
    _aws_region: str
    _taken_at: datetime
    _updates: Future[list[ServiceUpdate]]
    _actions: Future[list[UpdateAction]]
    _groups: Future[list[ReplicationGroup]]
    _instances: Future[list[ServiceInstance]]
    _counts: Sequence[Future[int]]

    def survey(self) -> Survey:
        """Raises as Surveyor.survey does."""
        survey = self._with_groups(self._groups)
        refuse_mismatch(survey)
        if not self._counts:
            return survey
        lone_nodes_count, parameter_groups_count = (count.result() for count in self._counts)
        nodes_count = lone_nodes_count + sum(group.nodes_count for group in survey.replication_groups)
        return dataclasses.replace(survey, quota_use=QuotaUse(nodes_count, parameter_groups_count))

    def beside(self, ask: Callable[[Survey], Answer]) -> Future[Answer]:
        """
        Asks for more while replication groups, the longest list, are still being read.

        What is asked gets a survey without groups, which has not been checked: look at the answer only after `survey`.
        """
        nothing: Future[list[ReplicationGroup]] = Future()
        nothing.set_result([])
        return self._pool.submit(lambda: ask(self._with_groups(nothing)))

    def _with_groups(self, groups: Future[list[ReplicationGroup]]) -> Survey:
        return Survey(
            aws_region=self._aws_region,
            taken_at=self._taken_at,
            service_updates=tuple(self._updates.result()),
            update_actions=tuple(self._actions.result()),
            replication_groups=tuple(groups.result()),
            service_instances=tuple(self._instances.result()),
        )
