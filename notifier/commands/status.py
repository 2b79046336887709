"""`status`: finds out what became of a window's mails."""

import time
from datetime import UTC, datetime

import click
import cloup

from fleet.program.grouping import GroupedCommand
from fleet.program.numbers import DecimalNumber
from fleet.program.options import region_code_options
from fleet.program.quiet import progress_line
from fleet.program.regions import RegionSettings
from ledger.window_facts import window_facts
from notifier.mail.fate import learn
from notifier.mail.notify import Notify
from notifier.maintenance import recorded_window, why_called_off
from notifier.options.connections import opened_ledger
from notifier.options.mail import NotifyArguments, notify_options
from notifier.options.output import format_option, logging_options
from notifier.options.window import WindowArguments, window_options
from notifier.program import CONTEXT, EXIT_FAILED, EXIT_OK, EXIT_STATUSES, Done
from notifier.reports.status_report import StatusReport, status_json, status_text

_SLICE_SECONDS = 0.5
_RECORDED = ("delivery recorded", "deliveries recorded")


@cloup.command(
    "status",
    cls=GroupedCommand,
    context_settings=CONTEXT,
    epilog=f"""\b
Example:
  elasticache-update-notifier status --watch --region Ireland \\
    --maintenance-window-date 'Tuesday 16 June 2026' --maintenance-window-time-range 0900-1100
{EXIT_STATUSES}""",
)
@cloup.option("--watch", "is_watching", is_flag=True, help="Keep asking until no mail is still on its way.")
@cloup.option(
    "--interval",
    "interval_seconds",
    type=DecimalNumber(0.1, 3600),
    default=15,
    show_default=True,
    metavar="SECONDS",
    help="With --watch, how long to wait before asking again.",
)
@format_option
@window_options
@notify_options
@region_code_options
@logging_options
@click.pass_obj
def command(
    done: Done,
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

    Notify forgets mails after a week, so the ledger keeps what it says. Asks neither AWS nor Cloud Foundry.
    """
    maintenance = window_arguments.maintenance(window_arguments.choice(region_settings))
    client = Notify(notify.settings())
    with opened_ledger() as ledger:

        def learned() -> StatusReport:
            now = datetime.now(UTC)
            learn(ledger.records(maintenance.key), ledger, client, now, lambda: done.add(*_RECORDED))
            facts = window_facts(ledger, maintenance.key)
            return StatusReport.of(maintenance, facts.mails, now, facts.tellings)

        why = why_called_off(recorded_window(ledger, maintenance), maintenance)
        if why is not None:
            click.echo(f"Warning: {why}", err=True)
        report = learned()
        while is_watching and not report.is_settled:
            progress_line()(f"{report.counts.total()} mails: {_counts(report)}")
            _wait(interval_seconds)
            report = learned()
    if output_format == "json":
        click.echo(status_json(report), nl=False)
    else:
        click.echo(status_text(report), nl=False)
    return EXIT_OK if report.is_good else EXIT_FAILED


def _wait(seconds: float) -> None:
    """Waits in short slices, because a Ctrl-C just as a wait begins is noticed only when that wait ends."""
    until = time.monotonic() + seconds
    while (left_seconds := until - time.monotonic()) > 0:
        time.sleep(min(left_seconds, _SLICE_SECONDS))


def _counts(report: StatusReport) -> str:
    return ", ".join(f"{count} {found.value}" for found, count in sorted(report.counts.items()))
