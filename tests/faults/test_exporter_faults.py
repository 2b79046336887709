"""The exporter × every fault of every system that it asks: said in metrics, page and one line; nothing lost; healed."""

import asyncio
import logging
import os
import re
import resource
from dataclasses import dataclass
from pathlib import Path

import pytest

from exporter.__main__ import _run as run
from exporter.collectors.surveys import ExporterFacts
from exporter.messages import Request
from exporter.publication import Publication
from exporter.region_status import RegionStatus
from exporter.region_watch import RegionWatch
from exporter.web import WebApplication
from exporter.web_access import WebAccess
from fleet.patience import Patience, with_patience
from fleet.program.regions import regions
from fleet.region import Region
from fleet.surveyor import Surveyor
from tests.faults.own_faults import Row
from tests.faults.platform import Platform, regions_toml
from tests.faults.strike import struck
from tests.faults.table import RUNS
from tests.region_of import region_settings

MOST_KIB_MORE = 200 * 1024
PATIENT = Patience(pause_factor=0)
HURRIED = Patience(
    pause_factor=0, call_seconds=0.5, read_seconds=0.3, aws_read_seconds=0.6, aws_answer_seconds=0.7, survey_seconds=1.0
)
"""For faults that last until we give up."""


@dataclass
class Serving:
    """What serves in the program, without its threads: each survey is taken when the test says so."""

    platform: Platform
    region: Region
    publication: Publication
    watch: RegionWatch
    surveyors: dict[bool, Surveyor]
    """By whether they are in a hurry. AWS's clients keep the time limits that they were made with."""

    def get(self, path: str) -> str:
        answer = asyncio.run(WebApplication(self.publication, WebAccess(None))(Request("GET", path)))
        return b"".join(answer.pieces).decode()

    def series(self, prefix: str) -> list[str]:
        return [line for line in self.get("/metrics").splitlines() if line.startswith(prefix)]

    def value(self, name: str) -> float:
        (line,) = self.series(f"elasticache_update_exporter_{name}{{")
        return float(line.rpartition(" ")[2])


def serving(platform: Platform, folder: Path, *, with_role: bool) -> Serving:
    """With a role, each survey asks STS for credentials first."""
    file = folder / "regions.toml"
    file.write_text(regions_toml(platform, with_role=with_role))
    (region,) = regions(region_settings(regions_file=str(file)), {**os.environ, **platform.environment})
    facts = ExporterFacts("0", 300, 0.2, {region.aws.region: region.quotas})
    publication = Publication(facts, [RegionStatus(region.name, region.aws.region)])
    surveyors = {}
    for limits in (PATIENT, HURRIED):
        with with_patience(limits):
            surveyors[limits is HURRIED] = Surveyor(region)
    watch = RegionWatch(surveyors[False], publication.publish, lambda _: None)
    return Serving(platform, region, publication, watch, surveyors)


@pytest.fixture(scope="module")
def servings(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Serving]:
    """By whether they assume a role. Each has had one good survey."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_STS", platform.environment["AWS_ENDPOINT_URL_STS"])
        made = {
            with_role: serving(platform, tmp_path_factory.mktemp("regions"), with_role=with_role)
            for with_role in (False, True)
        }
        for each in made.values():
            each.watch.survey()
    return made


@pytest.mark.parametrize("row", RUNS["exporter"], ids=lambda row: row.id)
def test_a_fault_is_said_and_costs_nothing_that_was_known(
    row: Row, servings: dict[bool, Serving], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the survey after it is a good one, without anybody's help."""
    serving = servings[row.system == "sts"]
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", serving.platform.environment["AWS_ENDPOINT_URL_STS"])
    serving.watch.renew(serving.surveyors[row.hangs])
    fleet = serving.series("paas_aws_")
    assert fleet
    taken_at, failures = serving.value("last_success_timestamp_seconds"), serving.value("survey_failures_total")
    kib_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with (
        struck(serving.platform, row),
        with_patience(HURRIED if row.hangs else PATIENT),
        caplog.at_level(logging.INFO, logger="exporter"),  # whatever level another test has left there
    ):
        caplog.clear()
        serving.watch.survey()
    kib_more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - kib_before
    said = [record for record in caplog.records if record.name == "exporter.region_watch"]
    assert len(said) == 1
    assert kib_more < MOST_KIB_MORE
    page = serving.get("/")
    if row.survives:
        assert serving.value("last_survey_success") == 1
        assert "The last survey failed" not in page
    else:
        cause: str = said[0].cause  # type: ignore[attr-defined] # a field of ours
        assert cause.isprintable()
        assert len(cause) < 700
        assert cause.startswith("elasticache: " if row.system == "sts" else f"{row.system}: ")
        if row.system in ("cloudfoundry", "uaa"):
            assert re.search(row.says, cause)
        assert serving.value("last_survey_success") == 0
        assert serving.value("survey_failures_total") == failures + 1
        assert serving.value("last_success_timestamp_seconds") == taken_at
        assert serving.series("paas_aws_") == fleet
        assert "The last survey failed" in page
        assert serving.publication.latest.is_ready
    if row.asks_for_pause:
        serving.surveyors[row.hangs] = Surveyor(serving.region)  # instead of five minutes
        serving.watch.renew(serving.surveyors[row.hangs])
    serving.watch.survey()
    assert serving.value("last_survey_success") == 1
    assert "The last survey failed" not in serving.get("/")


@pytest.mark.parametrize("row", RUNS["exporter --once"], ids=lambda row: row.id)
def test_once_ends_with_3_where_the_survey_failed(
    row: Row, platform: Platform, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """And prints what the metrics are then, with nothing about a fleet that nobody has seen."""
    for name, value in platform.environment.items():
        monkeypatch.setenv(name, value)
    with struck(platform, row), with_patience(HURRIED if row.hangs else PATIENT):
        status = run(["--once", "--log-format", "json"])
    out = capfdbinary.readouterr().out
    assert status == (0 if row.survives else 3)
    assert b"_last_survey_success" in out
    assert (b'_last_survey_success{aws_region="eu-west-1"} 1.0' in out) is row.survives
    assert (b"\npaas_aws_" in out) is row.survives
