"""`apply`: carries the window through."""

import os
from dataclasses import replace
from datetime import UTC, datetime

import click
import cloup

from fleet.program.grouping import GroupedCommand, given_arguments, refuse_unused, under_heading
from fleet.program.options import region_options
from fleet.program.regions import RegionSettings
from notifier.apply.session import Asked, Session
from notifier.options.applying import ApplyArguments, apply_options, status_page
from notifier.options.connections import opened_ledger, operator_option
from notifier.options.output import format_option, logging_options
from notifier.options.selection import SelectionArguments, selection_options
from notifier.options.statuspage import StatuspageArguments, statuspage_options
from notifier.options.window import WindowArguments, window_options
from notifier.program import (
    CONTEXT,
    EXIT_FAILED,
    EXIT_OK,
    EXIT_REMOTE,
    EXIT_STATUSES,
    PROGRAM,
    Done,
    require_terminal,
    require_yes,
    say,
)
from notifier.reports.apply_document import ApplyReport, apply_json
from notifier.reports.apply_live import errors_width, panel_for
from notifier.reports.apply_plan_text import plan_text, question, stop_text
from notifier.reports.apply_report_text import report_text

_FOR_STARTING = ("--canaries", "--max-in-flight", "--max-failures", "--severity", "--status-page")


@cloup.command(
    "apply",
    cls=GroupedCommand,
    context_settings=CONTEXT,
    epilog=f"""\b
Example:
  AWS_REGION=eu-west-1 elasticache-update-notifier apply --region Ireland \\
    --maintenance-window-date 'Tuesday 16 June 2026' --maintenance-window-time-range 0900-1100
{EXIT_STATUSES}""",
)
@under_heading(
    "Applying",
    cloup.option("--dry-run", "is_dry", is_flag=True, help="Show the plan, start nothing, record nothing."),
    cloup.option("--yes", "is_confirmed", is_flag=True, help="Do not ask; needed where there is no terminal."),
    cloup.option("--stop", "is_stop", is_flag=True, help="Stop what this window has under way, and start nothing."),
    operator_option,
    format_option,
)
@apply_options
@selection_options
@window_options
@statuspage_options
@region_options
@logging_options
@click.pass_obj
def command(
    done: Done,
    *,
    is_dry: bool,
    is_confirmed: bool,
    is_stop: bool,
    output_format: str,
    operator: str,
    applying: ApplyArguments,
    selected: SelectionArguments,
    window_arguments: WindowArguments,
    statuspage: StatuspageArguments,
    region_settings: RegionSettings,
) -> int:
    """
    Apply the window's updates: canaries, then the others, never anybody who asked to wait or was not told.

    Shows the plan and asks. Whatever crashes, run the same command again: nothing is started twice. Ctrl-C asks what
    to do with what is under way.
    """
    if is_stop:
        refuse_unused("with --stop, which starts nothing", *_FOR_STARTING)
    choice = window_arguments.choice(region_settings)
    maintenance = window_arguments.maintenance(choice)
    if not (is_confirmed or is_dry):
        require_terminal()
    panel = panel_for(maintenance)
    page = status_page(applying, statuspage)
    asked = Asked(maintenance, selected.selection, applying, operator, is_stop=is_stop, is_dry=is_dry, status_page=page)
    region = choice.with_credentials(os.environ)
    with opened_ledger() as ledger:
        session = Session(region, asked, ledger, panel.tell).guard()
        report = ApplyReport(maintenance, session.options, session.planned, session.account)
        shown = stop_text if is_stop else plan_text
        click.echo(shown(session.plan, report, errors_width()), nl=False, err=True)
        if is_dry:
            _say(report, output_format)
            return EXIT_OK
        if not is_confirmed and (asked_for := question(session.plan, is_stop=is_stop)) is not None:
            require_yes(asked_for)
        conducted = session.carry_out(done.add, panel.take, panel, panel.note)
        report = replace(
            report,
            groups=conducted.groups,
            run=session.run,
            ended_at=datetime.now(UTC),
            halted_by=conducted.halted_by,
            still_listed=session.still_listed(conducted),
            newer_updates=session.newer_updates(),
            called_off=session.called_off(),
        )
        _say(report, output_format)  # before the ledger is closed, which may be gone
    if conducted.stopped_by is not None:
        say("stopped", f"{conducted.stopped_by}; run the same command again to continue")
        return EXIT_REMOTE
    is_good = all(group.outcome in ("stopped", "complete") for group in report.groups) if is_stop else conducted.is_good
    return EXIT_OK if is_good else EXIT_FAILED


def _say(report: ApplyReport, output_format: str) -> None:
    if output_format == "json":
        click.echo(apply_json(report), nl=False)
    else:
        click.echo(report_text(report, (PROGRAM, "apply", *given_arguments())), nl=False)
