"""`defer`: remembers who asked to wait, until when and why."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime

import click
import cloup

from fleet.errors import ConfigurationError
from fleet.printable import visible
from fleet.program.grouping import GroupedCommand
from fleet.program.options import region_options, region_words_options
from fleet.program.regions import RegionSettings
from fleet.program.surveyed import surveyed
from ledger.deferrals import add_deferral, end_deferrals, recorded_deferrals
from notifier.deferrals import HowLong, deferral_warnings, in_force_now, named_deferrals, new_deferrals, until_day
from notifier.maintenance import refuse_called_off
from notifier.options.connections import opened_ledger, operator_option
from notifier.options.output import logging_options
from notifier.options.remarks import Remark
from notifier.options.window import WindowArguments, window_options
from notifier.program import CONTEXT, EXIT_OK, EXIT_STATUSES, Done
from notifier.reports.deferral_formats import FORMATS, DeferralsReport, how_long, whose

_org_option = cloup.option("--org", metavar="ORG", help="All instances that this org has at the time, by name or guid.")


@cloup.group(
    "defer",
    context_settings=CONTEXT,
    epilog=f"""\b
Examples:
  elasticache-update-notifier defer add my-org/my-space/my-cache --until 2026-07-01 --reason 'an election' \\
    --region Ireland
  elasticache-update-notifier defer list --region Ireland
{EXIT_STATUSES}""",
)
def command() -> None:
    """
    Remember which tenants asked to wait.

    A deferral says until when an instance, or all of an org's, are left alone, or which window passes them by.
    Nothing is deleted: who took one back, and when, is kept.
    """


@command.command(
    "add",
    cls=GroupedCommand,
    context_settings=CONTEXT,
)
@cloup.argument("instances", nargs=-1, metavar="[INSTANCE]...", help="By guid, name or ORG/SPACE/NAME.")
@_org_option
@cloup.option("--until", metavar="DATE", help="It may be updated from this day on, such as 2026-07-01.")
@cloup.option("--skip-window", is_flag=True, help="Only the window that the other options name passes it by.")
@cloup.option("--reason", required=True, type=Remark(), metavar="TEXT", help="Why they asked.")
@cloup.option("--ticket", type=Remark(), metavar="REF", help="Where they asked.")
@operator_option
@window_options
@region_options
@logging_options
@click.pass_obj
def add(
    done: Done,
    *,
    instances: tuple[str, ...],
    org: str | None,
    until: str | None,
    skip_window: bool,
    reason: str,
    ticket: str | None,
    operator: str,
    window_arguments: WindowArguments,
    region_settings: RegionSettings,
) -> int:
    """
    Leave instances, or a whole org, alone for a while.

    The same again takes the place of what was asked before.
    """
    if bool(instances) == (org is not None):
        raise ConfigurationError("name the instances, or an org with --org: one of the two")
    if (until is not None) == skip_window:
        raise ConfigurationError("say how long, with --until DATE, or --skip-window: one of the two")
    choice = window_arguments.choice(region_settings)
    maintenance = window_arguments.maintenance(choice) if skip_window else None
    now = datetime.now(UTC)
    day: date | None = until_day(until, choice.time_zone, now) if until is not None else None
    if maintenance is not None and maintenance.window.ends_at <= now:
        raise ConfigurationError(f"the window on {maintenance.window.in_words} is over; nothing is left to skip")
    survey = surveyed(choice.with_credentials(os.environ))
    with opened_ledger() as ledger:
        if maintenance is not None:
            refuse_called_off(ledger, maintenance)
        word = choice.tenancy.words.org_in_short
        how = HowLong(day, choice.time_zone.key, maintenance.window.key if maintenance else None)
        for wanted in new_deferrals(instances, org, survey, how, word):
            said = replace(wanted, reason=reason, ticket=ticket, added_at=now, added_by=operator)
            deferral = add_deferral(ledger, said)
            done.add("deferral recorded", "deferrals recorded")
            for warning in deferral_warnings(deferral, survey):
                click.echo(f"warning: {visible(warning)}", err=True)
            click.echo(
                f"deferral {deferral.id}: {whose(deferral, word)} {visible(deferral.name)}, {how_long(deferral)}"
            )
    return EXIT_OK


@command.command("remove", cls=GroupedCommand, context_settings=CONTEXT)
@cloup.argument("names", nargs=-1, metavar="[ID|INSTANCE]...", help="As `defer list` shows them.")
@_org_option
@operator_option
@window_options
@region_words_options
@logging_options
@click.pass_obj
def remove(
    done: Done,
    *,
    names: tuple[str, ...],
    org: str | None,
    operator: str,
    window_arguments: WindowArguments,
    region_settings: RegionSettings,
) -> int:
    """Take deferrals back: from now on those instances are updated like any other."""
    if bool(names) == (org is not None):
        raise ConfigurationError("name deferrals or instances, or an org with --org: one of the two")
    choice = window_arguments.choice(region_settings)
    with opened_ledger() as ledger:
        found = named_deferrals(names, org, recorded_deferrals(ledger, choice.aws_region))
        end_deferrals(ledger, [deferral.id for deferral in found], datetime.now(UTC), operator)
        for deferral in found:
            done.add("deferral taken back", "deferrals taken back")
            target = whose(deferral, choice.tenancy.words.org_in_short)
            click.echo(f"deferral {deferral.id}: {target} {visible(deferral.name)}, taken back")
    return EXIT_OK


@command.command("list", cls=GroupedCommand, context_settings=CONTEXT)
@cloup.option("--all", "lists_all", is_flag=True, help="Also those that were taken back, or whose time is over.")
@cloup.option(
    "--format",
    "output_format",
    type=click.Choice(list(FORMATS)),
    default="table",
    show_default=True,
    help="table for people, json for programs (docs/notifier.md describes it), csv.",
)
@window_options
@region_words_options
@logging_options
def list_deferrals(
    *, lists_all: bool, output_format: str, window_arguments: WindowArguments, region_settings: RegionSettings
) -> int:
    """Show who asked to wait in a region."""
    choice = window_arguments.choice(region_settings)
    now = datetime.now(UTC)
    with opened_ledger() as ledger:
        found = recorded_deferrals(ledger, choice.aws_region)
    shown = found if lists_all else in_force_now(found, now)
    click.echo(
        FORMATS[output_format](DeferralsReport(choice.aws_region, shown, choice.tenancy.words.org_in_short)), nl=False
    )
    return EXIT_OK
