"""`told`: remembers which orgs were told of a window another way than by mail."""

import os
from datetime import UTC, datetime

import click
import cloup

from fleet.program.grouping import GroupedCommand
from fleet.program.options import region_options
from fleet.program.regions import RegionSettings
from fleet.program.surveyed import surveyed
from ledger.telling import Telling
from ledger.told import add_telling
from ledger.window_facts import window_facts
from notifier.mail.cancelling import told_orgs
from notifier.maintenance import record_where_from, refuse_called_off, refuse_other_tenants, refuse_over, tenants_of
from notifier.options.connections import opened_ledger, operator_option
from notifier.options.output import format_option, logging_options
from notifier.options.told import ToldArguments, orgs_argument, told_options
from notifier.options.window import WindowArguments, window_options
from notifier.program import CONTEXT, EXIT_OK, EXIT_STATUSES, Done
from notifier.reports.telling_formats import ToldReport, told_json, told_text, told_warnings, warnings_text


@cloup.command(
    "told",
    cls=GroupedCommand,
    context_settings=CONTEXT,
    epilog=f"""\b
Example:
  elasticache-update-notifier told my-org --how 'by telephone' --region Ireland \\
    --maintenance-window-date 'Tuesday 16 June 2026' --maintenance-window-time-range 0900-1100
{EXIT_STATUSES}""",
)
@orgs_argument
@format_option
@operator_option
@told_options
@window_options
@region_options
@logging_options
@click.pass_obj
def command(
    done: Done,
    *,
    output_format: str,
    operator: str,
    asked: ToldArguments,
    window_arguments: WindowArguments,
    region_settings: RegionSettings,
) -> int:
    """
    Remember that orgs were told of the window another way, such as by telephone.

    Counts for all their instances for which an update waits now; an org that has a mail and is not affected any more
    counts as told that. Works until the window ends. Nothing is deleted: an
    org that is told twice is recorded twice.
    """
    choice = window_arguments.choice(region_settings)
    maintenance = window_arguments.maintenance(choice)
    now = datetime.now(UTC)
    refuse_over(maintenance, now)
    region = choice.with_credentials(os.environ)
    survey = surveyed(region)
    word = maintenance.words.org_in_short
    with opened_ledger() as ledger:
        refuse_called_off(ledger, maintenance)
        refuse_other_tenants(ledger, [maintenance.key], tenants_of(region))
        orgs = asked.affected(survey, told_orgs(ledger, maintenance).names, word)
        facts = window_facts(ledger, maintenance.key)
        warnings = [warning for org in orgs for warning in told_warnings(org, facts, maintenance)]
        click.echo(warnings_text(warnings), err=True, nl=False)
        ledger.record_window(maintenance.key, maintenance.window.time_zone, "told", operator)
        record_where_from(ledger, maintenance.key, tenants_of(region))
        tellings = []
        for org in orgs:
            telling = Telling(0, maintenance.key, org.guid, org.instance_guids, asked.how, now, operator)
            tellings.append((org.name, add_telling(ledger, telling)))
            done.add(f"{word} recorded as told", f"{word}s recorded as told")
    report = ToldReport(maintenance, tellings, warnings)
    click.echo(told_json(report) if output_format == "json" else told_text(report), nl=False)
    return EXIT_OK
