"""Finds secrets and the ledger, and the name that the ledger records. Warns about secrets given as flags."""

import functools
import getpass
import os
import socket
from typing import TYPE_CHECKING

import click
import cloup

from fleet.errors import NotSetUpError
from fleet.program.secret_sources import SecretSources
from notifier.options.remarks import Remark

if TYPE_CHECKING:
    from ledger.inspection import Inspection
    from ledger.ledger import Ledger


def secret(name: str, flag: str, given: str | None) -> str:
    """The secret from its flag or from its usual sources. Raises ConfigurationError if none of them has it."""
    if given is not None:
        click.echo(
            f"warning: {flag}: every user of this machine can read it in the process list;"
            f" set {name}, {name}_FILE or {name}_COMMAND instead",
            err=True,
        )
        return given
    if found := secret_sources().get(name):
        return found
    raise NotSetUpError(f"{name} is not set: set it, or {name}_FILE or {name}_COMMAND, or bind a service that has it")


def secret_sources() -> SecretSources:
    """The same object on each call, so that a secret's command runs once, however often the secret is asked for."""
    return _sources_of(frozenset(os.environ.items()))


@functools.lru_cache(maxsize=1)
def _sources_of(environment: frozenset[tuple[str, str]]) -> SecretSources:
    return SecretSources(dict(environment))


def opened_ledger() -> "Ledger":
    """
    The ledger at LEDGER_URL, or in the user's state folder. Enter it using `with`.

    The address may hold a password, so there is no flag for it. Raises ConfigurationError.
    """
    from ledger.ledger import Ledger  # noqa: PLC0415 — SQLAlchemy takes as long to load as everything else together

    return Ledger(secret_sources().get("LEDGER_URL"))


def inspected_ledger() -> "Inspection":
    """The same ledger, looked at without making or changing it. Raises ConfigurationError and RemoteError."""
    from ledger.inspection import inspection  # noqa: PLC0415 — as above

    return inspection(secret_sources().get("LEDGER_URL"))


def recorded_accounts_of(aws_region: str) -> list[str]:
    """The AWS accounts in which the ledger says that updates were applied. Raises ConfigurationError, RemoteError."""
    from ledger.accounts import recorded_accounts  # noqa: PLC0415 — as above
    from ledger.ledger_reader import LedgerReader  # noqa: PLC0415 — as above

    return recorded_accounts(LedgerReader(secret_sources().get("LEDGER_URL")), aws_region)


def user_and_host() -> str:
    """Such as `ada@jumpbox-1`, or `1000@jumpbox-1` for a user without a name, as in many containers."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


operator_option = cloup.option(
    "--operator",
    envvar="OPERATOR",
    type=Remark(),
    default=user_and_host,
    show_default="user@host",
    show_envvar=True,
    metavar="NAME",
    help="Your name, which the ledger records, so that colleagues know whom to ask.",
)

apply_role_option = cloup.option(
    "--aws-apply-role-arn",
    envvar="AWS_APPLY_ROLE_ARN",
    show_envvar=True,
    metavar="ARN",
    help="A role to assume for starting and stopping updates. Without it, the credentials that read do that too.",
)
