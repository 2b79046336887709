"""Secrets that the old runbook gives as flags: they work, and earn a warning."""

import os
from collections.abc import Mapping

import click

from fleet.errors import ConfigurationError
from fleet.secret_sources import SecretSources


def secret(name: str, flag: str, given: str | None, environment: Mapping[str, str]) -> str | None:
    """From the flag, or from where secrets come from. Raises ConfigurationError."""
    if given is not None:
        click.echo(
            f"warning: {flag}: every user of this machine can read it in the process list;"
            f" set {name} or {name}_FILE instead",
            err=True,
        )
        return given
    return SecretSources(environment).get(name)


def required_secret(name: str, flag: str, given: str | None, environment: Mapping[str, str]) -> str:
    found = secret(name, flag, given, environment)
    if not found:
        raise ConfigurationError(f"{name} is not set: set it, or {name}_FILE, or bind a service that has it")
    return found


def ledger_url() -> str | None:
    """It may hold a password, so there is no flag for it."""
    return secret("LEDGER_URL", "", None, os.environ)
