"""The exporter's command line: settings, clients, surveys, web, scheduler, in this order."""

import logging
import os
import signal
import sys
from pathlib import Path

import click
import cloup

import fleet
from exporter.collectors.surveys import ExporterFacts
from exporter.listen_options import listen_options
from exporter.memory import return_freed_memory, spare_what_stays
from exporter.run import print_once, serve
from exporter.server import bound_socket
from exporter.web_access import WebAccess
from fleet.errors import ConfigurationError, InsufficientScopeError
from fleet.program.grouping import GroupedCommand
from fleet.program.log_options import log_options
from fleet.program.options import quota_options, region_options
from fleet.program.regions import RegionSettings, regions
from fleet.region import Quotas
from fleet.surveyor import Surveyor

PROGRAM = "elasticache-update-exporter"
EXIT_OK = 0
EXIT_WRONG_USAGE = 2
EXIT_REMOTE = 3


@cloup.command(
    cls=GroupedCommand,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Secrets come from the environment only: CF_CLIENT_ID and CF_CLIENT_SECRET, and AWS's usual
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; any NAME also as a file by NAME_FILE,
or in a service bound on Cloud Foundry. Without CF_CLIENT_ID, your own cf login is used.

\b
Example:
  AWS_REGION=eu-west-1 CF_API_ADDRESS=https://api.example.org \\
  CF_CLIENT_ID=exporter CF_CLIENT_SECRET_FILE=/run/secrets/cf elasticache-update-exporter

\b
Exit status:
  0  stopped by SIGTERM or SIGINT, or --once has printed
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
    type=click.FloatRange(min=0.1),
    default=300,
    show_default=True,
    show_envvar=True,
    metavar="SECONDS",
    help="From the start of one survey to the start of the next.",
)
@listen_options
@click.option(
    "--web-config-file",
    envvar="WEB_CONFIG_FILE",
    type=click.Path(path_type=Path),
    show_envvar=True,
    help="TLS and basic auth, in the format of Prometheus's exporter-toolkit.",
)
@click.option(
    "--update-fraction-threshold",
    envvar="UPDATE_FRACTION_THRESHOLD",
    type=click.FloatRange(0, 1),
    default=0.2,
    show_default=True,
    show_envvar=True,
    metavar="RATIO",
    help="Share of instances with an update waiting above which to schedule maintenance; published for the alert.",
)
@click.option("--once", is_flag=True, help="Survey once, print the metrics on stdout, and exit.")
@click.version_option(fleet.__version__, prog_name=PROGRAM)
def exporter(
    region_settings: RegionSettings,
    quotas: Quotas,
    poll_interval_seconds: float,
    listen_address: str,
    port: int,
    web_config_file: Path | None,
    update_fraction_threshold: float,
    *,
    once: bool,
) -> int:
    """
    Publish which tenants' Redis and Valkey instances have an AWS service update waiting.

    Surveys AWS ElastiCache and Cloud Foundry every POLL_INTERVAL and serves what it found: /metrics for Prometheus,
    / for people, /-/healthy and /-/ready for platforms. The share of instances that wait is, in Prometheus:
    count(paas_aws_elasticache_cluster_update_required) / count(paas_aws_elasticache_replication_group_nodes_count)
    """
    surveyed = regions(region_settings, os.environ, quotas)
    return_freed_memory()
    facts = ExporterFacts(
        version=fleet.__version__,
        poll_interval_seconds=poll_interval_seconds,
        update_fraction_threshold=update_fraction_threshold,
        quotas={region.aws.region: region.quotas for region in surveyed},
    )
    surveyors = [Surveyor(region) for region in surveyed]
    spare_what_stays()
    if once:
        return EXIT_OK if print_once(surveyors, facts) else EXIT_REMOTE
    access = WebAccess(web_config_file)
    serve(surveyors, facts, access, bound_socket(listen_address, port))
    return EXIT_OK


def main() -> None:
    """Map what can go wrong to the documented exit statuses, with one line each."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(EXIT_OK))  # nothing has begun yet
    try:
        status = exporter.main(prog_name=PROGRAM, standalone_mode=False) or EXIT_OK
    except click.ClickException as error:
        status = _said(error.format_message(), EXIT_WRONG_USAGE)
    except (ConfigurationError, InsufficientScopeError) as error:
        status = _said(str(error), EXIT_WRONG_USAGE)
    except BrokenPipeError:
        os._exit(EXIT_OK)  # whoever read --once has read enough
    # A survey that is still waiting for a remote system must not hold up the end: it has nothing to lose.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(status)


def _said(message: str, status: int) -> int:
    click.echo(f"{PROGRAM}: {' '.join(message.split())}", err=True)
    return status


if __name__ == "__main__":
    main()
