"""What signals do, at every moment of the program's life."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
import trustme

from sandbox.server import Options, Sandbox
from tests.exporter_process import NOWHERE, environment_of, running_exporter
from tests.servers import wait_until

SURVEYS = "elasticache_update_exporter_surveys_total"
FAILURES = "elasticache_update_exporter_survey_failures_total"
HASH = "$2b$04$gfgF8cP6C5Li8ErBUv47DOO64gcvmBFajznT.nSWOKKntzpk62hZa"  # of "right"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("seconds", [0.1, 0.2, 0.4, 0.7, 1.0])
def test_a_signal_in_the_first_second_is_an_ordinary_end(number: int, seconds: float) -> None:
    """A platform that changes its mind is no crash: status 0 from the moment at which our first line runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "exporter"],
        env=environment_of(NOWHERE, {"PORT": "0"}),
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_until(lambda: handles(process.pid, number), lambda: "it does not take care of signals")
        time.sleep(seconds)
        process.send_signal(number)
        assert process.wait(timeout=10) == 0


def handles(pid: int, number: int) -> bool:
    """Python handles SIGINT of itself, so what counts is SIGTERM."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = int(status.split("SigCgt:")[1].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1 and caught >> (number - 1) & 1)


def test_signals_are_taken_care_of_before_any_library_is_loaded() -> None:
    """Which takes most of a second."""
    listed = "import sys; before = set(sys.modules); import exporter.__main__; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
    assert not {"click", "botocore", "boto3", "requests", "fleet"} & set(done.stdout.split())


def test_sighup_reads_web_configuration_certificates_and_secrets_again(tmp_path: Path) -> None:
    """None of it needs a restart, and the program goes on with all that it has seen."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    web, secret = tmp_path / "web.yml", tmp_path / "secret"
    secret.write_text("wrong")

    def issue(password_of: str) -> None:
        certificate = authority.issue_cert("127.0.0.1")
        certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
        certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
        web.write_text(
            f"tls_server_config: {{cert_file: cert.pem, key_file: key.pem}}\nbasic_auth_users: {{{password_of}: {HASH}}}\n"
        )

    issue("before")
    with Sandbox(Options(instances=5)) as sandbox:
        environment = {name: value for name, value in sandbox.environment.items() if name != "CF_CLIENT_SECRET"}
        settings = {"CF_CLIENT_SECRET_FILE": str(secret), "WEB_CONFIG_FILE": str(web)}
        with running_exporter(tmp_path, environment, settings, scheme="https") as exporter:
            exporter.request_settings = {"verify": str(tmp_path / "ca.pem"), "auth": ("before", "right")}
            exporter.wait_until(FAILURES, 1)
            asked = exporter.value("elasticache_update_exporter_remote_requests_total", system="uaa") or 0
            secret.write_text(sandbox.environment["CF_CLIENT_SECRET"] + "\n")
            issue("after")
            exporter.process.send_signal(signal.SIGHUP)
            wait_until(lambda: '"regions reloaded"' in exporter.log(), exporter.log)
            assert exporter.get("/metrics").status_code == 401
            asked_by_http = requests.post(
                f"{exporter.url}/-/reload", timeout=5, verify=str(tmp_path / "ca.pem"), auth=("before", "right")
            )
            assert asked_by_http.status_code == 401
            exporter.request_settings["auth"] = ("after", "right")
            exporter.wait_until("elasticache_update_exporter_last_survey_success", 1)
            assert (exporter.value("elasticache_update_exporter_remote_requests_total", system="uaa") or 0) > asked
            assert '"web configuration reloaded"' in exporter.log()
            assert exporter.stop() == 0


def test_sighup_leaves_in_place_what_it_cannot_replace(sandbox: Sandbox, tmp_path: Path) -> None:
    """Each with one line that says why; surveys go on with what was right before."""
    secret, regions = tmp_path / "secret", tmp_path / "regions.toml"
    environment = dict(sandbox.environment)
    secret.write_text(environment.pop("CF_CLIENT_SECRET"))

    def table(region: str) -> str:
        return (
            f'[[regions]]\nname = "Ireland"\naws_region = "{region}"\n'
            f'cf_api_address = "{environment["CF_API_ADDRESS"]}"\n'
            f'aws_endpoint_url_elasticache = "{environment["AWS_ENDPOINT_URL_ELASTICACHE"]}"\n'
        )

    regions.write_text(table("eu-west-1"))
    settings = {"CF_CLIENT_SECRET_FILE": str(secret), "REGIONS_FILE": str(regions)}
    with running_exporter(tmp_path, environment, settings) as exporter:
        exporter.wait_until(SURVEYS, 1)
        for text, cause in (
            ("[[regions", "REGIONS_FILE '"),
            (table("eu-west-2"), "there are other regions than at the start, which takes a restart"),
            (table("eu-west-9"), "no such AWS region"),
        ):
            regions.write_text(text)
            exporter.process.send_signal(signal.SIGHUP)
            wait_until(lambda cause=cause: cause in exporter.log(), exporter.log)  # type: ignore[misc] # bound at once
        secret.unlink()
        regions.write_text(table("eu-west-1"))
        assert requests.post(f"{exporter.url}/-/reload", timeout=5).status_code == 500
        assert "CF_CLIENT_SECRET_FILE" in exporter.log()
        assert exporter.log().count('"regions not reloaded"') == 4
        exporter.wait_for_surveys(2)
        assert exporter.value(FAILURES) == 0
        assert requests.get(exporter.url + "/-/ready", timeout=5).ok


def test_sighup_takes_over_every_setting_of_a_region(sandbox: Sandbox, tmp_path: Path) -> None:
    """Also those that are only shown: AWS raises a quota on request, and then the alert should end."""
    regions, environment = tmp_path / "regions.toml", sandbox.environment

    def written(name: str, quota: int) -> None:
        regions.write_text(
            f'[[regions]]\nname = "{name}"\naws_region = "eu-west-1"\n'
            f"nodes_quota = {quota}\ncache_parameter_groups_quota = {quota + 1}\n"
            f'cf_api_address = "{environment["CF_API_ADDRESS"]}"\n'
            f'aws_endpoint_url_elasticache = "{environment["AWS_ENDPOINT_URL_ELASTICACHE"]}"\n'
        )

    written("Ireland", 1000)
    with running_exporter(tmp_path, environment, {"REGIONS_FILE": str(regions), "POLL_INTERVAL": "1"}) as exporter:
        exporter.wait_until("paas_aws_elasticache_nodes_quota", 1000)
        written("Irland", 2000)
        exporter.process.send_signal(signal.SIGHUP)
        exporter.wait_until("paas_aws_elasticache_nodes_quota", 2000)
        exporter.wait_until("paas_aws_elasticache_cache_parameter_groups_quota", 2001)
        exporter.wait_until("elasticache_update_exporter_region_info", 1, region_name="Irland")
        assert "Irland" in exporter.get("/").text
        assert exporter.value("elasticache_update_exporter_region_info", region_name="Ireland") is None
