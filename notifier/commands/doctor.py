"""`doctor`: finds out, before the day of a window, what would stop it."""

import sys
from datetime import UTC, datetime

import click
import cloup
from rich.console import Console

from fleet.program.grouping import GroupedCommand
from fleet.program.quiet import progress_line
from notifier.doctor.checks import is_good, without_secrets
from notifier.doctor.report import checks_json, checks_text
from notifier.doctor.rounds import examine
from notifier.options.examined import ExaminedArguments, examined_options
from notifier.options.output import format_option, logging_options
from notifier.program import CONTEXT, EXIT_FAILED, EXIT_OK


@cloup.command(
    "doctor",
    cls=GroupedCommand,
    context_settings=CONTEXT,
    epilog="""\b
Examples:
  elasticache-update-notifier doctor --region Ireland
  elasticache-update-notifier doctor --format json

\b
Exit status:
  0  nothing has failed; there may be warnings
  1  something has failed: each is named, with what to do
  2  wrong usage""",
)
@format_option
@examined_options
@logging_options
def command(*, output_format: str, examined: ExaminedArguments) -> int:
    """
    Examine everything that a window needs, and say what to do about what is wrong.

    Only asks: it sends no mail, starts no update and writes nothing, not even a ledger. With REGIONS_FILE it examines
    all regions, unless --region chooses one. What is not set up is named, and is not wrong.
    """
    say = progress_line()
    found = examine(examined, datetime.now(UTC), lambda words: say(f"examined {words}"))
    checks = [without_secrets(placed, examined.secrets()) for placed in found]
    if output_format == "json":
        click.echo(checks_json(checks), nl=False)
    else:
        click.echo(checks_text(checks, Console().width if sys.stdout.isatty() else None), nl=False)
    return EXIT_OK if is_good(checks) else EXIT_FAILED
