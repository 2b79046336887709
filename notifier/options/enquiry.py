"""The options of commands that ask AWS and Cloud Foundry who is affected."""

import functools
import os
from dataclasses import dataclass, replace
from typing import Any

from fleet.errors import ConfigurationError
from fleet.program.grouping import Command
from fleet.program.options import region_options
from fleet.program.regions import RegionSettings
from fleet.tenants.tenancy import refuse_accounts_of_nobody
from notifier.affected import AffectedOrg, Selection, only_org
from notifier.enquiry import Enquiry
from notifier.maintenance import Maintenance, tenants_of
from notifier.options.accounts import AccountsArguments, accounts_options
from notifier.options.connections import opened_ledger
from notifier.options.selection import SelectionArguments, selection_options
from notifier.options.window import (
    ReplacedWindowArguments,
    WindowArguments,
    replaced_window_options,
    window_and_alternative_options,
)
from notifier.region_choice import region_names, tenancies


@dataclass(frozen=True)
class EnquiryArguments:
    """The options as given. Each method checks those that it uses, and raises ConfigurationError."""

    window: WindowArguments
    selected: SelectionArguments
    accounts: AccountsArguments
    region_settings: RegionSettings
    replaced: ReplacedWindowArguments | None = None
    """None if the command does not have these options."""

    def maintenance(self) -> Maintenance:
        maintenance = self.window.maintenance(self.window.choice(self.region_settings))
        return maintenance if self.replaced is None else self.replaced.taken_into(maintenance)

    def optional_maintenance(self) -> Maintenance | None:
        """None if no window is given."""
        return self.window.optional_maintenance(self.window.choice(self.region_settings))

    def enquiry(self, selection: Selection | None = None) -> Enquiry:
        """Prepares an enquiry without asking anything yet. `selection` replaces the selection that was given."""
        choice = self.window.choice(self.region_settings)
        self.check_accounts()
        access = choice.tenancy.if_of_cloudfoundry(self.accounts.access)
        book = self.accounts.book(choice.address_book)
        region = choice.with_credentials(os.environ)
        selected = self.selected.selection if selection is None else selection
        return Enquiry(region, selected, access, tenants_of(region), book)

    def check_accounts(self) -> None:
        """Raises ConfigurationError for PaaS Accounts that no region of all could use."""
        refuse_accounts_of_nobody(tenancies(self.region_settings), self.accounts.paas_accounts_url)

    def check_books(self) -> None:
        """Reads the address book of the region that is meant or, if none is named, of all that REGIONS_FILE has."""
        file, named = self.region_settings.regions_file, self.window.region
        if file is None or named is not None:
            self.accounts.book(self.window.choice(self.region_settings).address_book)
            return
        of_none = replace(self.region_settings, aws_region=None)  # AWS_REGION would name one of several
        for name in region_names(file):
            choice = replace(self.window, region=name).choice(of_none)
            self.accounts.book(choice.address_book)

    def org_to_tell(self, named: str) -> AffectedOrg:
        """
        Asks for the one affected org that has this name or guid, without its deferred instances.

        May also raise RemoteError.
        """
        from ledger.window_facts import window_facts  # noqa: PLC0415 — only this command needs what it loads

        only_it = replace(self.selected.selection, only_orgs=frozenset({named}))
        affected = only_org(self.enquiry(only_it).findings().orgs, named)
        with opened_ledger() as ledger:
            facts = window_facts(ledger, self.maintenance().key)
        left = affected.without(facts.deferred(i.service_instance for i in affected.instances))
        if left is None:
            raise ConfigurationError(f"--org '{named}': all its affected instances are deferred, so it gets no mail")
        return left


def enquiry_options(command: Command) -> Command:
    """Adds the options, and gives the command their values as `asked`."""

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
    """Like `enquiry_options`, with the options for the window whose place this window takes."""

    @functools.wraps(command)
    def with_replaced(
        *args: object,
        asked: EnquiryArguments,
        replaced: ReplacedWindowArguments,
        **kwargs: Any,  # noqa: ANN401 — click's values
    ) -> Any:  # noqa: ANN401 — the command's answer
        return command(*args, asked=replace(asked, replaced=replaced), **kwargs)

    return enquiry_options(replaced_window_options(with_replaced))
