"""Options that say where managers' addresses are."""

import os
from dataclasses import dataclass

import click

from fleet.errors import ConfigurationError
from notifier.options.grouping import grouped
from notifier.options.secrets import required_secret


@dataclass(frozen=True)
class AccountsArguments:
    paas_accounts_url: str | None
    paas_accounts_username: str | None
    paas_accounts_password: str | None

    def access(self) -> tuple[str, str, str] | None:
        """Address, user name and password; None where PaaS Accounts is not used. Raises ConfigurationError."""
        url = (self.paas_accounts_url or "").strip()
        if not url:
            if self.paas_accounts_username or self.paas_accounts_password:
                raise ConfigurationError("PAAS_ACCOUNTS_URL is not set, but its user name or password is: set it too")
            return None
        if not url.startswith(("http://", "https://")) or "@" in url:
            raise ConfigurationError(
                "PAAS_ACCOUNTS_URL: write it with its scheme and without a password, such as https://accounts.example.org"
            )
        username = self.paas_accounts_username or required_secret("PAAS_ACCOUNTS_USERNAME", "", None, os.environ)
        flag = "--paas-accounts-password"
        return url, username, required_secret("PAAS_ACCOUNTS_PASSWORD", flag, self.paas_accounts_password, os.environ)


accounts_options = grouped(
    "accounts",
    AccountsArguments,
    click.option(
        "--paas-accounts-url",
        envvar="PAAS_ACCOUNTS_URL",
        show_envvar=True,
        metavar="URL",
        help="Where managers' addresses are; without it, user names that are addresses are used.",
    ),
    click.option("--paas-accounts-username", metavar="NAME", help="Instead of PAAS_ACCOUNTS_USERNAME."),
    click.option(
        "--paas-accounts-password", metavar="PASSWORD", help="Instead of PAAS_ACCOUNTS_PASSWORD; visible to others."
    ),
)
