"""The option that says who does what the ledger records."""

import getpass
import os
import socket

import cloup


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
