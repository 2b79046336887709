"""`--check`: reads every setting, file and secret as the commands would, and contacts no remote system."""

import os
from collections.abc import Callable, Sequence

import click
import cloup

from fleet.aws.rehearsal import rehearse
from fleet.errors import ConfigurationError
from fleet.program.aws_settings import agreed_apply_role
from fleet.program.grouping import under_heading
from fleet.program.options import CONNECTIONS
from fleet.program.regions import regions
from fleet.region import Region
from notifier.mail.wording import Wording
from notifier.mail.writer import MessageTemplate
from notifier.options.calendar import CalendarArguments, calendar_options
from notifier.options.connections import apply_role_option, opened_ledger, secret_sources
from notifier.options.enquiry import EnquiryArguments, enquiry_options
from notifier.options.github import GitHubArguments, github_options
from notifier.options.mail import wording_options
from notifier.options.notify import NotifyArguments, SpeedArguments, notify_options, speed_options
from notifier.options.output import logging_options
from notifier.options.statuspage import StatuspageArguments, statuspage_options
from notifier.program import CONTEXT, EXIT_OK, EXIT_WRONG_USAGE, PROGRAM


@cloup.command(
    "--check",
    context_settings=CONTEXT,
    epilog="""\b
Exit status:
  0  every setting can be used
  2  some cannot be used; each is named on a line of its own""",
)
@wording_options
@enquiry_options
@calendar_options
@notify_options
@speed_options
@github_options
@statuspage_options
@under_heading(CONNECTIONS, apply_role_option)
@logging_options
def command(
    *,
    wording: Wording,
    asked: EnquiryArguments,
    calendar: CalendarArguments,
    notify: NotifyArguments,
    speed: SpeedArguments,  # noqa: ARG001 — click has checked it
    github: GitHubArguments,
    statuspage: StatuspageArguments,
    aws_apply_role_arn: str | None,
) -> int:
    """
    Check every setting, file and secret as the commands would, without asking any remote system.

    Runs the commands in NAME_COMMAND variables, because their secrets cannot be read in any other way.
    """
    has_key = _has_notify_key(notify)
    posts = bool(github.github_repository) and _has_secret("GITHUB_TOKEN")
    checks: list[Callable[[], object]] = [
        lambda: _check_regions(asked, aws_apply_role_arn),
        asked.check_accounts,
        lambda: _check_window(asked),
        asked.accounts.access,
        asked.check_books,
        notify.settings if has_key else notify.require_usable,
        github.settings if posts else github.require_usable,
        lambda: calendar.expectations,
        lambda: MessageTemplate(wording),
        statuspage.settings,
        opened_ledger,
    ]
    problems = list(dict.fromkeys(problem for check in checks if (problem := _problem(check))))
    for problem in problems:
        click.echo(f"{PROGRAM}: {problem}", err=True)
    if problems:
        return EXIT_WRONG_USAGE
    click.echo("every setting can be used; nobody was asked")
    if not has_key:
        click.echo("NOTIFY_API_KEY is not set: email, status and preview --preview-email need it")
    if not posts:
        click.echo("GITHUB_TOKEN and GITHUB_REPOSITORY are not both set: checklist --post needs them")
    return EXIT_OK


def _problem(check: Callable[[], object]) -> str | None:
    try:
        check()
    except ConfigurationError as error:
        return str(error)
    return None


def _check_regions(asked: EnquiryArguments, apply_role: str | None) -> None:
    """Checks all regions of REGIONS_FILE or, with --region or without REGIONS_FILE, only the chosen region."""
    if asked.region_settings.regions_file is None or asked.window.region is not None:
        meant: Sequence[Region] = (asked.window.choice(asked.region_settings).with_credentials(os.environ),)
    else:
        meant = regions(asked.region_settings, os.environ)
    for region in meant:
        rehearse(region.aws)
        agreed_apply_role(apply_role, region.aws_apply_role_arn, region.name)


def _check_window(asked: EnquiryArguments) -> None:
    """All regions of REGIONS_FILE together have no window, and no region has to be chosen if none is given."""
    if asked.region_settings.regions_file is None or asked.window.region is not None or asked.window.has_window:
        asked.optional_maintenance()


def _has_notify_key(notify: NotifyArguments) -> bool:
    return bool(notify.notify_api_key) or _has_secret("NOTIFY_API_KEY")


def _has_secret(name: str) -> bool:
    """Also true if the secret's source cannot be read, so that the check of its settings reports that."""
    try:
        return bool(secret_sources().get(name))
    except ConfigurationError:
        return True
