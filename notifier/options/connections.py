"""
Where secrets and the ledger are, and who writes into it.

Secrets that the old runbook gives as flags work, and earn a warning.
"""

import getpass
import os
import socket

import click
import cloup

from fleet.errors import ConfigurationError
from fleet.program.secret_sources import SecretSources
from ledger.ledger import Ledger


def secret(name: str, flag: str, given: str | None) -> str:
    """From the flag, or from where secrets come from. Raises ConfigurationError where no place has it."""
    if given is not None:
        click.echo(
            f"warning: {flag}: every user of this machine can read it in the process list;"
            f" set {name} or {name}_FILE instead",
            err=True,
        )
        return given
    if found := SecretSources(os.environ).get(name):
        return found
    raise ConfigurationError(f"{name} is not set: set it, or {name}_FILE, or bind a service that has it")


def opened_ledger() -> Ledger:
    """
    The team's at LEDGER_URL, or the file in the user's state folder; to be entered with `with`.

    The address may hold a password, so there is no flag for it. Raises ConfigurationError.
    """
    return Ledger(SecretSources(os.environ).get("LEDGER_URL"))


def user_and_host() -> str:
    """Such as `ada@jumpbox-1`; a container's user often has a number only."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


operator_option = cloup.option(
    "--operator",
    envvar="OPERATOR",
    default=user_and_host,
    show_default="user@host",
    show_envvar=True,
    metavar="NAME",
    help="Who does it: the ledger keeps the name, so that colleagues know whom to ask.",
)
