"""The whole text that a known survey is exposed as. The golden file's diff in review is the change."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporter.collectors.capacity import CapacityCollector
from exporter.collectors.instances import InstancesCollector
from exporter.collectors.ledger import LedgerCollector
from exporter.collectors.progress import ProgressCollector
from exporter.collectors.surveys import ExporterFacts, SurveysCollector
from exporter.collectors.updates import UpdatesCollector
from exporter.exposition import Exposition, family_parts
from exporter.ledger_status import LedgerStatus
from exporter.region_status import Failure, RegionStatus
from fleet.region import Quotas
from fleet.survey import Survey
from tests.builders import (
    TAKEN_AT,
    action,
    group_of,
    service_instance,
    service_update,
    small_outlook,
    small_survey,
    survey,
)

COLLECTORS = Path(__file__).parents[2] / "exporter" / "collectors"
GOLDEN = Path(__file__).parent / "golden" / "metrics.txt"
QUOTAS = {"eu-west-1": Quotas(300, 300), "eu-west-2": Quotas(500, 400)}
FACTS = ExporterFacts("9.9.9", 300, 0.2, QUOTAS)


def exposed(*surveys: Survey, statuses: tuple[RegionStatus, ...] = ()) -> Exposition:
    surveyed = [RegionStatus(survey.aws_region, survey.aws_region, survey=survey) for survey in surveys]
    collectors = (
        UpdatesCollector(surveys),
        ProgressCollector(surveys),
        InstancesCollector(surveys),
        CapacityCollector(surveys, QUOTAS),
        LedgerCollector(surveyed, LedgerStatus(small_outlook(), read_at=TAKEN_AT), TAKEN_AT),
        SurveysCollector(FACTS, statuses),
    )
    return Exposition((family_parts(collectors),))


def text_of(exposition: Exposition, accept: str = "text/plain") -> str:
    return b"".join(exposition.body(accept, "").pieces).decode()


def samples(exposition: Exposition) -> list[tuple[str, frozenset[tuple[str, str]], float]]:
    families = text_string_to_metric_families(text_of(exposition))
    return [(s.name, frozenset(s.labels.items()), s.value) for family in families for s in family.samples]


def without_python_version(text: str) -> str:
    return "\n".join("" if "python_version=" in line else line for line in text.split("\n"))


def test_the_whole_exposition_of_a_small_fleet(request: pytest.FixtureRequest) -> None:
    """Every family, its HELP, its labels and its values, with names that need escaping."""
    status = RegionStatus(
        "Ireland",
        "eu-west-1",
        survey=small_survey(),
        last_failure=Failure(TAKEN_AT, "cloudfoundry: GET /v3/service_plans: HTTP 500"),
        last_duration_seconds=0.5,
        surveys_count=12,
        failures_count=1,
        requests={"elasticache": 60, "cloudfoundry": 25, "uaa": 1},
        request_failures={"elasticache": 0, "cloudfoundry": 4, "uaa": 0},
    )
    text = without_python_version(text_of(exposed(small_survey(), statuses=(status,))))
    if not GOLDEN.exists():
        GOLDEN.write_text(text)
        pytest.fail(f"{GOLDEN} did not exist; read what was written there, and keep it if it is right")
    assert text == GOLDEN.read_text(), f"if this is meant, remove {GOLDEN} and run {request.node.name} again"


def test_both_formats_say_the_same() -> None:
    """OpenMetrics differs in its last line, in info families and in counters' names, not in values."""
    both = exposed(small_survey())
    text_lines = {line for line in text_of(both).split("\n") if line and not line.startswith("#")}
    openmetrics_lines = text_of(both, "application/openmetrics-text;version=1.0.0").split("\n")
    assert openmetrics_lines[-2:] == ["# EOF", ""]
    assert {line for line in openmetrics_lines if line and not line.startswith("#")} == text_lines


def test_no_fleet_series_before_the_first_success() -> None:
    """Absent is not zero: nobody must read 0 % from an exporter that knows nothing yet."""
    names = {name for name, _, _ in samples(exposed(statuses=(RegionStatus("Ireland", "eu-west-1"),)))}
    assert names
    assert not any(name.startswith("paas_") for name in names)
    assert "elasticache_update_exporter_last_survey_success" not in names


def test_two_regions_share_families_and_no_series() -> None:
    """All lines of a name in one group, each label set once."""
    text = text_of(exposed(small_survey("eu-west-1"), small_survey("eu-west-2")))
    types = [line for line in text.split("\n") if line.startswith("# TYPE")]
    assert len(types) == len(set(types))
    found = samples(exposed(small_survey("eu-west-1"), small_survey("eu-west-2")))
    keys = [(name, labels) for name, labels, _ in found]
    assert len(keys) == len(set(keys))


def test_an_update_that_waits_for_nobody_is_published_as_zero() -> None:
    """An empty answer would not tell an applied update from a broken exporter."""
    one = service_instance("guid-1")
    applied = survey(
        service_updates=(service_update("redis-1"),),
        update_actions=(action("redis-1", one.replication_group_id, "complete"),),
        replication_groups=(group_of(one),),
        service_instances=(one,),
    )
    labels = frozenset({("aws_region", "eu-west-1"), ("elasticache_service_update", "redis-1")})
    found = samples(exposed(applied))
    assert ("paas_aws_elasticache_service_update_not_applied_count", labels, 0.0) in found
    assert not any(name == "paas_aws_elasticache_cluster_update_required" for name, _, _ in found)


def test_what_is_not_just_waiting_or_done_says_whose_it_is() -> None:
    """Or that no tenant claims it; so that an alert on it can name whom it concerns."""
    one = service_instance("guid-1", "cache", "org", "space")
    statuses = {"cf-a": "stopped", "cf-b": "not-applied", "cf-c": "complete", "cf-d": "scheduled"}
    found = survey(
        service_updates=(service_update("redis-1"),),
        update_actions=(
            action("redis-1", one.replication_group_id, "stopping"),
            *(action("redis-1", group_id, status) for group_id, status in statuses.items()),
        ),
        service_instances=(one,),
    )
    of_actions = [
        dict(labels) for name, labels, _ in samples(exposed(found)) if name == "paas_aws_elasticache_update_action_info"
    ]
    told = {labels["elasticache_replication_group_id"]: labels for labels in of_actions}
    assert {group_id: labels["status"] for group_id, labels in told.items()} == {
        one.replication_group_id: "stopping",
        "cf-a": "stopped",
        "cf-d": "scheduled",
    }
    names = ("org_name", "space_name", "service_instance_name", "service_instance_guid")
    assert [told[one.replication_group_id][name] for name in names] == ["org", "space", "cache", "guid-1"]
    assert [told["cf-a"][name] for name in names] == [""] * 4


def helps() -> dict[str, str]:
    """Of every metric, by its name in the text format."""
    text = text_of(exposed(small_survey(), statuses=(RegionStatus("Ireland", "eu-west-1"),)))
    return dict(line.removeprefix("# HELP ").split(" ", 1) for line in text.split("\n") if line.startswith("# HELP "))


def test_every_help_says_that_the_fleet_is_a_snapshot() -> None:
    """An operator who reads one metric learns where its age is."""
    of_the_fleet = {name: text for name, text in helps().items() if name.startswith("paas_")}
    assert len(of_the_fleet) > 15
    silent = [
        name
        for name, text in of_the_fleet.items()
        if "Snapshot of the last successful survey" not in text and "maintenance_window" not in name
    ]
    assert not silent, f"make the family with fleet_gauge or fleet_info: {', '.join(silent)}"


def test_every_help_can_be_acted_on() -> None:
    """Whole sentences that say more than the name does; of the fleet, also which API or setting each comes from."""
    for name, text in helps().items():
        own = text.split(" Snapshot of")[0]
        assert own[:1].isupper() or own[:1].isdigit(), f"HELP of {name}: write whole sentences, not '{own}'"
        assert own.endswith("."), f"HELP of {name}: end with a full stop: '{own}'"
        new_words = set(re.findall(r"\w+", own.lower())) - set(name.split("_"))
        assert len(new_words) >= 3, f"HELP of {name}: say what is counted and what to do about it, not '{own}'"
        if name.startswith("paas_"):
            assert re.search(r"\(AWS\b|\(as the ledger has it|as configured\s+\([A-Z_]+\)", own), (
                f"HELP of {name}: name the API that it comes from, such as (AWS DescribeUpdateActions), in '{own}'"
            )


def test_every_metric_is_shown_by_its_collector() -> None:
    """Whoever searches the code for a metric lands on it."""
    shown = "".join(path.read_text() for path in COLLECTORS.glob("*.py"))
    hidden = [name for name in helps() if f"\n    {name}" not in shown]
    assert not hidden, f"show a line of it in the docstring of its collector: {', '.join(hidden)}"


def test_promtool_complains_of_nothing_but_the_names_that_are_a_contract() -> None:
    """Four gauges end in `_count`, and others rely on them."""
    assert shutil.which("promtool"), "promtool is not installed: apt-get install prometheus"
    text = text_of(exposed(small_survey(), statuses=(RegionStatus("Ireland", "eu-west-1"),))).encode()
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
    complaints = (checked.stdout + checked.stderr).decode().splitlines()
    assert sorted(line.split()[0] for line in complaints) == [
        "paas_aws_elasticache_cache_parameter_group_count",
        "paas_aws_elasticache_node_count",
        "paas_aws_elasticache_replication_group_nodes_count",
        "paas_aws_elasticache_service_update_not_applied_count",
    ]
    assert all('should not have "_count" suffix' in line for line in complaints)
