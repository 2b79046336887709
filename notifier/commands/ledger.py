"""`ledger`: the record of what was sent, for the careful."""

import click
import cloup

from ledger.check import problems
from notifier.options.connections import opened_ledger
from notifier.options.logging import logging_options
from notifier.program import CONTEXT, EXIT_FAILED, EXIT_OK, EXIT_STATUSES
from notifier.reports.ledger_export import FORMATS
from notifier.reports.words import counted


@cloup.group(
    "ledger",
    context_settings=CONTEXT,
    epilog=f"""\b
Examples:
  elasticache-update-notifier ledger export --format csv > mails.csv
  elasticache-update-notifier ledger check
{EXIT_STATUSES}""",
)
def command() -> None:
    """
    Export or check the record of what was sent to whom.

    It is a file in your state folder, or the PostgreSQL database that LEDGER_URL (or LEDGER_URL_FILE, or a bound
    service) names.
    """


@command.command("export", context_settings=CONTEXT)
@cloup.option(
    "--format",
    "output_format",
    type=click.Choice(list(FORMATS)),
    default="json",
    show_default=True,
    help="json is described in docs/notifier.md; csv has the same fields.",
)
@logging_options
def export(output_format: str) -> int:
    """Print every mail of every window."""
    with opened_ledger() as ledger:
        click.echo(FORMATS[output_format](ledger.records()), nl=False)
    return EXIT_OK


@command.command("check", context_settings=CONTEXT)
@logging_options
def check() -> int:
    """Look for damage, for contradictions, and for mails whose outcome is not known."""
    with opened_ledger() as ledger:
        found = problems(ledger)
        count = len(ledger.records())
    for problem in found:
        click.echo(problem)
    click.echo(f"{counted(count, 'mail')} in {ledger.where}: {counted(len(found), 'problem') if found else 'all well'}")
    return EXIT_FAILED if found else EXIT_OK
