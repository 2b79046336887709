"""The running program: what it publishes while the world around it changes and fails."""

import itertools
import re
import time
from pathlib import Path

import pytest
import requests

from sandbox.server import Options, Sandbox
from sandbox.state import required, state
from tests.exporter_process import ExporterProcess, running_exporter

SUCCESS = "elasticache_update_exporter_last_survey_success"
FAILURES = "elasticache_update_exporter_survey_failures_total"


def published_required(exporter: ExporterProcess) -> set[tuple[str, str]]:
    return {
        (labels["elasticache_service_update"], labels["service_instance_guid"])
        for (name, pairs) in exporter.samples()
        if name == "paas_aws_elasticache_cluster_update_required"
        for labels in [dict(pairs)]
    }


def true_required(sandbox: Sandbox) -> set[tuple[str, str]]:
    return {
        (str(row["service_update_name"]), str(row["service_instance_guid"]))
        for row in required(sandbox.world.truth)
        if row["service_instance_guid"]
    }


def test_series_live_as_long_as_the_fact(sandbox: Sandbox, tmp_path: Path) -> None:
    """Applied, created, deleted and renamed: the next survey shows exactly the new truth."""
    with running_exporter(tmp_path, sandbox.environment) as exporter:
        exporter.wait_for_surveys()
        before = published_required(exporter)
        assert before == true_required(sandbox) != set()
        update, guid = min(before)
        deleted = next(other for _, other in sorted(before) if other != guid)
        sandbox.updates.complete(update)
        sandbox.tenants.delete_instance(deleted)
        sandbox.tenants.create_instance('the "new" one')
        sandbox.tenants.rename_organization(next(iter(sandbox.world.truth.organizations)), "renamed\\org")
        exporter.wait_for_surveys()
        after = published_required(exporter)
        assert after == true_required(sandbox)
        assert not any(name == update for name, _ in after)
        names = {dict(pairs).get("org_name") for _, pairs in exporter.samples()}
        assert "renamed\\org" in names
        instances = state(sandbox.world.truth)["service_instances"]
        assert isinstance(instances, list)
        counted = [n for n, _ in exporter.samples() if n == "paas_aws_elasticache_replication_group_nodes_count"]
        assert len(counted) == sum(row["offering_name"] == "redis" for row in instances)


@pytest.mark.parametrize(
    "fault",
    [
        "elasticache:status:500",
        "elasticache:down",
        "elasticache:html",
        "elasticache:half",
        "elasticache:expired",
        "cloudfoundry:status:500",
        "cloudfoundry:status:429,retry_after=1",
        "cloudfoundry:down",
        "cloudfoundry:html",
        "cloudfoundry:half",
        "cloudfoundry:expired",
        "cloudfoundry:null-names",
    ],
)
def test_a_failing_system_leaves_the_last_good_survey_and_is_said(fault: str, sandbox: Sandbox, tmp_path: Path) -> None:
    """Success 0, last success unchanged, one log line with the cause; and it recovers by itself."""
    with running_exporter(tmp_path, sandbox.environment) as exporter:
        exporter.wait_for_surveys()
        truth = published_required(exporter)
        with sandbox.faults.during(fault):
            exporter.wait_until(FAILURES, 1)
            assert exporter.value(SUCCESS) == 0
            timestamp = exporter.value("elasticache_update_exporter_last_success_timestamp_seconds")
            assert published_required(exporter) == truth
            assert exporter.get("/-/ready").status_code == 200
            system = fault.split(":", maxsplit=1)[0]
            assert (exporter.value("elasticache_update_exporter_remote_request_failures_total", system=system) or 0) > 0
        exporter.wait_until(SUCCESS, 1)
        failed = [line for line in exporter.log().splitlines() if '"survey failed"' in line]
        assert all(f'"cause": "{system}: ' in line for line in failed)
        assert len(failed) == exporter.value(FAILURES)
        assert (exporter.value("elasticache_update_exporter_last_success_timestamp_seconds") or 0) > (timestamp or 0)


def test_before_the_first_success_it_is_healthy_but_not_ready(sandbox: Sandbox, tmp_path: Path) -> None:
    """No fleet series at all, rather than zeros; and no detail for whoever has no password."""
    with sandbox.faults.during("uaa:status:400"), running_exporter(tmp_path, sandbox.environment) as exporter:
        exporter.wait_until(FAILURES, 1)
        assert exporter.get("/-/healthy").text == "OK\n"
        not_ready = exporter.get("/-/ready")
        assert (not_ready.status_code, not_ready.text) == (503, "not ready\n")
        assert not any(name.startswith("paas_") for name, _ in exporter.samples())
        assert exporter.value(SUCCESS) == 0
        assert "No survey has succeeded yet" in exporter.get("/").text
        sandbox.faults.clear()
        exporter.wait_until(SUCCESS, 1)
        assert exporter.get("/-/ready").status_code == 200


def test_surveys_that_outlast_the_interval_follow_each_other_and_never_overlap(tmp_path: Path) -> None:
    """A survey of 0.6 s every 0.3 s: each begins when the one before has ended, and none is skipped for longer."""
    with Sandbox(Options(instances=3, faults=("all:latency:0.2",))) as sandbox:
        with running_exporter(tmp_path, sandbox.environment) as exporter:
            exporter.wait_until("elasticache_update_exporter_surveys_total", 5)
            assert "skipped" not in exporter.log()
        calls = [e for e in sandbox.journal.entries("cloudfoundry") if e.call == "/v3/service_instances" and e.seconds]
        starts = [entry.at.timestamp() for entry in calls]
        gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
        assert min(gaps) > 0.45  # on a busy machine, one request is noticed later than the next
        assert sorted(gaps)[len(gaps) // 2] < 2.0


def test_other_paths_and_methods_are_refused(sandbox: Sandbox, tmp_path: Path) -> None:
    """Unlike some exporters, which answer any path with metrics."""
    with running_exporter(tmp_path, sandbox.environment) as exporter:
        assert exporter.get("/metricsx").status_code == 404
        assert requests.post(exporter.url + "/metrics", timeout=5).status_code == 405
        head = requests.head(exporter.url + "/metrics", timeout=5)
        assert (head.status_code, head.content) == (200, b"")
        assert exporter.get("/").headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_several_regions_in_one_process(tmp_path: Path) -> None:
    """Each with its own Cloud Foundry and credentials; one region's failure leaves the other untouched."""
    with Sandbox(Options(instances=5)) as ireland, Sandbox(Options(instances=7, seed=2, region="eu-west-2")) as london:
        file = tmp_path / "regions.toml"
        tables = [
            f'[[regions]]\nname = "{name}"\naws_region = "{sandbox.environment["AWS_REGION"]}"\n'
            f'cf_api_address = "{sandbox.environment["CF_API_ADDRESS"]}"\n'
            f'aws_endpoint_url_elasticache = "{sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"]}"\n'
            for name, sandbox in (("Ireland", ireland), ("London", london))
        ]
        file.write_text("\n".join(tables))
        secrets = {
            name: ireland.environment[name]
            for name in ("CF_CLIENT_ID", "CF_CLIENT_SECRET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        }
        with running_exporter(tmp_path, secrets, {"REGIONS_FILE": str(file)}) as exporter:
            for region in ("eu-west-1", "eu-west-2"):
                exporter.wait_until(SUCCESS, 1, aws_region=region)
            assert published_required(exporter) == true_required(ireland) | true_required(london)
            london.faults.add("cloudfoundry:down")
            exporter.wait_until(FAILURES, 1, aws_region="eu-west-2")
            assert exporter.value(SUCCESS, aws_region="eu-west-2") == 0
            assert exporter.value(SUCCESS, aws_region="eu-west-1") == 1
            assert published_required(exporter) == true_required(ireland) | true_required(london)
            page = exporter.get("/").text
            assert "<strong>Ireland</strong> (eu-west-1)" in page
            assert "The last survey failed" in page


def test_memory_stays_well_within_what_the_original_was_given(tmp_path: Path) -> None:
    """That was 128 MiB; it is 96 with 3,000 instances, at its highest, while surveys, scrapes and readers go on."""
    with (
        Sandbox(Options(instances=3000)) as sandbox,
        running_exporter(tmp_path, sandbox.environment) as exporter,
    ):
        for _ in range(6):
            exporter.wait_for_surveys()
            assert exporter.get("/").status_code == 200
        status = Path(f"/proc/{exporter.process.pid}/status").read_text()
        (peak_kibibytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
        assert int(peak_kibibytes) < 96 * 1024


def test_a_scrape_never_sees_half_of_a_survey(sandbox: Sandbox, tmp_path: Path) -> None:
    """While surveys and changes go on, every scrape's counts agree with each other."""
    with running_exporter(tmp_path, sandbox.environment) as exporter:
        exporter.wait_until(SUCCESS, 1)
        deadline = time.monotonic() + 3
        scrapes = 0
        while time.monotonic() < deadline:
            sandbox.tenants.create_instance("one more")
            samples = exporter.samples()
            nodes = sum(name == "paas_aws_elasticache_replication_group_nodes_count" for name, _ in samples)
            infos = sum(name == "paas_aws_elasticache_service_instance_info" for name, _ in samples)
            assert nodes == infos
            scrapes += 1
        assert scrapes > 5
