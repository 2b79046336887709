"""`email`: tells every manager of every affected org, once."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import click
import cloup

from fleet.program.grouping import GroupedCommand, under_heading
from notifier.options.calendar import CalendarArguments, calendar_options
from notifier.options.connections import opened_ledger, operator_option
from notifier.options.enquiry import EnquiryArguments, mail_enquiry_options
from notifier.options.mail import (
    NotifyArguments,
    ResendingArguments,
    SpeedArguments,
    Wording,
    notify_options,
    resending_options,
    speed_options,
    wording_options,
)
from notifier.options.output import format_option, logging_options
from notifier.program import (
    CONTEXT,
    EXIT_FAILED,
    EXIT_OK,
    EXIT_REMOTE,
    EXIT_STATUSES,
    Done,
    require_terminal,
    require_yes,
    say,
)

if TYPE_CHECKING:
    from notifier.reports.email_document import EmailReport


@cloup.command(
    "email",
    cls=GroupedCommand,
    context_settings=CONTEXT,
    epilog=f"""\b
Example:
  NOTIFY_API_KEY_FILE=key AWS_REGION=eu-west-1 elasticache-update-notifier email --region Ireland \\
    --maintenance-window-date 'Tuesday 16 June 2026' --maintenance-window-time-range 0900-1100
{EXIT_STATUSES}""",
)
@under_heading(
    "Mail",
    cloup.option(
        "--yes", "is_confirmed", is_flag=True, help="Send without asking first; needed in scripts and pipelines."
    ),
    cloup.option("--dry-run", "is_dry", is_flag=True, help="Show which mails would be sent; send and record nothing."),
    operator_option,
    format_option,
)
@mail_enquiry_options
@resending_options
@calendar_options
@wording_options
@notify_options
@speed_options
@logging_options
@click.pass_obj
def command(
    done: Done,
    *,
    is_confirmed: bool,
    is_dry: bool,
    operator: str,
    wording: Wording,
    output_format: str,
    asked: EnquiryArguments,
    resending: ResendingArguments,
    calendar: CalendarArguments,
    notify: NotifyArguments,
    speed: SpeedArguments,
) -> int:
    """
    Tell every manager of every affected org, once.

    Shows the plan, and asks before the first mail. If anything crashes, run the same command again: each person still
    gets only one mail for each org, window and region. Ctrl-C lets the mails that are being sent finish.
    """
    now = datetime.now(UTC)
    maintenance = asked.maintenance()
    notify.require_usable()
    notify_settings = None if is_dry else notify.settings()
    enquiry = asked.enquiry()
    if not (is_confirmed or is_dry):
        require_terminal()

    with enquiry.begun() as asking:
        # What these load takes its time, in which others answer.
        from notifier.mail.asking import Asking, planned_after_asking, record_announced  # noqa: PLC0415
        from notifier.mail.passes import HowToSend, Sending, carry_out  # noqa: PLC0415
        from notifier.mail.planning import planned  # noqa: PLC0415
        from notifier.mail.writer import mail_writer  # noqa: PLC0415
        from notifier.reports.affected_document import AffectedReport  # noqa: PLC0415
        from notifier.reports.email_document import EmailReport  # noqa: PLC0415
        from notifier.reports.email_text import plan_text, question, recipients_text  # noqa: PLC0415
        from notifier.reports.progress import progress  # noqa: PLC0415

        expectations = calendar.expectations
        writer = mail_writer(maintenance, wording, expectations.working_days, now)
        unopened = opened_ledger()
    found = asking.result()
    warnings = expectations.warnings(maintenance, now, found.updates)
    with unopened as ledger:
        planning = partial(planned, ledger, found.audience, writer, resending.wishes, now)
        if notify_settings is None:
            plan = planning()
        else:
            on_adopted = partial(done.add, "mail adopted", "mails adopted")
            of_notify = Asking(notify_settings, operator, resending.adopts_sent, on_adopted)
            plan = planned_after_asking(ledger, found.audience, writer, planning, of_notify)
        affected = AffectedReport(
            found,
            maintenance,
            warnings,
            plan.history.records,
            plan.tellings,
            plan.deferred,
            asked_to_wait=plan.asked_to_wait,
        )
        report = EmailReport(affected, plan)
        click.echo(plan_text(report), nl=False, err=True)
        if report.plan.to_send_count:
            notify.say_borrowed()
        if notify_settings is None:
            click.echo(recipients_text(report), nl=False, err=True)
            _say(report, output_format)
            return EXIT_OK if report.is_all_done else EXIT_FAILED
        ledger.require_room(len(report.plan.tasks))
        if report.plan.tasks and not is_confirmed:
            require_yes(question(report))
        record_announced(ledger, maintenance, operator, planning, found.audience)
        how = HowToSend(
            maintenance,
            "email",
            operator,
            notify_settings,
            speed.mails_per_minute,
            speed.settle_seconds,
            resending.resends_unlisted,
            found.audience.tenants,
        )
        sending = Sending(ledger, how, progress, partial(done.add, "mail sent", "mails sent"))
        planned_again = partial(planned, ledger, found.audience, writer, now=now)
        carried = carry_out(
            report.plan,
            sending,
            lambda looked_up: planned_again(wishes=replace(resending.wishes, looked_up=looked_up)).plan,
        )
    report = replace(report, result=carried.result, remaining=carried.remaining)
    _say(report, output_format)
    return _status(report)


def _say(report: "EmailReport", output_format: str) -> None:
    from notifier.reports.email_document import email_json  # noqa: PLC0415 — as above
    from notifier.reports.email_text import result_text  # noqa: PLC0415

    if output_format == "json":
        click.echo(email_json(report), nl=False)
    else:
        click.echo(result_text(report), nl=False)
    if report.sending.stopped_by is not None:
        again = " yet; run the same command again to continue" if report.sending.can_continue else ""
        say("stopped", f"{report.sending.stopped_by}; {len(report.left)} not sent{again}")


def _status(report: "EmailReport") -> int:
    if report.sending.stopped_by is not None:
        return EXIT_REMOTE
    return EXIT_OK if report.is_all_done else EXIT_FAILED
