"""`checklist`: what was done of a window, by whom and when, and what is still to do; also as the team's issue."""

import os
from dataclasses import replace
from datetime import UTC, datetime

import click
import cloup

from fleet.errors import ConfigurationError, RemoteError
from fleet.program.grouping import GroupedCommand, refuse_unused
from fleet.program.options import region_options
from fleet.program.regions import RegionSettings
from fleet.surveyor import Surveyor
from notifier.announce.story import Part, Posted, Story, known_issue
from notifier.checklist.findings import findings
from notifier.options.calendar import CalendarArguments, calendar_options
from notifier.options.connections import opened_ledger, operator_option
from notifier.options.github import GitHubArguments, github_options
from notifier.options.output import logging_options
from notifier.options.window import WindowArguments, window_options
from notifier.program import CONTEXT, EXIT_OK, EXIT_STATUSES, PROGRAM, Done, say
from notifier.reports.checklist_document import ChecklistReport, StoryIssue, checklist_json
from notifier.reports.checklist_markdown import checklist_markdown, shortened_to, story_title


@cloup.command(
    "checklist",
    cls=GroupedCommand,
    context_settings=CONTEXT,
    epilog=f"""\b
Example:
  AWS_REGION=eu-west-1 elasticache-update-notifier checklist --post --region Ireland \\
    --maintenance-window-date 'Tuesday 16 June 2026' --maintenance-window-time-range 0900-1100
{EXIT_STATUSES}""",
)
@cloup.option(
    "--format",
    "output_format",
    type=click.Choice(["markdown", "json"]),
    default="markdown",
    show_default=True,
    help="markdown for people and tickets, json for programs (docs/notifier.md describes it).",
)
@cloup.option("--post", "is_to_post", is_flag=True, help="Also write it into the GitHub issue of the window's day.")
@cloup.option(
    "--issue",
    "issue_number",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="With --post, the team's own issue, instead of one that is made.",
)
@operator_option
@window_options
@calendar_options
@github_options
@region_options
@logging_options
@click.pass_obj
def command(
    done: Done,
    *,
    output_format: str,
    is_to_post: bool,
    issue_number: int | None,
    operator: str,
    window_arguments: WindowArguments,
    calendar: CalendarArguments,
    github: GitHubArguments,
    region_settings: RegionSettings,
) -> int:
    """
    Show where a window stands: chosen, told, announced, who asked to wait, applied, left over.

    From the ledger and a fresh survey. With --post, the part of the issue that is about this window is replaced;
    everything else in it is yours.
    """
    if not is_to_post:
        refuse_unused("without --post", "--issue")
    choice = window_arguments.choice(region_settings)
    maintenance = window_arguments.maintenance(choice)
    window_day, expectations = maintenance.window.starts_at.date(), calendar.expectations
    client = github.client() if is_to_post else None
    survey = Surveyor(choice.with_credentials(os.environ), with_quota_use=False).survey
    now = datetime.now(UTC)
    with opened_ledger() as ledger:
        found = findings(survey, ledger, maintenance, expectations.warnings, now)
        problem: RemoteError | ConfigurationError | None = found.survey_problem
        because = str(problem) if problem else None
        settings = github.without_token() if client is None else client.settings
        posted = known_issue(ledger, settings, window_day)
        report = ChecklistReport(maintenance, found.steps, now, because)
        if client is not None and problem is None:
            part = Part(story_title(report), window_day, maintenance.key, shortened_to(report))
            story = Story(client, ledger, operator, part, client.pause, _warn, done.add)
            try:
                story.post(issue_number)
            except (RemoteError, ConfigurationError) as error:
                problem = error
            posted = story.posted if story.posted.number is not None else posted
            if problem is None or posted.is_created or posted.is_updated:
                what = "created" if posted.is_created else "changed" if posted.is_updated else "as it was"
                click.echo(f"issue #{posted.number} {what}: {posted.url}", err=True)
    _say(replace(report, issue=_issue(posted)), output_format)
    if problem is not None:
        if client is not None and found.survey_problem is not None:
            say(f"{PROGRAM} checklist", "the issue was not changed, because there is no survey")
        raise problem
    return EXIT_OK


def _warn(said: str) -> None:
    click.echo(f"warning: {said}", err=True)


def _issue(posted: Posted) -> StoryIssue | None:
    return None if posted.number is None else StoryIssue(posted.number, posted.url or "")


def _say(report: ChecklistReport, output_format: str) -> None:
    text = checklist_json(report) if output_format == "json" else f"{checklist_markdown(report)}\n"
    click.echo(text, nl=False)
