"""What an attempt changes, and what it leaves in place."""

import logging
from dataclasses import replace

import pytest

from exporter.region_status import RegionStatus
from exporter.region_watch import RegionWatch
from fleet.aws.client import AwsAccess
from fleet.cloudfoundry.credentials import ClientCredentials
from fleet.errors import InsufficientScopeError, RemoteError
from fleet.region import CfAccess, Quotas, Region
from fleet.survey import Survey
from fleet.tally import Tally
from tests.builders import small_survey

CLOUD_FOUNDRY = CfAccess("http://127.0.0.1", ClientCredentials("i", "s"), ())
REGION = Region("Ireland", AwsAccess("eu-west-1"), CLOUD_FOUNDRY, Quotas(1, 1))


class ScriptedSurveyor:
    """Stands where the real one, which needs two remote systems, would be."""

    def __init__(self, *outcomes: Survey | Exception) -> None:
        self.region = REGION
        self.tally = Tally()
        self._outcomes = list(outcomes)

    def survey(self, *_: object) -> Survey:
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Watched:
    def __init__(self, *outcomes: Survey | Exception) -> None:
        self.published: list[RegionStatus] = []
        self.refused: list[InsufficientScopeError] = []
        self.watch = RegionWatch(ScriptedSurveyor(*outcomes), self.published.append, self.refused.append)  # type: ignore[arg-type] # has what the watch uses
        for _ in outcomes:
            self.watch.survey()


DOWN = RemoteError("cloudfoundry", "GET /v3/service_plans", "HTTP 503")
BLIND = InsufficientScopeError("uaa", "POST /oauth/token", "does not see every org")


def test_a_failure_leaves_the_last_good_survey_in_place() -> None:
    """The fleet has not changed because we could not look."""
    good = small_survey()
    first, second, third = Watched(good, DOWN, good).published
    assert second.survey is first.survey is good
    assert second.last_failure
    assert second.last_failure.cause == "cloudfoundry: GET /v3/service_plans: HTTP 503"
    assert (second.surveys_count, second.failures_count) == (2, 1)
    assert third.last_failure is None
    assert (third.surveys_count, third.failures_count) == (3, 1)


def test_a_survey_is_published_with_its_regions_time_zone() -> None:
    """Windows are given in it; another file of regions may change it while the program runs."""
    surveyors = [ScriptedSurveyor(small_survey()) for _ in range(2)]
    for surveyor, zone in zip(surveyors, ("Europe/Dublin", "America/New_York"), strict=True):
        surveyor.region = replace(REGION, time_zone=zone)
    published: list[RegionStatus] = []
    watch = RegionWatch(surveyors[0], published.append, lambda _: None)  # type: ignore[arg-type] # as above
    watch.survey()
    watch.renew(surveyors[1])  # type: ignore[arg-type] # as above
    watch.survey()
    assert [status.time_zone for status in published] == ["Europe/Dublin", "America/New_York"]


def test_a_failure_is_one_line_with_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever is on call reads why without looking further."""
    with caplog.at_level(logging.DEBUG):
        Watched(DOWN)
    (record,) = caplog.records
    assert (record.message, record.levelname) == ("survey failed", "ERROR")
    assert record.__dict__["cause"] == "cloudfoundry: GET /v3/service_plans: HTTP 503"


def test_a_mistake_of_our_own_is_a_failed_survey_too() -> None:
    """The program outlives it, says so, and the next survey counts."""
    first, second = Watched(ZeroDivisionError("oops"), small_survey()).published
    assert first.last_failure
    assert first.last_failure.cause.startswith("ZeroDivisionError: oops (")
    assert second.survey


def test_what_cannot_be_published_is_a_failed_survey(caplog: pytest.LogCaptureFixture) -> None:
    """The last good one stays, and nothing says that the new one succeeded."""
    published: list[RegionStatus] = []

    def publish(status: RegionStatus) -> None:
        if status.survey is bad:
            raise OverflowError("too large")
        published.append(status)

    good, bad = small_survey(), small_survey()
    watch = RegionWatch(ScriptedSurveyor(good, bad, bad, good), publish, [].append)  # type: ignore[arg-type] # as above
    for _ in range(4):
        watch.survey()
    assert [status.survey for status in published] == [good] * 4
    assert [status.last_failure is None for status in published] == [True, False, False, True]
    assert [(status.surveys_count, status.failures_count) for status in published] == [(1, 0), (2, 1), (3, 2), (4, 2)]
    assert [record.message for record in caplog.records] == ["survey failed"] * 2


def test_counters_go_on_with_a_new_surveyor() -> None:
    """New secrets are no restart: a counter that falls is one to Prometheus."""
    published: list[RegionStatus] = []
    first, second = ScriptedSurveyor(small_survey()), ScriptedSurveyor(small_survey())
    watch = RegionWatch(first, published.append, [].append)  # type: ignore[arg-type] # as above
    first.tally.count_request("uaa")
    watch.survey()
    watch.renew(second)  # type: ignore[arg-type] # as above
    second.tally.count_request("uaa")
    second.tally.count_failure("uaa")
    watch.survey()
    assert [(status.requests["uaa"], status.request_failures["uaa"]) for status in published] == [(1, 0), (2, 1)]


def test_only_the_first_survey_may_end_the_program() -> None:
    """A scope that is taken away later is a failure like others: what was seen before stays up."""
    assert Watched(BLIND).refused == [BLIND]
    assert Watched(small_survey(), BLIND).refused == []


class OverdueSurveyor(ScriptedSurveyor):
    """Says that it is overdue, before each outcome and once more after it."""

    def survey(self, *told: object) -> Survey:
        self.say = told[0]
        self.say("the survey is overdue: not complete after 45 s")  # type: ignore[operator] # the watch's own
        return super().survey()


def test_a_survey_that_is_overdue_is_shown_as_failed_until_it_ends() -> None:
    """With the last good one still there; it has not ended, and so is not counted."""
    good = small_survey()
    published: list[RegionStatus] = []
    surveyor = OverdueSurveyor(good, DOWN)
    watch = RegionWatch(surveyor, published.append, [].append)  # type: ignore[arg-type] # has what the watch uses
    watch.survey()
    watch.survey()
    first, ended, second, failed = published
    assert first.last_failure
    assert first.last_failure.cause == "the survey is overdue: not complete after 45 s"
    assert (first.survey, first.surveys_count, first.failures_count) == (None, 0, 0)
    assert (ended.survey, ended.last_failure, ended.surveys_count) == (good, None, 1)
    assert second.last_failure
    assert (second.survey, second.surveys_count, second.failures_count) == (good, 1, 0)
    assert failed.last_failure
    assert (failed.last_failure.cause, failed.surveys_count, failed.failures_count) == (str(DOWN), 2, 1)
    surveyor.say("too late")  # type: ignore[operator] # the watch's own
    assert published[-1] is failed
