"""`cancel`: tells everybody who was told about a window that it will not take place, the status page too."""

from functools import partial

import click
import cloup

from fleet.program.grouping import GroupedCommand, under_heading
from fleet.program.options import region_code_options
from fleet.program.regions import RegionSettings
from notifier.announce.withdrawal import to_withdraw, withdrawn
from notifier.mail.asking import Asking, cancellation, cancelled
from notifier.mail.cancelling import as_told, called_off, record_told_off, told_orgs
from notifier.mail.passes import HowToSend, Sending, carry_out
from notifier.options.connections import opened_ledger, operator_option
from notifier.options.mail import (
    NotifyArguments,
    SpeedArguments,
    ToldOffArguments,
    adopt_sent_option,
    notify_options,
    speed_options,
    told_off_options,
)
from notifier.options.output import format_option, logging_options
from notifier.options.statuspage import StatuspageArguments, statuspage_options
from notifier.options.window import WindowArguments, window_options
from notifier.program import (
    CONTEXT,
    EXIT_FAILED,
    EXIT_OK,
    EXIT_REMOTE,
    EXIT_STATUSES,
    Done,
    require_terminal,
    require_yes,
)
from notifier.reports.cancel_report import CancelReport, cancel_json, cancel_text
from notifier.reports.progress import progress

_CHANGED = ("change on the status page", "changes on the status page")


@cloup.command(
    "cancel",
    cls=GroupedCommand,
    context_settings=CONTEXT,
    epilog=f"""\b
Example:
  NOTIFY_API_KEY_FILE=key elasticache-update-notifier cancel --region Ireland \\
    --maintenance-window-date 'Tuesday 16 June 2026' --maintenance-window-time-range 0900-1100
{EXIT_STATUSES}""",
)
@window_options
@under_heading(
    "Mail",
    cloup.option(
        "--yes", "is_confirmed", is_flag=True, help="Send without asking first; needed in scripts and pipelines."
    ),
    cloup.option("--dry-run", "is_dry", is_flag=True, help="Show who would be told; send and record nothing."),
    adopt_sent_option,
    operator_option,
    format_option,
)
@told_off_options
@speed_options
@notify_options
@statuspage_options
@region_code_options
@logging_options
@click.pass_obj
def command(
    done: Done,
    *,
    is_confirmed: bool,
    is_dry: bool,
    adopts_sent: bool,
    operator: str,
    output_format: str,
    window_arguments: WindowArguments,
    told_off: ToldOffArguments,
    speed: SpeedArguments,
    notify: NotifyArguments,
    statuspage: StatuspageArguments,
    region_settings: RegionSettings,
) -> int:
    """
    Tell everybody who was told about the window that it will not take place.

    From then on the window is cancelled, and no other command accepts it. Its incident is deleted from the status page.
    If anything crashes, run the same command again: each person still gets only one mail. Asks neither AWS nor Cloud
    Foundry.
    """
    maintenance = window_arguments.maintenance(window_arguments.choice(region_settings))
    notify.require_usable()
    if not (is_confirmed or is_dry):
        require_terminal()
    with opened_ledger() as ledger:
        maintenance = as_told(ledger, maintenance)
        plan = cancellation(ledger, maintenance)
        settings = notify.settings() if not is_dry and (plan.tasks or adopts_sent) else None
        if settings is not None:
            on_adopted = partial(done.add, "mail adopted", "mails adopted")
            plan = cancellation(ledger, maintenance, Asking(settings, operator, adopts_sent, on_adopted))
        told, incidents = told_orgs(ledger, maintenance), to_withdraw(ledger, maintenance)
        told_by_you = told_off.guids(told.names)
        report = CancelReport(maintenance, plan, told=told, incidents=incidents)
        if plan.to_send_count:
            notify.say_borrowed()
        if is_dry:
            _say(report, output_format)
            return EXIT_OK
        page = statuspage.page(partial(done.add, *_CHANGED)) if incidents else None
        ledger.require_room(len(report.plan.tasks))
        if not is_confirmed:
            require_yes(f"Cancel {maintenance.in_words}, and send {report.plan.to_send_count} mails?")
        plan = cancelled(ledger, maintenance)
        done.add("window cancelled", "windows cancelled")
        record_told_off(ledger, maintenance, told_by_you, told_off.how or "", operator)
        pace = (speed.mails_per_minute, speed.settle_seconds)
        how = HowToSend(maintenance, "cancel", operator, settings, *pace, resends_unlisted=False) if settings else None
        sending = Sending(ledger, how, progress, partial(done.add, "mail sent", "mails sent"))
        carried = carry_out(plan, sending, partial(called_off, ledger, maintenance))
        result, incidents = carried.result, withdrawn(ledger, maintenance, page, operator)
        told = told_orgs(ledger, maintenance)
        report = CancelReport(maintenance, plan, result, carried.remaining, told, incidents)
    _say(report, output_format)
    if result.stopped_by is not None or any(incident.is_remote for incident in incidents):
        return EXIT_REMOTE
    return EXIT_OK if report.is_all_done else EXIT_FAILED


def _say(report: CancelReport, output_format: str) -> None:
    click.echo(cancel_json(report) if output_format == "json" else cancel_text(report), nl=False)
