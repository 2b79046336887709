"""Reads what the cf CLI has stored about the operator's own `cf login`."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from fleet.errors import ConfigurationError, NotSetUpError
from fleet.given_files import whole_file
from fleet.known_types import known
from fleet.unreadable import UNREADABLE, why_unreadable

_REMEDY = "set CF_CLIENT_ID and CF_CLIENT_SECRET, or run cf login"


class CfLogin(msgspec.Struct, frozen=True):
    """The fields of the CLI's `config.json` that we need."""

    target: str = msgspec.field(name="Target", default="")
    access_token: str = msgspec.field(name="AccessToken", default="")
    """Including the word `bearer`."""
    refresh_token: str = msgspec.field(name="RefreshToken", default="")
    oauth_client: str = msgspec.field(name="UAAOAuthClient", default="cf")
    oauth_client_secret: str = msgspec.field(name="UAAOAuthClientSecret", default="")
    uaa_endpoint: str = msgspec.field(name="UaaEndpoint", default="")
    """The UAA to which the CLI itself sends the refresh token."""

    def __repr__(self) -> str:
        return f"CfLogin({self.target!r}, <hidden>)"


def cf_login(environment: Mapping[str, str]) -> CfLogin:
    """Reads `$CF_HOME/.cf/config.json` or `~/.cf/config.json`. Raises ConfigurationError."""
    try:
        home = Path(environment.get("CF_HOME") or environment.get("HOME") or "~").expanduser()
    except RuntimeError:  # the machine does not know the user, which is usual in containers
        raise NotSetUpError(
            f"no Cloud Foundry credentials: CF_CLIENT_ID is not set, and this user has no home folder; {_REMEDY}"
        ) from None
    path = home / ".cf" / "config.json"
    try:
        login = msgspec.json.decode(whole_file(path), type=known(CfLogin))
    except FileNotFoundError:
        raise NotSetUpError(
            f"no Cloud Foundry credentials: CF_CLIENT_ID is not set and {path} does not exist; {_REMEDY}"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}; {_REMEDY}") from error
    except UNREADABLE as error:
        raise ConfigurationError(f"{path}: not what the cf CLI writes ({why_unreadable(error)}); {_REMEDY}") from error
    if not login.target or not (login.access_token or login.refresh_token):
        raise NotSetUpError(f"{path}: nobody is logged in; {_REMEDY}")
    return login
