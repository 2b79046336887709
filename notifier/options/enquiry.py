"""The options of whatever asks AWS and Cloud Foundry who is affected: when, where, whom, and who may be asked."""

import functools
import os
from dataclasses import dataclass
from typing import Any

from fleet.program.grouping import Command
from fleet.program.options import region_options
from fleet.program.regions import RegionSettings
from notifier.affected import Selection
from notifier.enquiry import Enquiry
from notifier.maintenance import Maintenance
from notifier.options.accounts import AccountsArguments, accounts_options
from notifier.options.selection import SelectionArguments, selection_options
from notifier.options.window import WindowArguments, window_and_alternative_options


@dataclass(frozen=True)
class EnquiryArguments:
    """As given; checked where they are asked for their meaning. Each method raises ConfigurationError."""

    window: WindowArguments
    selected: SelectionArguments
    accounts: AccountsArguments
    region_settings: RegionSettings

    def maintenance(self) -> Maintenance:
        return self.window.maintenance(self.window.choice(self.region_settings))

    def optional_maintenance(self) -> Maintenance | None:
        """None where no window is given."""
        return self.window.optional_maintenance(self.window.choice(self.region_settings))

    def enquiry(self, selection: Selection | None = None) -> Enquiry:
        """Everything that is needed to ask, without asking; `selection` instead of the one that was given."""
        choice = self.window.choice(self.region_settings)
        access = self.accounts.access()
        region = choice.with_credentials(os.environ)
        return Enquiry(region, self.selected.selection if selection is None else selection, access)


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
