"""Options that say where to find managers' addresses."""

from dataclasses import dataclass, field

import cloup

from fleet.errors import ConfigurationError
from fleet.program.addresses import checked_address
from fleet.program.grouping import grouped
from fleet.program.options import CONNECTIONS
from notifier.contacts.accounts_access import AccountsAccess
from notifier.contacts.address_book import AddressBook, address_book
from notifier.options.connections import secret


@dataclass(frozen=True)
class AccountsArguments:
    paas_accounts_url: str | None
    paas_accounts_username: str | None
    paas_accounts_password: str | None = field(repr=False)
    address_book: str | None = None

    def book(self, of_region: str | None = None) -> AddressBook:
        """`of_region` is the region's own path. Empty without ADDRESS_BOOK. Raises ConfigurationError."""
        path = (of_region or self.address_book or "").strip()
        return address_book(path) if path else AddressBook()

    def access(self) -> AccountsAccess | None:
        """None if PaaS Accounts is not used. Raises ConfigurationError."""
        url = (self.paas_accounts_url or "").strip()
        if not url:
            if self.paas_accounts_username or self.paas_accounts_password:
                raise ConfigurationError("PAAS_ACCOUNTS_URL is not set, but its user name or password is: set it too")
            return None
        username = self.paas_accounts_username or secret("PAAS_ACCOUNTS_USERNAME", "", None)
        if ":" in username:
            raise ConfigurationError("PAAS_ACCOUNTS_USERNAME: it holds a colon, which ends a user name")
        return AccountsAccess(
            url=checked_address("PAAS_ACCOUNTS_URL", url, "https://accounts.example.org", may_have_path=True),
            username=username,
            password=secret("PAAS_ACCOUNTS_PASSWORD", "--paas-accounts-password", self.paas_accounts_password),
        )


accounts_options = grouped(
    "accounts",
    AccountsArguments,
    cloup.option(
        "--paas-accounts-url",
        envvar="PAAS_ACCOUNTS_URL",
        show_envvar=True,
        metavar="URL",
        help="PaaS Accounts, which knows managers' addresses. Without it, user names that are addresses are used.",
    ),
    cloup.option(
        "--paas-accounts-username",
        metavar="NAME",
        help="The user name for PaaS Accounts, instead of PAAS_ACCOUNTS_USERNAME.",
    ),
    cloup.option(
        "--paas-accounts-password",
        metavar="PASSWORD",
        help="The password, instead of PAAS_ACCOUNTS_PASSWORD; other users of this machine can see it here.",
    ),
    cloup.option(
        "--address-book",
        envvar="ADDRESS_BOOK",
        show_envvar=True,
        metavar="FILE",
        help="Your own TOML file of who is told for an org; its orgs are told at those addresses only.",
    ),
    heading=CONNECTIONS,
)
