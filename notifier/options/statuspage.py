"""Options that say how to reach the status page, and which of its components a maintenance affects."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
import cloup

from fleet.errors import ConfigurationError
from fleet.program.addresses import checked_address
from fleet.program.grouping import grouped
from fleet.program.options import CONNECTIONS
from fleet.program.quiet import progress_line
from notifier.announce.statuspage import DEFAULT_BASE_URL, Statuspage, StatuspageSettings, Timing
from notifier.options.connections import secret_sources

pause, clock = time.sleep, time.monotonic
"""Tests put their own in their place."""


@dataclass(frozen=True)
class StatuspageArguments:
    statuspage_page_id: str | None
    statuspage_base_url: str

    def settings(self) -> StatuspageSettings | None:
        """None where no key is set, so that the status page is not used. Raises ConfigurationError."""
        key = secret_sources().get("STATUSPAGE_API_KEY")
        base_url = checked_address(
            "STATUSPAGE_BASE_URL", self.statuspage_base_url, DEFAULT_BASE_URL, may_have_path=True
        )
        if not key:
            return None
        page_id = (self.statuspage_page_id or "").strip()
        if not page_id:
            raise ConfigurationError(
                "STATUSPAGE_PAGE_ID is not set, but STATUSPAGE_API_KEY is: set it to the page's id, which Statuspage"
                " shows beside its API keys"
            )
        return StatuspageSettings(key, page_id, base_url)

    def page(self, changed: Callable[[], None]) -> Statuspage | None:
        """Like `settings`. It says on stderr what takes long."""
        settings = self.settings()
        return Statuspage(settings, Timing(clock, pause), progress_line(), changed) if settings else None


class _Names(click.types.StringParamType):
    """A component's name or id. A variable holds several, separated by commas."""

    name = "component"

    def split_envvar_value(self, rv: str) -> list[str]:
        return [name.strip() for name in rv.split(",") if name.strip()]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 — as click has it
        name: str = super().convert(value, param, ctx).strip()
        if not name:
            self.fail("give a component's name or id.", param, ctx)
        return name


statuspage_options = grouped(
    "statuspage",
    StatuspageArguments,
    cloup.option(
        "--statuspage-page-id",
        envvar="STATUSPAGE_PAGE_ID",
        show_envvar=True,
        metavar="ID",
        help="The status page's id at Statuspage; needed once STATUSPAGE_API_KEY is set.",
    ),
    cloup.option(
        "--statuspage-base-url",
        envvar="STATUSPAGE_BASE_URL",
        default=DEFAULT_BASE_URL,
        show_default=True,
        show_envvar=True,
        metavar="URL",
        help="The address of Statuspage's API.",
    ),
    heading=CONNECTIONS,
)
"""The command gets `statuspage`, a StatuspageArguments."""

component_option = cloup.option(
    "--component",
    "components",
    envvar="STATUSPAGE_COMPONENTS",
    show_envvar=True,
    multiple=True,
    type=_Names(),
    metavar="NAME|ID",
    help="A component of the page that the maintenance affects; may be repeated. Commas separate the variable's.",
)
