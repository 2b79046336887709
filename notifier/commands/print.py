"""`print`: who is affected, by what, and whether they have been told."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from fleet.options import region_settings_options
from fleet.regions import RegionSettings
from notifier.gathering import findings
from notifier.ledger.ledger import Ledger
from notifier.ledger.mail_record import MailRecord
from notifier.options.accounts import AccountsArguments, accounts_options
from notifier.options.calendar import CalendarArguments, calendar_options
from notifier.options.logging import logging_options
from notifier.options.secrets import ledger_url
from notifier.options.selection import SelectionArguments, selection_options
from notifier.options.window import WindowArguments, window_options
from notifier.region_choice import RegionChoice
from notifier.reports.affected_document import AffectedReport
from notifier.reports.affected_formats import FORMATS
from notifier.statuses import CONTEXT, EXIT_OK, EXIT_STATUSES
from notifier.window import MaintenanceWindow
from notifier.window_warnings import window_warnings


@click.command(
    "print",
    context_settings=CONTEXT,
    epilog=f"""\b
Example:
  AWS_REGION=eu-west-1 elasticache-update-notifier print --region Ireland --severity critical
{EXIT_STATUSES}""",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(list(FORMATS)),
    default="table",
    show_default=True,
    help="table for people, json for programs (docs/notifier.md describes it), csv, markdown.",
)
@window_options
@selection_options
@accounts_options
@region_settings_options
@calendar_options
@logging_options
def command(
    output_format: str,
    window_arguments: WindowArguments,
    selected: SelectionArguments,
    accounts: AccountsArguments,
    region_settings: RegionSettings,
    calendar: CalendarArguments,
) -> int:
    """
    Show which orgs have updates waiting, and who would be told.

    With a maintenance window, also whether this window's mail has gone already, and what is unwise about the window.
    """
    choice = window_arguments.choice(region_settings)
    window = window_arguments.window(choice)
    if window is not None:
        window_arguments.alternative(window)
    expectations = calendar.expectations
    access = accounts.access()
    found = findings(choice.with_credentials(os.environ), selected.selection, access)
    updates = [update for org in found.orgs for update in org.updates]
    warnings = window_warnings(window, datetime.now(UTC), updates, expectations) if window else []
    report = AffectedReport(choice, found, window, warnings, _records(window, choice))
    click.echo(FORMATS[output_format](report), nl=False)
    return EXIT_OK


def _records(window: MaintenanceWindow | None, choice: RegionChoice) -> Sequence[MailRecord]:
    if window is None:
        return ()
    with Ledger(ledger_url()) as ledger:
        return ledger.records(window.key, choice.aws_region)
