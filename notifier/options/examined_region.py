"""The settings of one region that `doctor` examines. Each is read when it is looked at."""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from fleet.aws.client import AwsAccess
from fleet.errors import ConfigurationError
from fleet.program.aws_settings import check_environment
from fleet.program.regions import RegionEntry, RegionSettings, cf_access
from fleet.region import CfAccess, Region
from fleet.survey import Survey
from notifier.contacts.address_book import AddressBook
from notifier.contacts.contact import Contacts
from notifier.contacts.tagged import contacts_of_tags_and_book
from notifier.options.accounts import AccountsArguments
from notifier.options.connections import recorded_accounts_of, secret_sources
from notifier.region_choice import RegionChoice


@dataclass(frozen=True)
class ExaminedRegion:
    """One region. Each method concerns one system's settings only, and raises ConfigurationError."""

    choice: RegionChoice
    apply_role_arn: str | None
    accounts: AccountsArguments

    @property
    def name(self) -> str | None:
        return self.choice.name

    @property
    def components(self) -> Sequence[str]:
        return self.choice.statuspage_components

    def reading(self) -> AwsAccess:
        check_environment(os.environ)
        return self.choice.aws_access(secret_sources())

    def acting(self) -> AwsAccess:
        return self.choice.acting_aws(secret_sources(), self.apply_role_arn)

    def cloudfoundry(self) -> CfAccess | None:
        return self.choice.cf_access(os.environ, secret_sources())

    def whole(self) -> Region:
        return self.choice.with_credentials(os.environ)

    def address_book(self) -> AddressBook | None:
        """None without one."""
        is_named = bool(self.choice.address_book or self.accounts.address_book)
        return self.accounts.book(self.choice.address_book) if is_named else None

    def contacts(self, survey: Survey, address_tag: str) -> Contacts:
        """A wrong address book is a fault of its own, and counts for nothing here."""
        book = None
        with contextlib.suppress(ConfigurationError):
            book = self.address_book()
        return contacts_of_tags_and_book(survey.service_instances, address_tag, book or AddressBook())

    def unknown_in_book(self, survey: Survey) -> int:
        """How many entries of the address book are for no org that has an instance."""
        book = None
        with contextlib.suppress(ConfigurationError):  # as above
            book = self.address_book()
        return len(book.unknown((i.org_guid, i.org_name) for i in survey.service_instances)) if book else 0

    def recorded_accounts(self) -> Sequence[str]:
        """Those in which the ledger says that updates were applied. Raises ConfigurationError and RemoteError."""
        return recorded_accounts_of(self.choice.aws_region)


@dataclass(frozen=True)
class NoRegion:
    """It is not known which AWS region is meant; Cloud Foundry's settings may be whole all the same."""

    settings: RegionSettings
    error: ConfigurationError
    name: str | None = None
    components: Sequence[str] = ()

    def reading(self) -> NoReturn:
        raise self.error

    acting = whole = reading

    def address_book(self) -> None:
        """Which one is meant is not known."""

    def contacts(self, survey: Survey, address_tag: str) -> Contacts:
        return contacts_of_tags_and_book(survey.service_instances, address_tag, AddressBook())

    def unknown_in_book(self, survey: Survey) -> int:  # noqa: ARG002 — as of a region that is known
        return 0

    def cloudfoundry(self) -> CfAccess | None:
        if self.settings.regions_file is not None:
            raise self.error
        entry = RegionEntry(
            name="",
            aws_region="",
            cf_api_address=self.settings.cf_api_address or "",
            cf_uaa_address=self.settings.cf_uaa_address or "",
        )
        return cf_access(entry, self.settings, os.environ, secret_sources())

    def recorded_accounts(self) -> Sequence[str]:
        return ()
