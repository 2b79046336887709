"""`schedule`: announces the window on the status page, without notifying anybody."""

from datetime import UTC, datetime
from functools import partial

import click
import cloup

from fleet.errors import ConfigurationError
from fleet.printable import visible
from fleet.program.grouping import GroupedCommand, refuse_unused
from fleet.program.options import region_code_options
from fleet.program.regions import RegionSettings
from notifier.announce.session import NO_KEY, Asked, Wish, carried_out
from notifier.options.connections import opened_ledger, operator_option
from notifier.options.output import format_option, logging_options
from notifier.options.statuspage import StatuspageArguments, component_option, statuspage_options
from notifier.options.window import WindowArguments, window_options
from notifier.program import CONTEXT, EXIT_FAILED, EXIT_OK, EXIT_STATUSES, PROGRAM, Done, say
from notifier.reports.schedule_report import schedule_json, schedule_text


@cloup.command(
    "schedule",
    cls=GroupedCommand,
    context_settings=CONTEXT,
    epilog=f"""\b
Example:
  STATUSPAGE_API_KEY_FILE=key STATUSPAGE_PAGE_ID=abc123 elasticache-update-notifier schedule --region Ireland \\
    --component 'Redis in Ireland' \\
    --maintenance-window-date 'Tuesday 16 June 2026' --maintenance-window-time-range 0900-1100
{EXIT_STATUSES}""",
)
@component_option
@cloup.option("--dry-run", "is_dry", is_flag=True, help="Show what would be sent; change and record nothing.")
@cloup.option("--cancel", "is_cancel", is_flag=True, help="Delete the incident, as long as it has not begun.")
@cloup.option("--complete", "is_complete", is_flag=True, help="Say on the page that the maintenance is over.")
@format_option
@operator_option
@window_options
@statuspage_options
@region_code_options
@logging_options
@click.pass_obj
def command(
    done: Done,
    *,
    components: tuple[str, ...],
    is_dry: bool,
    is_cancel: bool,
    is_complete: bool,
    output_format: str,
    operator: str,
    window_arguments: WindowArguments,
    statuspage: StatuspageArguments,
    region_settings: RegionSettings,
) -> int:
    """
    Announce the window on the status page, without notifying anybody.

    Creates one scheduled incident for the window, or brings the one that is there to what it should be: its times and
    switches, but not the name and text that somebody edited. Without STATUSPAGE_API_KEY it prints what to paste. If
    anything crashes, run the same command again: there is still only one incident. Asks neither AWS nor Cloud Foundry.
    """
    wish = _wish(is_dry=is_dry, is_cancel=is_cancel, is_complete=is_complete)
    choice = window_arguments.choice(region_settings)
    maintenance = window_arguments.maintenance(choice)
    page = statuspage.page(partial(done.add, "change on the status page", "changes on the status page"))
    asked = Asked(maintenance, components or choice.statuspage_components, wish, operator, datetime.now(UTC))
    with opened_ledger() as ledger:
        outcome = carried_out(asked, ledger, page)
    if page is None and outcome.by_hand is not None:
        click.echo(f"{NO_KEY}: nothing is sent; create the incident by hand", err=True)
    for note in outcome.notes:
        click.echo(visible(note), err=True)
    for field in outcome.left_as_edited:
        click.echo(f"left as somebody edited it on the status page: {field}", err=True)
    for problem in outcome.problems:
        say(f"{PROGRAM} schedule", problem)
    if output_format == "json":
        click.echo(schedule_json(maintenance, outcome, is_dry=is_dry), nl=False)
    else:
        click.echo(schedule_text(maintenance, outcome), nl=False)
    return EXIT_FAILED if outcome.problems else EXIT_OK


def _wish(*, is_dry: bool, is_cancel: bool, is_complete: bool) -> Wish:
    flags = {"--dry-run": is_dry, "--cancel": is_cancel, "--complete": is_complete}
    given = [flag for flag, is_given in flags.items() if is_given]
    if len(given) > 1:
        raise ConfigurationError(f"{' and '.join(given)}: give one of them")
    if not given:
        return Wish.SCHEDULE
    (flag,) = given
    if flag != "--dry-run":
        refuse_unused(f"with {flag}", "--component")
    return Wish(flag.removeprefix("--"))
