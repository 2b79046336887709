"""Engine versions: read apart from surveys, shown on the page, and missing only there where they cannot be read."""

import csv
import io
import json

import pytest

from exporter.collectors.surveys import ExporterFacts
from exporter.messages import Request
from exporter.page.answers import PageAnswers
from exporter.publication import Publication
from exporter.region_status import RegionStatus
from exporter.region_watch import RegionWatch
from exporter.versions_watch import VersionsWatch
from fleet.region import Quotas
from fleet.surveyor import Surveyor
from sandbox.server import Sandbox
from tests.region_of import region_of


def test_each_groups_version_is_shown(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As AWS says it of the group's nodes, also on the second page; a survey asks for none of it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_ELASTICACHE", sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"])
    region = region_of(sandbox)
    code = region.aws.region
    publication = Publication(ExporterFacts("9.9.9", 300, 0.2, {code: Quotas()}), [RegionStatus(region.name, code)])
    watch = RegionWatch(Surveyor(region), publication.publish, lambda _: None)
    watch.survey()
    page = PageAnswers(publication)

    def shown() -> dict[str, str]:
        body = b"".join(page.answer("/backlog.csv", Request("GET", "/backlog.csv", query="show=all")).pieces).decode()
        rows = csv.DictReader(io.StringIO(body))
        return {row["replication_group_id"]: row["engine_version"] for row in rows if row["group_status"]}

    assert set(shown().values()) == {""}
    VersionsWatch([watch], publication.publish_versions).look()
    groups = sandbox.world.truth.replication_groups
    assert sum(len(group.members) for group in groups.values()) > 100
    assert shown() == {group_id: groups[group_id].engine_version for group_id in shown()}
    body = b"".join(page.answer("/backlog.json", Request("GET", "/backlog.json")).pieces)
    assert all(one["group"]["engine_version"] for one in json.loads(body)["instances"] if one["group"])

    caplog.set_level("WARNING", "exporter")
    sandbox.faults.add("elasticache/DescribeCacheClusters:status:403")
    VersionsWatch([watch], publication.publish_versions).look()
    assert set(shown().values()) == {""}
    assert "engine versions not read" in caplog.text
