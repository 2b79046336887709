"""`print`: shows who is affected by which updates, and whether they have been told."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
import cloup

from fleet.errors import ConfigurationError, RemoteError
from fleet.program.grouping import GroupedCommand
from ledger.maintenance_key import MaintenanceKey
from notifier.maintenance import Maintenance, why_called_off
from notifier.options.calendar import CalendarArguments, calendar_options
from notifier.options.connections import opened_ledger
from notifier.options.enquiry import EnquiryArguments, enquiry_options
from notifier.options.output import logging_options
from notifier.program import CONTEXT, EXIT_OK, EXIT_STATUSES

if TYPE_CHECKING:
    from ledger.window_facts import WindowFacts


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
    type=click.Choice(["table", "json", "csv", "markdown"]),
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
    enquiry = asked.enquiry()
    with enquiry.begun() as asking:
        # What these load takes its time, in which others answer.
        from notifier.deferrals import in_force_now, lasting  # noqa: PLC0415
        from notifier.reports.affected_document import AffectedReport  # noqa: PLC0415
        from notifier.reports.affected_formats import FORMATS  # noqa: PLC0415

        expectations = calendar.expectations
        facts, warnings = _known(maintenance, enquiry.region.aws.region)
    found, now = asking.result(), datetime.now(UTC)
    instances = found.audience.instances
    if maintenance is None:
        waiting = in_force_now(facts.deferrals, now)
        deferred = lasting(facts.deferrals, instances, now)
        report = AffectedReport(found, None, warnings, [], deferred=deferred, asked_to_wait=waiting)
    else:
        why = why_called_off(facts.window, maintenance)
        report = AffectedReport(
            findings=found,
            maintenance=maintenance,
            warnings=[*([why] if why else []), *expectations.warnings(maintenance, now, found.updates)],
            records=facts.mails,
            tellings=facts.tellings,
            deferred=facts.deferred(instances),
            window_record=facts.window,
            asked_to_wait=facts.in_force,
        )
    click.echo(FORMATS[output_format](report), nl=False)
    return EXIT_OK


def _known(maintenance: Maintenance | None, aws_region: str) -> tuple["WindowFacts", list[str]]:
    """And warnings. Who only looks, without a window, can look without a ledger too."""
    from ledger.window_facts import WindowFacts, facts_without_window, window_facts  # noqa: PLC0415 — as above

    if maintenance is not None:
        with opened_ledger() as ledger:
            return window_facts(ledger, maintenance.key), []
    try:
        with opened_ledger() as ledger:
            return facts_without_window(ledger, aws_region), []
    except (ConfigurationError, RemoteError) as error:
        return WindowFacts(MaintenanceKey("", aws_region)), [f"who asked to wait is not known: {error}"]
