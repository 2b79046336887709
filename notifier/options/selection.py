"""Options that select updates and orgs."""

from dataclasses import dataclass

import click
import cloup

from fleet.program.grouping import grouped
from notifier.affected import Selection

_SEVERITIES = ("critical", "important", "medium", "low")


@dataclass(frozen=True)
class SelectionArguments:
    only_update: tuple[str, ...]
    severity: tuple[str, ...]
    only_org: tuple[str, ...]
    exclude_org: tuple[str, ...]

    @property
    def selection(self) -> Selection:
        return Selection(
            only_updates=frozenset(self.only_update),
            severities=frozenset(self.severity),
            only_orgs=frozenset(self.only_org),
            excluded_orgs=frozenset(self.exclude_org),
        )


update_options = (
    cloup.option(
        "--only-update",
        multiple=True,
        metavar="NAME",
        help="Only this service update; may be repeated. Major-version updates are left out unless named here.",
    ),
    cloup.option(
        "--severity",
        multiple=True,
        type=click.Choice(_SEVERITIES, case_sensitive=False),
        help="Only updates of this severity; may be repeated.",
    ),
)
selection_options = grouped(
    "selected",
    SelectionArguments,
    *update_options,
    cloup.option("--only-org", multiple=True, metavar="ORG", help="Only this org, by name or guid; may be repeated."),
    cloup.option("--exclude-org", multiple=True, metavar="ORG", help="Leave this org out; may be repeated."),
    heading="Whom",
)
