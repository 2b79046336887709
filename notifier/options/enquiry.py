"""The options of whatever asks AWS and Cloud Foundry who is affected: when, where, whom, and who may be asked."""

import functools
import os
from dataclasses import dataclass, replace
from typing import Any

from fleet.program.grouping import Command
from fleet.program.options import region_options
from fleet.program.regions import RegionSettings
from notifier.affected import AffectedOrg, Selection, only_org
from notifier.enquiry import Enquiry
from notifier.maintenance import Maintenance
from notifier.options.accounts import AccountsArguments, accounts_options
from notifier.options.selection import SelectionArguments, selection_options
from notifier.options.window import (
    ReplacedWindowArguments,
    WindowArguments,
    replaced_window_options,
    window_and_alternative_options,
)


@dataclass(frozen=True)
class EnquiryArguments:
    """As given; checked where they are asked for their meaning. Each method raises ConfigurationError."""

    window: WindowArguments
    selected: SelectionArguments
    accounts: AccountsArguments
    region_settings: RegionSettings
    replaced: ReplacedWindowArguments | None = None
    """None where the command does not take them."""

    def maintenance(self) -> Maintenance:
        maintenance = self.window.maintenance(self.window.choice(self.region_settings))
        return maintenance if self.replaced is None else self.replaced.taken_into(maintenance)

    def optional_maintenance(self) -> Maintenance | None:
        """None where no window is given."""
        return self.window.optional_maintenance(self.window.choice(self.region_settings))

    def enquiry(self, selection: Selection | None = None) -> Enquiry:
        """Everything that is needed to ask, without asking; `selection` instead of the one that was given."""
        choice = self.window.choice(self.region_settings)
        access = self.accounts.access()
        region = choice.with_credentials(os.environ)
        return Enquiry(region, self.selected.selection if selection is None else selection, access)

    def org(self, named: str) -> AffectedOrg:
        """Asks, and answers the one affected org that has the name or guid. Raises RemoteError too."""
        only_it = replace(self.selected.selection, only_orgs=frozenset({named}))
        return only_org(self.enquiry(only_it).findings().orgs, named)


def enquiry_options(command: Command) -> Command:
    """Adds the options, and hands the command one value instead, `asked`."""

    @functools.wraps(command)
    def with_enquiry(
        *args: object,
        window_arguments: WindowArguments,
        selected: SelectionArguments,
        accounts: AccountsArguments,
        region_settings: RegionSettings,
        **kwargs: Any,  # noqa: ANN401 — click's values
    ) -> Any:  # noqa: ANN401 — the command's answer
        asked = EnquiryArguments(window_arguments, selected, accounts, region_settings)
        return command(*args, asked=asked, **kwargs)

    return window_and_alternative_options(selection_options(accounts_options(region_options(with_enquiry))))


def mail_enquiry_options(command: Command) -> Command:
    """As `enquiry_options`, and with the window whose place this one takes."""

    @functools.wraps(command)
    def with_replaced(
        *args: object,
        asked: EnquiryArguments,
        replaced: ReplacedWindowArguments,
        **kwargs: Any,  # noqa: ANN401 — click's values
    ) -> Any:  # noqa: ANN401 — the command's answer
        return command(*args, asked=replace(asked, replaced=replaced), **kwargs)

    return enquiry_options(replaced_window_options(with_replaced))
