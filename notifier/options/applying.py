"""Options that say what of a window is applied, how much at once, and when it is halted."""

from collections.abc import Callable
from typing import Any

import click
import cloup

from fleet.program.grouping import grouped, refuse_unused
from fleet.program.numbers import DecimalNumber, WholeNumber
from ledger.ledger import Ledger
from notifier.announce.progress import StatusPage
from notifier.apply.arguments import ApplyArguments
from notifier.maintenance import Maintenance
from notifier.options.connections import apply_role_option
from notifier.options.statuspage import StatuspageArguments

__all__ = ["ApplyArguments", "apply_options", "status_page"]


class _Reason(click.types.StringParamType):
    name = "reason"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 — as click has it
        reason = " ".join(super().convert(value, param, ctx).split())
        if not reason:
            self.fail("say why; the ledger and the report keep it.", param, ctx)
        return reason


apply_options = grouped(
    "applying",
    ApplyArguments,
    cloup.option(
        "--canaries",
        type=WholeNumber(0, 100_000),
        metavar="COUNT",
        default=1,
        show_default=True,
        help="So many groups first, alone; the others only when all of them are complete.",
    ),
    cloup.option(
        "--max-in-flight",
        type=WholeNumber(1, 100_000),
        metavar="COUNT",
        default=20,
        show_default=True,
        help="So many groups under way at once.",
    ),
    cloup.option(
        "--max-failures",
        type=WholeNumber(0, 100_000),
        metavar="COUNT",
        default=0,
        show_default=True,
        help="Halt when more than so many failed or were refused; a failed canary always halts.",
    ),
    cloup.option("--only-instance", multiple=True, metavar="INSTANCE", help="Only this one; may be repeated."),
    cloup.option(
        "--group", multiple=True, metavar="ID", help="Also this group, which no instance claims; may be repeated."
    ),
    cloup.option(
        "--include-untold",
        type=_Reason(),
        metavar="REASON",
        help="Also whoever was not told of the window; the reason is kept.",
    ),
    cloup.option(
        "--outside-window",
        type=_Reason(),
        metavar="REASON",
        help="Before its start or after its end; the reason is kept.",
    ),
    cloup.option(
        "--poll-interval",
        type=DecimalNumber(1, 3600),
        default=30,
        show_default=True,
        metavar="SECONDS",
        help="How often AWS is asked where everything stands.",
    ),
    cloup.option(
        "--status-page",
        is_flag=True,
        help="Move the status page's incident along, silently: in progress, verifying, completed.",
    ),
    apply_role_option,
    heading="Applying",
)


def status_page(
    applying: ApplyArguments, statuspage: StatuspageArguments
) -> Callable[[Ledger, Maintenance], StatusPage] | None:
    """What moves the window's incident along, if that was asked for. Raises ConfigurationError."""
    if not applying.status_page:
        refuse_unused("without --status-page", "--statuspage-page-id", "--statuspage-base-url")
        return None
    settings = statuspage.settings()
    return lambda ledger, maintenance: StatusPage(settings, ledger, maintenance)
