"""`status`: what became of the mails of a window."""

import json
import threading
from datetime import UTC, datetime

import click

from fleet.options import region_settings_options
from fleet.regions import RegionSettings
from notifier.delivery_statuses import latest_each, learn
from notifier.ledger.ledger import Ledger
from notifier.notify import Notify
from notifier.options.logging import logging_options
from notifier.options.notify import NotifyArguments, notify_options
from notifier.options.secrets import ledger_url
from notifier.options.window import WindowArguments, window_options
from notifier.region_choice import RegionChoice
from notifier.reports.status_report import StatusReport, status_document, status_text
from notifier.statuses import CONTEXT, EXIT_FAILED, EXIT_OK, EXIT_STATUSES
from notifier.window import MaintenanceWindow


@click.command(
    "status",
    context_settings=CONTEXT,
    epilog=f"""\b
Example:
  elasticache-update-notifier status --watch --region Ireland \\
    --maintenance-window-date 'Tuesday 16 June 2026' --maintenance-window-time-range 0900-1100
{EXIT_STATUSES}""",
)
@click.option("--watch", "is_watching", is_flag=True, help="Ask again until every mail is settled.")
@click.option(
    "--interval",
    "interval_seconds",
    type=click.FloatRange(min=0.1),
    default=15,
    show_default=True,
    metavar="SECONDS",
    help="With --watch, from one time to the next.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Of what is said on stdout at the end.",
)
@window_options
@notify_options
@region_settings_options
@logging_options
def command(
    *,
    is_watching: bool,
    interval_seconds: float,
    output_format: str,
    window_arguments: WindowArguments,
    notify: NotifyArguments,
    region_settings: RegionSettings,
) -> int:
    """
    Ask GOV.UK Notify which of the window's mails have been delivered, and who has to be told another way.

    Notify keeps mails for a week; what it says is kept in the ledger. Neither AWS nor Cloud Foundry is asked.
    """
    choice = window_arguments.choice(region_settings)
    window = window_arguments.required_window(choice)
    client = Notify(notify.settings())
    with Ledger(ledger_url()) as ledger:
        report = _learned(ledger, client, choice, window)
        while is_watching and not report.is_settled:
            click.echo(f"{report.counts.total()} mails: {_counts(report)}", err=True)
            threading.Event().wait(interval_seconds)
            report = _learned(ledger, client, choice, window)
    if output_format == "json":
        click.echo(json.dumps(status_document(report), indent=2, ensure_ascii=False))
    else:
        click.echo(status_text(report), nl=False)
    return EXIT_OK if report.is_good else EXIT_FAILED


def _learned(ledger: Ledger, client: Notify, choice: RegionChoice, window: MaintenanceWindow) -> StatusReport:
    now = datetime.now(UTC)
    learn(ledger.records(window.key, choice.aws_region), ledger, client, now)
    records = latest_each(ledger.records(window.key, choice.aws_region))
    return StatusReport(choice, window, records, now)


def _counts(report: StatusReport) -> str:
    return ", ".join(f"{count} {found.value}" for found, count in sorted(report.counts.items()))
