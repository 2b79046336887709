"""`email`: tells every manager of every affected org, once."""

import json
import sys
from datetime import UTC, datetime

import click
import cloup

from fleet.errors import ConfigurationError
from fleet.program.grouping import GroupedCommand, under_heading
from notifier.mail.plan import mail_plan
from notifier.mail.wording import Wording, mail_writer
from notifier.mail.workers import HowToSend, send_all
from notifier.options.calendar import CalendarArguments, calendar_options
from notifier.options.connections import opened_ledger, operator_option
from notifier.options.enquiry import EnquiryArguments, enquiry_options
from notifier.options.logging import logging_options
from notifier.options.mail import NotifyArguments, SpeedArguments, notify_options, speed_options, wording_options
from notifier.program import CONTEXT, EXIT_FAILED, EXIT_OK, EXIT_REMOTE, EXIT_STATUSES, Done
from notifier.reports.affected_document import AffectedReport
from notifier.reports.email_document import EmailReport, email_document
from notifier.reports.email_text import plan_text, recipients_text, result_text
from notifier.reports.progress import progress


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
    cloup.option("--yes", "is_confirmed", is_flag=True, help="Do not ask; needed where there is no terminal."),
    cloup.option("--dry-run", "is_dry", is_flag=True, help="Show everything, send nothing, record nothing."),
    cloup.option(
        "--send-corrections",
        "sends_corrections",
        is_flag=True,
        help="Write again, saying so, to those who were told about other instances for this window.",
    ),
    cloup.option(
        "--resend-unlisted",
        "resends_unlisted",
        is_flag=True,
        help="Send again what a crashed run may have sent with another key, or over a week ago: it may arrive twice.",
    ),
    operator_option,
    cloup.option(
        "--format",
        "output_format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How the result is printed on stdout: text for people, json for programs.",
    ),
)
@enquiry_options
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
    sends_corrections: bool,
    resends_unlisted: bool,
    operator: str,
    wording: Wording,
    output_format: str,
    asked: EnquiryArguments,
    calendar: CalendarArguments,
    notify: NotifyArguments,
    speed: SpeedArguments,
) -> int:
    """
    Tell every manager of every affected org, once.

    Shows the plan and asks before the first mail. Whatever crashes, run the same command again: each person gets one
    mail for each org, window and region. Ctrl-C finishes the mail under way.
    """
    now = datetime.now(UTC)
    maintenance = asked.maintenance()
    expectations = calendar.expectations
    writer = mail_writer(maintenance, wording, expectations.working_days, now)
    notify_settings = None if is_dry else notify.settings()
    enquiry = asked.enquiry()
    if not (is_confirmed or is_dry or sys.stdin.isatty()):
        raise ConfigurationError("--yes is missing: there is no terminal to ask at, so say it if you mean it")

    found = enquiry.findings()
    warnings = expectations.warnings(maintenance, now, found.updates)
    with opened_ledger() as ledger:
        records = ledger.records(maintenance.key)
        plan = mail_plan(
            found.audience.recipients, records, maintenance.key, writer.written, sends_corrections=sends_corrections
        )
        report = EmailReport(AffectedReport(found, maintenance, warnings, records), plan)
        click.echo(plan_text(report), err=True)
        if notify_settings is None:
            click.echo(recipients_text(report), err=True)
            _say(report, output_format)
            return EXIT_OK if report.is_all_done else EXIT_FAILED
        ledger.require_room(plan.to_send_count)
        if plan.tasks and not is_confirmed:
            click.confirm(f"Send {plan.to_send_count} mails?", abort=True, err=True)
        ledger.record_window(maintenance.key, maintenance.window.time_zone, "email", operator)
        how = HowToSend(operator, notify_settings, speed.mails_per_minute, speed.settle_seconds, resends_unlisted)
        with progress(len(plan.tasks)) as advance:
            result = send_all(
                plan.tasks, ledger, how, on_outcome=advance, on_sent=lambda: done.add("mail sent", "mails sent")
            )
    report = EmailReport(report.affected, plan, result)
    _say(report, output_format)
    return _status(report)


def _say(report: EmailReport, output_format: str) -> None:
    if output_format == "json":
        click.echo(json.dumps(email_document(report), indent=2, ensure_ascii=False))
    else:
        click.echo(result_text(report), nl=False)
    if report.sending.stopped_by is not None:
        left = f"{len(report.left)} not sent yet; run the same command again to continue"
        click.echo(f"stopped: {report.sending.stopped_by}; {left}", err=True)


def _status(report: EmailReport) -> int:
    if report.sending.stopped_by is not None:
        return EXIT_REMOTE
    return EXIT_OK if report.is_all_done else EXIT_FAILED
