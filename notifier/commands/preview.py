"""`preview`: shows what the recipients would read, without sending anything to them."""

from datetime import UTC, datetime
from pathlib import Path

import click
import cloup

from fleet.errors import ConfigurationError
from fleet.program.grouping import GroupedCommand, refuse_unused, under_heading
from notifier.mail.files import MailFolder, invented_org
from notifier.mail.notify_answers import Accepted, Rejected
from notifier.mail.planning import planned
from notifier.mail.trial import send_trial
from notifier.mail.wishes import Wishes
from notifier.mail.writer import MailWriter, mail_writer
from notifier.options.calendar import BankHolidaysArguments, bank_holidays_options
from notifier.options.connections import opened_ledger
from notifier.options.enquiry import EnquiryArguments, mail_enquiry_options
from notifier.options.mail import NotifyArguments, Wording, notify_options, wording_options
from notifier.options.output import logging_options
from notifier.program import CONTEXT, EXIT_FAILED, EXIT_OK, EXIT_STATUSES, Done, say
from notifier.reports.words import counted

_NOTIFY_FLAGS = ("--notify-api-key", "--notify-base-url", "--notify-template-id", "--notify-reply-to-id")
_ENQUIRY_FLAGS = (
    *("--only-update", "--severity", "--only-org", "--exclude-org"),
    *("--paas-accounts-url", "--paas-accounts-username", "--paas-accounts-password", "--address-book"),
    *("--cf-api-address", "--cf-service-offerings"),
)


@cloup.command(
    "preview",
    cls=GroupedCommand,
    context_settings=CONTEXT,
    epilog=f"""\b
Examples:
  elasticache-update-notifier preview --preview-email you@example.org --region Ireland \\
    --maintenance-window-date 'Tuesday 16 June 2026' --maintenance-window-time-range 0900-1100
  elasticache-update-notifier preview --to-files mails --region Ireland \\
    --maintenance-window-date 'Tuesday 16 June 2026' --maintenance-window-time-range 0900-1100
{EXIT_STATUSES}""",
)
@under_heading(
    "Mail",
    cloup.option("--preview-email", metavar="ADDRESS", help="Send one mail to this address, and to nobody else."),
    cloup.option(
        "--org",
        metavar="ORG",
        help="With --preview-email, send this affected org's mail instead of one about an invented org.",
    ),
    cloup.option(
        "--to-files",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Write every mail that email would send into this folder, as text and as HTML; needs no Notify key.",
    ),
    cloup.option(
        "--send-corrections", "sends_corrections", is_flag=True, help="With --to-files, write corrections too."
    ),
)
@mail_enquiry_options
@wording_options
@notify_options
@bank_holidays_options
@logging_options
@click.pass_obj
def command(
    done: Done,
    *,
    preview_email: str | None,
    org: str | None,
    to_files: Path | None,
    sends_corrections: bool,
    wording: Wording,
    asked: EnquiryArguments,
    notify: NotifyArguments,
    holidays: BankHolidaysArguments,
) -> int:
    """
    Show what the recipients would read, byte for byte.

    With --preview-email, sends one mail about an invented org, without asking AWS or Cloud Foundry; with --org, about
    a real one. With --to-files, writes all mails to a folder.
    """
    writer = mail_writer(asked.maintenance(), wording, holidays.working_days, datetime.now(UTC))
    if (preview_email is None) == (to_files is None):
        raise ConfigurationError("choose one of --preview-email ADDRESS and --to-files DIR")
    if to_files is not None:
        refuse_unused("with --to-files", "--org", *_NOTIFY_FLAGS)
        return _write_all(to_files, asked, writer, done, sends_corrections=sends_corrections)
    refuse_unused("without --to-files", "--send-corrections", "--replaces-window-date", "--replaces-window-time-range")
    if org is None:
        refuse_unused("in the mail about an invented org, without --org or --to-files", *_ENQUIRY_FLAGS)
        settings = notify.settings()
        shown = invented_org()
    else:
        refuse_unused("with --org", "--only-org", "--exclude-org")
        settings = notify.settings()
        shown = asked.org_to_tell(org)
    notify.say_borrowed()
    match send_trial(settings, preview_email or "", writer.message(shown)):
        case Accepted(notification_id):
            click.echo(f"sent to {preview_email}: notification {notification_id}")
            return EXIT_OK
        case Rejected(reason):
            say(f"not sent to {preview_email}", reason)
            return EXIT_FAILED


def _write_all(path: Path, asked: EnquiryArguments, writer: MailWriter, done: Done, *, sends_corrections: bool) -> int:
    audience = asked.enquiry().findings().audience
    with opened_ledger() as ledger:
        plan = planned(ledger, audience, writer, Wishes(sends_corrections=sends_corrections), datetime.now(UTC)).plan
    with MailFolder(path) as folder:
        for task in plan.tasks:
            if task.message is not None:
                folder.write(task.intent.key, task.intent.org_name, task.message)
                done.add("mail written", "mails written")
    already = f"; {len(plan.sent_before)} sent already" if plan.sent_before else ""
    click.echo(f"wrote {counted(plan.to_send_count, 'mail')} to {path}, each as .txt and .html{already}")
    return EXIT_OK
