"""What is shown: the latest of every region, and nothing of a survey that cannot be shown."""

from dataclasses import replace

import pytest

from exporter.collectors.surveys import ExporterFacts
from exporter.publication import Publication
from exporter.region_status import RegionStatus
from fleet.inventory import QuotaUse, ServiceUpdate
from fleet.region import Quotas
from fleet.survey import Survey
from tests.builders import service_update, small_survey

REGIONS = ("eu-west-1", "eu-west-2")
FACTS = ExporterFacts("9.9.9", 300, 0.2, {region: Quotas(300, 300) for region in REGIONS})


def surveyed(survey: Survey) -> RegionStatus:
    return RegionStatus(survey.aws_region, survey.aws_region, survey=survey, surveys_count=1, last_duration_seconds=0.1)


def text_of(publication: Publication) -> str:
    return b"".join(publication.latest.exposition.text).decode()


@pytest.fixture
def publication() -> Publication:
    return Publication(FACTS, [RegionStatus(region, region) for region in REGIONS])


def test_a_region_is_rendered_when_it_is_new_and_no_other_with_it(publication: Publication) -> None:
    """The others' parts are the same objects as before; so is its own after a survey that failed."""
    publication.publish(surveyed(small_survey("eu-west-1")))
    publication.publish(surveyed(small_survey("eu-west-2")))
    ireland, london, *_ = publication.latest.exposition.parts
    status = surveyed(small_survey("eu-west-2"))
    publication.publish(status)
    assert publication.latest.exposition.parts[0] is ireland
    assert publication.latest.exposition.parts[1] is not london
    later = publication.latest.exposition.parts[1]
    publication.publish(replace(status, surveys_count=2, failures_count=1))
    assert publication.latest.exposition.parts[1] is later
    assert 'survey_failures_total{aws_region="eu-west-2"} 1.0' in text_of(publication)


def test_each_family_is_in_one_piece_over_all_regions(publication: Publication) -> None:
    """In the order of the configuration, whoever was surveyed first."""
    publication.publish(surveyed(small_survey("eu-west-2")))
    publication.publish(surveyed(small_survey("eu-west-1")))
    names = [line.split("{")[0] for line in text_of(publication).splitlines() if not line.startswith("#")]
    pieces = [name for name, before in zip(names, ["", *names], strict=False) if name != before]
    assert len(pieces) == len(set(pieces))
    assert text_of(publication).count("# TYPE paas_aws_elasticache_node_count gauge\n") == 1
    counts = [line for line in text_of(publication).splitlines() if line.startswith("paas_aws_elasticache_node_count{")]
    assert ["eu-west-1" in line for line in counts] == [True, False]


def breaks_metrics() -> Survey:
    return replace(small_survey(), quota_use=QuotaUse(10**400, 0))


def breaks_page() -> Survey:
    class Dateless:
        """Not a date, as only the page would notice."""

        def timestamp(self) -> float:
            return 0.0

        def __sub__(self, _: object) -> float:
            raise OverflowError("date value out of range")

    update: ServiceUpdate = service_update("redis-1", recommended_apply_by=Dateless())
    return replace(small_survey(), service_updates=(update,), update_actions=())


@pytest.mark.parametrize("bad", [breaks_metrics(), breaks_page()], ids=["metrics", "page"])
def test_what_cannot_be_shown_changes_nothing(bad: Survey, publication: Publication) -> None:
    """Neither metrics nor page nor readiness; whoever publishes hears of it."""
    publication.publish(surveyed(small_survey()))
    before = publication.latest
    with pytest.raises((ValueError, OverflowError)):
        publication.publish(surveyed(bad))
    assert publication.latest is before
