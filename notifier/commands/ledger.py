"""`ledger`: exports and checks the record of what was sent and done."""

import click
import cloup

from fleet.errors import ConfigurationError
from ledger.check import problems
from ledger.schema import mails
from notifier.options.connections import opened_ledger
from notifier.options.output import logging_options
from notifier.program import CONTEXT, EXIT_FAILED, EXIT_OK, EXIT_STATUSES
from notifier.reports.ledger_export import TABLES, as_csv, as_json
from notifier.reports.words import counted


@cloup.group(
    "ledger",
    context_settings=CONTEXT,
    epilog=f"""\b
Examples:
  elasticache-update-notifier ledger export > ledger.json
  elasticache-update-notifier ledger export --format csv --table windows > windows.csv
  elasticache-update-notifier ledger check
{EXIT_STATUSES}""",
)
def command() -> None:
    """
    Export or check the record of what was sent to whom, and of what was done in each window.

    The ledger is a file in your state folder, or the PostgreSQL database that LEDGER_URL, LEDGER_URL_FILE or a bound
    service names.
    """


@command.command("export", context_settings=CONTEXT)
@cloup.option(
    "--format",
    "output_format",
    type=click.Choice(["json", "csv"]),
    default="json",
    show_default=True,
    help="json prints all tables, as docs/notifier.md describes; csv prints one table, with the same fields.",
)
@cloup.option(
    "--table",
    type=click.Choice(TABLES),
    help=f"The table to print with --format csv.  [default: {TABLES[0]}]",
)
@logging_options
def export(output_format: str, table: str | None) -> int:
    """Print everything that the ledger holds about all windows."""
    if output_format == "json" and table is not None:
        raise ConfigurationError(f"--table {table}: json has all tables; give --format csv with it")
    with opened_ledger() as ledger:
        click.echo(as_json(ledger) if output_format == "json" else as_csv(ledger, table or TABLES[0]), nl=False)
    return EXIT_OK


@command.command("check", context_settings=CONTEXT)
@logging_options
def check() -> int:
    """Look for damage, for contradictions, and for mails and updates whose outcome is not known."""
    with opened_ledger() as ledger:
        found = problems(ledger)
        count = len(ledger.rows(mails))
    for problem in found:
        click.echo(problem)
    click.echo(f"{counted(count, 'mail')} in {ledger.where}: {counted(len(found), 'problem') if found else 'all well'}")
    return EXIT_FAILED if found else EXIT_OK
