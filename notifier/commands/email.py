"""`email`: tells every manager of every affected org, once."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from fleet.errors import ConfigurationError
from fleet.options import region_settings_options
from fleet.regions import RegionSettings
from notifier.gathering import findings
from notifier.ledger.ledger import Ledger
from notifier.mailing import Mailing, mailing
from notifier.message import Circumstances, MessageTemplate
from notifier.notify import Notify, NotifySettings
from notifier.options.accounts import AccountsArguments, accounts_options
from notifier.options.calendar import CalendarArguments, calendar_options
from notifier.options.logging import logging_options
from notifier.options.notify import NotifyArguments, notify_options, template_option
from notifier.options.secrets import ledger_url
from notifier.options.selection import SelectionArguments, selection_options
from notifier.options.window import WindowArguments, window_options
from notifier.reports.affected_document import AffectedReport
from notifier.reports.email_document import EmailReport, email_document
from notifier.reports.email_text import plan_text, recipients_text, result_text
from notifier.reports.progress import progress
from notifier.sending.agenda import Agenda
from notifier.sending.courier import DEFAULT_SETTLE_SECONDS, Courier
from notifier.sending.delivery import Delivery, deliver
from notifier.sending.health import Health
from notifier.sending.pace import NOTIFY_PER_MINUTE, Pace
from notifier.sending.signals import stopping_at_signals
from notifier.statuses import CONTEXT, EXIT_FAILED, EXIT_OK, EXIT_REMOTE, EXIT_STATUSES
from notifier.window import refuse_past
from notifier.window_warnings import window_warnings
from notifier.writing import Writing


@click.command(
    "email",
    context_settings=CONTEXT,
    epilog=f"""\b
Example:
  NOTIFY_API_KEY_FILE=key AWS_REGION=eu-west-1 elasticache-update-notifier email --region Ireland \\
    --maintenance-window-date 'Tuesday 16 June 2026' --maintenance-window-time-range 0900-1100
{EXIT_STATUSES}""",
)
@click.option("--yes", "is_confirmed", is_flag=True, help="Do not ask; needed where there is no terminal.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Show everything, send nothing, record nothing.")
@click.option(
    "--send-corrections",
    "sends_corrections",
    is_flag=True,
    help="Write again, saying so, to those who were told about other instances for this window.",
)
@click.option(
    "--resend-unlisted",
    "resends_unlisted",
    is_flag=True,
    help="Send again what a crashed run may have sent with another key, or more than a week ago: it may arrive twice.",
)
@template_option
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Of what is said on stdout at the end.",
)
@window_options
@selection_options
@accounts_options
@notify_options
@region_settings_options
@calendar_options
@click.option(
    "--mails-per-minute",
    envvar="MAILS_PER_MINUTE",
    type=click.IntRange(1, 100_000),
    default=NOTIFY_PER_MINUTE,
    show_default=True,
    show_envvar=True,
    metavar="COUNT",
    help="What GOV.UK Notify allows the service; it is kept a little below.",
)
@click.option(
    "--settle-seconds",
    envvar="NOTIFY_SETTLE_SECONDS",
    type=click.FloatRange(0, 600),
    default=DEFAULT_SETTLE_SECONDS,
    show_default=True,
    show_envvar=True,
    metavar="SECONDS",
    help="How long Notify may still be at work on a request that it has not answered.",
)
@logging_options
def command(
    *,
    is_confirmed: bool,
    is_dry: bool,
    sends_corrections: bool,
    resends_unlisted: bool,
    template: Path,
    output_format: str,
    window_arguments: WindowArguments,
    selected: SelectionArguments,
    accounts: AccountsArguments,
    notify: NotifyArguments,
    region_settings: RegionSettings,
    calendar: CalendarArguments,
    mails_per_minute: int,
    settle_seconds: float,
) -> int:
    """
    Tell every manager of every affected org, once.

    Shows the plan and asks before the first mail. Whatever crashes, run the same command again: each person gets one
    mail for each org, window and region. Ctrl-C finishes the mail under way.
    """
    choice = window_arguments.choice(region_settings)
    window = window_arguments.required_window(choice)
    now = datetime.now(UTC)
    refuse_past(window, now)
    alternative = window_arguments.alternative(window)
    expectations = calendar.expectations
    circumstances = Circumstances(
        choice.name, window, alternative, expectations.working_days, now.astimezone(choice.time_zone).date()
    )
    writing = Writing(choice, circumstances, MessageTemplate(template))
    notify_settings = None if is_dry else notify.settings()
    access = accounts.access()
    if not (is_confirmed or is_dry or sys.stdin.isatty()):
        raise ConfigurationError("--yes is missing: there is no terminal to ask at, so say it if you mean it")

    found = findings(choice.with_credentials(os.environ), selected.selection, access)
    updates = [update for org in found.orgs for update in org.updates]
    warnings = window_warnings(window, now, updates, expectations)

    with Ledger(ledger_url()) as ledger:
        records = ledger.records(writing.occasion.window_key, writing.occasion.aws_region)
        planned = mailing(
            found.audience.recipients, records, writing.occasion, writing.written, sends_corrections=sends_corrections
        )
        report = EmailReport(AffectedReport(choice, found, window, warnings, records), planned)
        click.echo(plan_text(report), err=True)
        if is_dry:
            click.echo(recipients_text(report), err=True)
            _say(report, output_format)
            return EXIT_OK if report.is_all_done else EXIT_FAILED
        ledger.require_room(planned.to_send_count)
        if planned.errands and not is_confirmed:
            click.confirm(f"Send {planned.to_send_count} mails?", abort=True, err=True)
        assert notify_settings is not None  # noqa: S101 — only a dry run does without
        delivery = _delivered(
            planned, ledger, notify_settings, Pace(mails_per_minute), settle_seconds, resends_unlisted
        )
    report = EmailReport(report.affected, planned, delivery)
    _say(report, output_format)
    return _status(report)


def _delivered(
    planned: Mailing,
    ledger: Ledger,
    notify_settings: NotifySettings,
    pace: Pace,
    settle_seconds: float,
    resends_unlisted: bool,  # noqa: FBT001 — passed on
) -> Delivery:
    agenda = Agenda(planned.errands)
    with ledger.run("email", notify_settings.key_fingerprint) as run, stopping_at_signals(agenda.stop):
        courier = Courier(
            ledger=ledger,
            run=run,
            notify=Notify(notify_settings),
            pace=pace,
            health=Health(),
            pause=agenda.pause,
            settle_seconds=settle_seconds,
            resend_unlisted=resends_unlisted,
        )
        with progress(len(planned.errands)) as advance:
            return deliver(agenda, courier, lambda _: advance())


def _say(report: EmailReport, output_format: str) -> None:
    if output_format == "json":
        click.echo(json.dumps(email_document(report), indent=2, ensure_ascii=False))
    else:
        click.echo(result_text(report), nl=False)
    if report.delivery.stopped_by is not None:
        left = f"{len(report.left)} not sent yet; run the same command again to continue"
        click.echo(f"stopped: {report.delivery.stopped_by}; {left}", err=True)


def _status(report: EmailReport) -> int:
    if report.delivery.stopped_by is not None:
        return EXIT_REMOTE
    return EXIT_OK if report.is_all_done else EXIT_FAILED
