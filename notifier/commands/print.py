"""`print`: shows who is affected by which updates, and whether they have been told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import click
import cloup

from fleet.program.grouping import GroupedCommand
from ledger.mail_record import MailRecord
from notifier.called_off import recorded_window, why_called_off
from notifier.maintenance import Maintenance
from notifier.options.calendar import CalendarArguments, calendar_options
from notifier.options.connections import opened_ledger
from notifier.options.enquiry import EnquiryArguments, enquiry_options
from notifier.options.logging import logging_options
from notifier.program import CONTEXT, EXIT_OK, EXIT_STATUSES
from notifier.reports.affected_document import AffectedReport
from notifier.reports.affected_formats import FORMATS


@cloup.command(
    "print",
    cls=GroupedCommand,
    context_settings=CONTEXT,
    epilog=f"""\b
Example:
  AWS_REGION=eu-west-1 elasticache-update-notifier print --region Ireland --severity critical
{EXIT_STATUSES}""",
)
@cloup.option(
    "--format",
    "output_format",
    type=click.Choice(list(FORMATS)),
    default="table",
    show_default=True,
    help="table for people, json for programs (see docs/notifier.md), csv for spreadsheets, markdown for tickets.",
)
@enquiry_options
@calendar_options
@logging_options
def command(
    output_format: str,
    asked: EnquiryArguments,
    calendar: CalendarArguments,
) -> int:
    """
    Show which orgs have updates waiting, and who would be told.

    With a maintenance window, also shows who was already told about it, and warns if the window is unwise.
    """
    maintenance = asked.optional_maintenance()
    with asked.enquiry().begun() as asking:
        expectations = calendar.expectations
        known = _known(maintenance)
    found = asking.result()
    warnings = expectations.warnings(maintenance, datetime.now(UTC), found.updates) if maintenance else []
    report = AffectedReport(found, maintenance, [*known.warnings, *warnings], known.records)
    click.echo(FORMATS[output_format](report), nl=False)
    return EXIT_OK


@dataclass(frozen=True)
class _Known:
    """What the ledger knows of the maintenance."""

    records: Sequence[MailRecord] = ()
    warnings: Sequence[str] = ()


def _known(maintenance: Maintenance | None) -> _Known:
    if maintenance is None:
        return _Known()
    with opened_ledger() as ledger:
        why = why_called_off(recorded_window(ledger, maintenance), maintenance)
        return _Known(ledger.records(maintenance.key), [why] if why else [])
