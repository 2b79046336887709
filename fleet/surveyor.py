"""Takes a survey of one region, and asks as much as possible at the same time."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from fleet.gathering import CALLS_SIDE_BY_SIDE, Answers, Gathering, engine_versions, systems_of
from fleet.inventory import QuotaUse, ReplicationGroup
from fleet.overdue import said_if_overdue
from fleet.region import Region
from fleet.survey import Survey
from fleet.tally import Tally
from fleet.tenants.belonging import refuse_mismatch
from fleet.tenants.claims import Claims
from fleet.time_limit import TimeLimit

if TYPE_CHECKING:
    from fleet.cloudfoundry.uaa import UaaTokens

Answer = TypeVar("Answer")


class Surveyor:
    """
    Surveys one region, again and again.

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
        self.tally = Tally(systems_of(region))
        self.limit = TimeLimit(monotonic)
        """The time that a survey has, with what is asked beside it."""
        self._now = now
        self._monotonic = monotonic
        self._last_success_seconds = 0.0
        self._with_quota_use = with_quota_use
        self._gathering = Gathering(region, self.tally, self.limit)

    @property
    def tokens(self) -> "UaaTokens | None":
        """None where Cloud Foundry is not asked."""
        return self._gathering.tokens

    def survey(self, when_overdue: Callable[[str], None] | None = None) -> Survey:
        """
        Surveys the region, completely or not at all. Says in words if it takes too long, from another thread.

        Raises RemoteError once no call is running any more, with the first cause in the order of Survey's fields.
        Raises ConfigurationError if the tenants and the groups cannot be those of one platform.
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
        return engine_versions(self.region, self.tally, TimeLimit(self._monotonic))

    @contextmanager
    def begun(self, when_overdue: Callable[[str], None] | None = None) -> Iterator["SurveyUnderWay"]:
        """A survey whose calls have begun. On leaving, no call is running any more."""
        self.limit.begin()
        name = self.region.aws.region
        with (
            said_if_overdue(name, self._last_success_seconds, when_overdue),
            ThreadPoolExecutor(CALLS_SIDE_BY_SIDE, thread_name_prefix=f"survey-{name}") as pool,
        ):
            taken_at = self._now()
            answers = self._gathering.begin(pool, with_counts=self._with_quota_use)
            yield SurveyUnderWay(pool, self.region, taken_at, answers)


@dataclass(frozen=True)
class SurveyUnderWay:
    """A survey of which some parts may be known before others."""

    _pool: ThreadPoolExecutor
    _region: Region
    _taken_at: datetime
    _answers: Answers

    def survey(self) -> Survey:
        """Raises as Surveyor.survey does."""
        survey = self._with_groups(self._answers.groups)
        refuse_mismatch(survey, self._region.tenancy, self.claims())
        if not self._answers.counts:
            return survey
        lone_nodes_count, parameter_groups_count = (count.result() for count in self._answers.counts)
        nodes_count = lone_nodes_count + sum(group.nodes_count for group in survey.replication_groups)
        return dataclasses.replace(survey, quota_use=QuotaUse(nodes_count, parameter_groups_count))

    def claims(self) -> Claims:
        """Whose each group is, and how many have the tags that say it. Raises as Surveyor.survey does."""
        return self._answers.claims.result()

    def beside(self, ask: Callable[[Survey], Answer]) -> Future[Answer]:
        """
        Asks for more while replication groups, the longest list, may still be being read.

        What is asked gets a survey without groups, which has not been checked: look at the answer only after `survey`.
        """
        nothing: Future[list[ReplicationGroup]] = Future()
        nothing.set_result([])
        return self._pool.submit(lambda: ask(self._with_groups(nothing)))

    def _with_groups(self, groups: Future[list[ReplicationGroup]]) -> Survey:
        return Survey(
            aws_region=self._region.aws.region,
            taken_at=self._taken_at,
            service_updates=tuple(self._answers.updates.result()),
            update_actions=tuple(self._answers.actions.result()),
            replication_groups=tuple(groups.result()),
            service_instances=self._answers.claims.result().instances,
        )
