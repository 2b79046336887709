"""The exporter's command line and environment, as settings."""

import os
from pathlib import Path

import click
import cloup

import fleet
from exporter.listen_options import listen_options
from exporter.paths import METRICS_PATH, TelemetryPath
from exporter.settings import LONGEST_INTERVAL_SECONDS, Settings
from exporter.spellings import refuse_both
from fleet.program.grouping import GroupedCommand, refuse_unused
from fleet.program.log_options import log_options
from fleet.program.numbers import DecimalNumber
from fleet.program.options import quota_options, region_options
from fleet.program.regions import RegionSettings, regions
from fleet.program.secret_sources import SecretSources
from fleet.region import Quotas

PROGRAM = "elasticache-update-exporter"
_FOR_SERVING = (
    "--listen-address",
    "--port",
    "--web-config-file",
    "--web.listen-address",
    "--web.config.file",
    "--web.telemetry-path",
)


@cloup.command(
    cls=GroupedCommand,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Secrets come from the environment only: CF_CLIENT_ID and CF_CLIENT_SECRET, and AWS's usual
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN. Instead of NAME you can set NAME_FILE to
a file that holds the secret, or NAME_COMMAND to a command that prints it, or bind a service that has
it on Cloud Foundry. Without CF_CLIENT_ID, your own cf login is used. LEDGER_URL, which may hold a
password, comes from there too; it is the notifier's ledger, and is only ever read.

\b
Example:
  AWS_REGION=eu-west-1 CF_API_ADDRESS=https://api.example.org \\
  CF_CLIENT_ID=exporter CF_CLIENT_SECRET_FILE=/run/secrets/cf elasticache-update-exporter

\b
Signals:
  SIGTERM, SIGINT  stop
  SIGHUP           read secrets, REGIONS_FILE, WEB_CONFIG_FILE and certificates again;
                   so does a POST to /-/reload

\b
Exit status:
  0  stopped by SIGTERM or SIGINT, --once has printed, or --check found nothing wrong
  1  a fault of the program itself; the line on stderr says what and where
  2  wrong usage or configuration; the line on stderr says what
  3  --once: a survey failed""",
)
@log_options(default_level="info")
@region_options
@quota_options
@click.option(
    "--poll-interval",
    "poll_interval_seconds",
    envvar="POLL_INTERVAL",
    type=DecimalNumber(min=0.1, max=LONGEST_INTERVAL_SECONDS),
    default=300,
    show_default=True,
    show_envvar=True,
    metavar="SECONDS",
    help="How often to survey: the time from the start of one survey to the start of the next.",
)
@listen_options
@click.option(
    "--web-config-file",
    envvar="WEB_CONFIG_FILE",
    type=click.Path(path_type=Path),
    show_envvar=True,
    help="Serve TLS and ask for passwords, as this file says in the format of Prometheus's exporter-toolkit.",
)
@click.option(
    "--web.config.file",
    "prometheus_web_config_file",
    type=click.Path(path_type=Path),
    help="The same, as other exporters spell it.",
)
@click.option(
    "--web.telemetry-path",
    "telemetry_path",
    type=TelemetryPath(),
    default=METRICS_PATH,
    show_default=True,
    metavar="PATH",
    help="Where the metrics are.",
)
@click.option(
    "--update-fraction-threshold",
    envvar="UPDATE_FRACTION_THRESHOLD",
    type=DecimalNumber(0, 1),
    default=0.2,
    show_default=True,
    show_envvar=True,
    metavar="RATIO",
    help="Alert when a maintenance window could take more than this share of instances: an update waits for them that"
    " is no major version, and they are not deferred; the alert reads it from a metric.",
)
@click.option(
    "--ledger-url",
    metavar="URL",
    help="Publish deferrals and planned windows from the notifier's ledger at this address, instead of LEDGER_URL;"
    " other users of this machine can see it here.",
)
@click.option("--once", "is_once", is_flag=True, help="Survey once, print the metrics to stdout, and exit.")
@click.option(
    "--check",
    "is_check",
    is_flag=True,
    help="Check all settings, secrets and files without asking any other system, and exit.",
)
@click.version_option(fleet.__version__, prog_name=PROGRAM)
def exporter(
    region_settings: RegionSettings,
    quotas: Quotas,
    poll_interval_seconds: float,
    listen_address: str,
    port: int,
    web_config_file: Path | None,
    prometheus_web_config_file: Path | None,
    telemetry_path: str,
    update_fraction_threshold: float,
    ledger_url: str | None,
    *,
    is_once: bool,
    is_check: bool,
) -> Settings:
    """
    Publish which tenants' Redis and Valkey instances have an AWS service update waiting.

    Surveys AWS ElastiCache and Cloud Foundry every POLL_INTERVAL seconds and serves the result: /metrics for
    Prometheus, / for people, /-/healthy and /-/ready for platforms. In Prometheus, the share of instances that wait is
    count(paas_aws_elasticache_cluster_update_required) / count(paas_aws_elasticache_replication_group_nodes_count)
    """
    if is_once:
        refuse_unused("with --once, which serves nothing", *_FOR_SERVING)
    if prometheus_web_config_file is not None:
        refuse_both("--web.config.file", "--web-config-file")
    return Settings(
        regions=regions(region_settings, os.environ, quotas),
        poll_interval_seconds=poll_interval_seconds,
        listen_address=listen_address,
        port=port,
        web_config_file=prometheus_web_config_file or web_config_file,
        telemetry_path=telemetry_path,
        update_fraction_threshold=update_fraction_threshold,
        ledger_url=_ledger_url(ledger_url),
        is_once=is_once,
        is_check=is_check,
    )


def _ledger_url(given: str | None) -> str | None:
    if not given:
        return SecretSources(os.environ).get("LEDGER_URL")
    if "@" in given:
        click.echo(
            "warning: --ledger-url: every user of this machine can read a password in the process list;"
            " set LEDGER_URL, LEDGER_URL_FILE or LEDGER_URL_COMMAND instead",
            err=True,
        )
    return given


def settings(arguments: list[str]) -> Settings | None:
    """None after printing help or the version. Raises ConfigurationError and ClickException."""
    found = exporter.main(arguments, prog_name=PROGRAM, standalone_mode=False)
    return found if isinstance(found, Settings) else None
