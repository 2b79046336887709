"""
The exporter's main job in one command: the sandbox, the exporter and, where it is installed, Prometheus.

Programs are started as their users start them, each as a process of its own; Ctrl-C stops them all.
"""

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import click
import requests
from prometheus_client.parser import text_string_to_metric_families

from sandbox import demo_prometheus
from sandbox.brokers import BROKERS
from sandbox.demo_prometheus import DemoPrometheus
from sandbox.programs import ANSWER_SECONDS, HOST, STOP_SECONDS, DemoError, Programs, free_port, running_programs

RUNBOOK_QUERY = (
    "count(paas_aws_elasticache_cluster_update_required) / count(paas_aws_elasticache_replication_group_nodes_count)"
)
_FRIDAY = 5
_PORT = click.IntRange(0, 65_535)
_POLL_SECONDS = 5
_NODE_SECONDS = 5
_PLAIN_NAME = re.compile(r"[a-z0-9-]+/[a-z0-9-]+/[a-z0-9-]+")


def _sandbox(programs: Programs, instances: int, platform: str = "paas") -> dict[str, str]:
    """The running sandbox and the environment that it printed."""
    pace = ["--node-seconds", str(_NODE_SECONDS), "--estimate", "1 minute per node"]
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "--instances",
        str(instances),
        "--platform",
        platform,
        "--port",
        "0",
        *pace,
    ]
    program = programs.start("sandbox", command, os.environ)
    assert program.process.stdout  # noqa: S101 — it was asked for
    environment: dict[str, str] = {}
    for line in program.process.stdout:
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").strip().partition("=")
            environment["".join(shlex.split(name))] = "".join(shlex.split(value))
        if "SANDBOX_CONTROL_URL" in environment:
            break
    if "SANDBOX_CONTROL_URL" not in environment:
        program.process.wait(STOP_SECONDS)
        program.check()
    program.wait_for(environment["SANDBOX_CONTROL_URL"])
    return environment


def _exporter(programs: Programs, environment: Mapping[str, str], wanted_port: int = 8080) -> str:
    port = free_port(wanted_port)
    settings = {"PORT": str(port), "LISTEN_ADDRESS": HOST, "POLL_INTERVAL": str(_POLL_SECONDS)}
    with_ledger = {**os.environ, **environment, **settings, **_ledger(programs.folder)}
    _make_ledger(with_ledger)
    program = programs.start("exporter", [sys.executable, "-m", "exporter"], with_ledger)
    url = f"http://{HOST}:{port}"
    program.wait_for(f"{url}/-/ready")
    return url


@contextlib.contextmanager
def running_exporter(instances: int) -> Iterator[str]:
    """The exporter on a sandbox, for as long as the block lasts: its address."""
    with running_programs() as programs:
        yield _exporter(programs, _sandbox(programs, instances))


def _waiting(exporter_url: str) -> tuple[int, int]:
    """Distinct instances with an update waiting, and all instances, from the exporter's own metrics."""
    text = requests.get(f"{exporter_url}/metrics", headers={"Accept": "text/plain"}, timeout=ANSWER_SECONDS).text
    guids: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        guids[family.name] = {sample.labels.get("service_instance_guid", "") for sample in family.samples}
    waiting = guids["paas_aws_elasticache_cluster_update_required"]
    return len(waiting), len(guids["paas_aws_elasticache_replication_group_nodes_count"])


def _say_where_to_look(environment: Mapping[str, str], exporter_url: str) -> None:
    click.echo(f"\n  Backlog, for people:     {exporter_url}/")
    click.echo(f"  The tenants' mails:      {environment['SANDBOX_CONTROL_URL']}/inbox")
    click.echo(f"  The status page:         {environment['STATUSPAGE_BASE_URL'].removesuffix('/v1')}")
    click.echo(f"  Metrics, for Prometheus: {exporter_url}/metrics")
    click.echo(f"  The sandbox's switches:  {environment['SANDBOX_CONTROL_URL']}/")


def _say_what_fires(prometheus: DemoPrometheus) -> None:
    click.echo(f"\n  Prometheus, with our rules: {prometheus.url}/alerts")
    click.echo(f"  {prometheus.url}/graph?g0.expr={quote(RUNBOOK_QUERY)}")
    click.echo("  The runbook's own query, which counts an instance once for each update that waits for it:")
    click.echo(f"  {RUNBOOK_QUERY} = {prometheus.answer(RUNBOOK_QUERY):.4f}")
    alert = prometheus.wait_for_alert(demo_prometheus.BACKLOG_ALERT)
    click.echo(f"\n  An alert fires: {alert['summary']}. It leads to")
    click.echo(f"  {alert['page_url']}")
    click.echo(f"  {alert['runbook_url']}")
    click.echo("  It waits seconds here and a quarter of an hour elsewhere. Once a window is planned, it ends.")


def _say_what_to_try(folder: Path, environment: Mapping[str, str]) -> None:
    """Command lines for another terminal: they need the sandbox's environment, which is left in a file."""
    settings = {**environment, **_ledger(folder), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    file = folder / "sandbox.env"
    file.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items()))
    click.echo("\nIn another terminal, carry a maintenance window through, from the first look to the last line:")
    click.echo(f"  . {file}")
    click.echo(
        f"  set -- --region Ireland --maintenance-window-date '{_a_working_day_next_week()}'"
        " --maintenance-window-time-range 0900-1100"
    )
    for command in (
        'print "$@"',
        'email "$@" --yes',
        f"defer add {_somebody(environment)} \"$@\" --skip-window --reason 'an election'",
        "schedule \"$@\" --component 'Redis in Ireland'",
        "apply \"$@\" --outside-window 'trying it out' --poll-interval 2 --status-page",
        'checklist "$@"',
    ):
        click.echo(f"  elasticache-update-notifier {command}")
    click.echo(f"\nAn update takes {_NODE_SECONDS} seconds a node here. All of them at once, without us:")
    click.echo(f"  curl -X POST -d '{{}}' {environment['SANDBOX_CONTROL_URL']}/complete")


def _make_ledger(environment: Mapping[str, str]) -> None:
    """So that the exporter has one to read before the first mail."""
    command = [sys.executable, "-m", "notifier", "ledger", "check"]
    made = subprocess.run(command, env=dict(environment), check=False, capture_output=True, text=True)  # noqa: S603 — ours
    if made.returncode:
        raise DemoError(f"the ledger could not be made: {made.stderr.strip()}")


def _ledger(folder: Path) -> dict[str, str]:
    return {"LEDGER_URL": f"sqlite:///{folder / 'ledger.sqlite3'}"}


def _somebody(environment: Mapping[str, str]) -> str:
    """An instance on which an update waits, as `defer` takes it; one whose name needs no quotes in a shell."""
    state = requests.get(f"{environment['SANDBOX_CONTROL_URL']}/state", timeout=ANSWER_SECONDS).json()
    waiting = {required["service_instance_guid"] for required in state["required"]}
    names = (
        f"{instance['organization_name']}/{instance['space_name']}/{instance['name']}"
        for instance in state["service_instances"]
        if instance["guid"] in waiting
    )
    return next(name for name in names if _PLAIN_NAME.fullmatch(name))


def _a_working_day_next_week() -> str:
    day = datetime.now(UTC).date() + timedelta(days=7)
    while day.isoweekday() > _FRIDAY:
        day += timedelta(days=1)
    return f"{day:%A} {day.day} {day:%B %Y}"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--instances",
    type=click.IntRange(min=1),
    default=57,
    show_default=True,
    help="Redis and Valkey instances on the sandbox.",
)
@click.option(
    "--platform",
    type=click.Choice(list(BROKERS)),
    default="paas",
    show_default=True,
    help="Whose shape the platform has.",
)
@click.option("--exporter-port", type=_PORT, default=8080, show_default=True, help="Another one where it is taken.")
@click.option("--prometheus-port", type=_PORT, default=9090, show_default=True, help="The same for Prometheus.")
def demo(instances: int, platform: str, exporter_port: int, prometheus_port: int) -> None:
    """Run the exporter on the sandbox until Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _interrupt(stop))
    with contextlib.suppress(KeyboardInterrupt), running_programs() as programs:
        beside = " and Cloud Foundry" if BROKERS[platform].has_cloudfoundry else ""
        click.echo(f"Starting a stand-in for AWS{beside}, and the exporter on it ...")
        environment = _sandbox(programs, instances, platform)
        exporter_url = _exporter(programs, environment, exporter_port)
        _say_where_to_look(environment, exporter_url)
        waiting, total = _waiting(exporter_url)
        click.echo(f"\n  {waiting / total:.0%} of the tenants' instances have an update waiting: {waiting} of {total}.")
        if demo_prometheus.is_installed():
            _say_what_fires(demo_prometheus.start_prometheus(programs, exporter_url, prometheus_port))
        else:
            click.echo(
                "\n  Prometheus is not installed here, so no alert fires and its answer is not shown"
                " (apt-get install prometheus)."
            )
        _say_what_to_try(programs.folder, environment)
        click.echo("\nCtrl-C stops everything.")
        while not stop.wait(1):
            programs.check()
    click.echo("Stopped.")


def _interrupt(stop: threading.Event) -> None:
    stop.set()
    raise KeyboardInterrupt


def main() -> None:
    try:
        demo.main(standalone_mode=False)
    except (DemoError, requests.RequestException, click.ClickException) as error:
        message = error.format_message() if isinstance(error, click.ClickException) else str(error)
        click.echo(f"demo: {message}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
