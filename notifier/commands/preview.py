"""`preview`: shows what the recipients would read, without telling any of them."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from fleet.errors import ConfigurationError, RemoteError
from fleet.options import region_settings_options
from fleet.regions import RegionSettings
from notifier.affected import AffectedOrg
from notifier.gathering import Findings, findings
from notifier.invented_org import invented_org
from notifier.ledger.ledger import Ledger
from notifier.mail_files import write_mail
from notifier.mailing import mailing
from notifier.message import Circumstances, Message, MessageTemplate
from notifier.notify import Notify
from notifier.notify_answers import SEND, SYSTEM, Accepted, NotReached, RateLimited, Refused, Unclear
from notifier.options.accounts import AccountsArguments, accounts_options
from notifier.options.calendar import CalendarArguments, calendar_options
from notifier.options.logging import logging_options
from notifier.options.notify import NotifyArguments, notify_options, template_option
from notifier.options.secrets import ledger_url
from notifier.options.selection import SelectionArguments, selection_options
from notifier.options.window import WindowArguments, window_options
from notifier.reports.words import counted
from notifier.statuses import CONTEXT, EXIT_FAILED, EXIT_OK, EXIT_STATUSES
from notifier.window import refuse_past
from notifier.writing import Writing


@click.command(
    "preview",
    context_settings=CONTEXT,
    epilog=f"""\b
Examples:
  elasticache-update-notifier preview --preview-email you@example.org --region Ireland \\
    --maintenance-window-date 'Tuesday 16 June 2026' --maintenance-window-time-range 0900-1100
  elasticache-update-notifier preview --to-files mails --region Ireland \\
    --maintenance-window-date 'Tuesday 16 June 2026' --maintenance-window-time-range 0900-1100
{EXIT_STATUSES}""",
)
@click.option("--preview-email", metavar="ADDRESS", help="Send the mail here, and nowhere else.")
@click.option(
    "--org", metavar="ORG", help="The mail of this affected org, by name or guid, instead of an invented one."
)
@click.option(
    "--to-files",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write every mail that email would send as text and as HTML; needs no key.",
)
@click.option("--send-corrections", "sends_corrections", is_flag=True, help="With --to-files, the corrections too.")
@template_option
@window_options
@selection_options
@accounts_options
@notify_options
@region_settings_options
@calendar_options
@logging_options
def command(
    *,
    preview_email: str | None,
    org: str | None,
    to_files: Path | None,
    sends_corrections: bool,
    template: Path,
    window_arguments: WindowArguments,
    selected: SelectionArguments,
    accounts: AccountsArguments,
    notify: NotifyArguments,
    region_settings: RegionSettings,
    calendar: CalendarArguments,
) -> int:
    """
    Show what the recipients would read, byte for byte.

    Sends one mail to --preview-email, about an invented org, for which neither AWS nor Cloud Foundry is asked; or
    about --org. Or writes all mails --to-files.
    """
    choice = window_arguments.choice(region_settings)
    window = window_arguments.required_window(choice)
    now = datetime.now(UTC)
    refuse_past(window, now)
    circumstances = Circumstances(
        choice.name,
        window,
        window_arguments.alternative(window),
        calendar.expectations.working_days,
        now.astimezone(choice.time_zone).date(),
    )
    message_template = MessageTemplate(template)
    if (preview_email is None) == (to_files is None):
        raise ConfigurationError("choose one of --preview-email ADDRESS and --to-files DIR")
    if sends_corrections and to_files is None:
        raise ConfigurationError("--send-corrections needs --to-files here")
    writing = Writing(choice, circumstances, message_template)
    selection = selected.selection if org is None else replace(selected.selection, only_orgs=frozenset({org}))
    if to_files is not None:
        found = findings(choice.with_credentials(os.environ), selection, accounts.access())
        return _write_all(to_files, found, writing, sends_corrections=sends_corrections)
    settings = notify.settings()
    shown = invented_org()
    if org is not None:
        shown = _only(findings(choice.with_credentials(os.environ), selection, accounts.access()), org)
    return _send(Notify(settings), preview_email or "", writing.message(shown, is_correction=False))


def _write_all(folder: Path, found: Findings, writing: Writing, *, sends_corrections: bool) -> int:
    with Ledger(ledger_url()) as ledger:
        records = ledger.records(writing.occasion.window_key, writing.occasion.aws_region)
    planned = mailing(
        found.audience.recipients, records, writing.occasion, writing.written, sends_corrections=sends_corrections
    )
    for errand in planned.errands:
        if errand.message is not None:
            intent = errand.intent
            write_mail(folder, intent.org_name, intent.key.org_guid, intent.key.address, errand.message)
    already = f"; {len(planned.sent_before)} sent already" if planned.sent_before else ""
    click.echo(f"wrote {counted(planned.to_send_count, 'mail')} to {folder}, each as .txt and .html{already}")
    return EXIT_OK


def _only(found: Findings, org: str) -> AffectedOrg:
    if not found.orgs:
        raise ConfigurationError(f"--org '{org}': no update that was selected waits for any of its instances")
    if len(found.orgs) > 1:
        raise ConfigurationError(f"--org '{org}': several orgs have that name; give the guid of one")
    return found.orgs[0]


def _send(notify: Notify, address: str, message: Message) -> int:
    """One mail to oneself, without the ledger: to send it again harms nobody."""
    answer = notify.send(address, message, f"elasticache-preview-{message.digest[:40]}")
    match answer:
        case Accepted(notification_id):
            click.echo(f"sent to {address}: notification {notification_id}")
            return EXIT_OK
        case Refused(reason):
            click.echo(f"not sent to {address}: {reason}", err=True)
            return EXIT_FAILED
        case RateLimited():
            raise RemoteError(SYSTEM, SEND, "too many mails in this minute; try again in a minute")
        case NotReached(cause):
            raise RemoteError(SYSTEM, SEND, cause)
        case Unclear(cause):
            raise RemoteError(SYSTEM, SEND, f"{cause}; it may have been sent or not: look into the inbox")
