"""Tokens from Cloud Foundry's UAA: for a client of our own, or by the operator's own `cf login`."""

import base64
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import msgspec
import requests
from requests.auth import AuthBase, HTTPBasicAuth

from fleet.errors import ConfigurationError, InsufficientScopeError, RemoteError
from fleet.remote_http import NoAuth, RemoteHttp, Request
from fleet.tally import Tally

log = logging.getLogger(__name__)

SCOPES_THAT_SEE_EVERY_ORG = frozenset(
    {"cloud_controller.admin", "cloud_controller.admin_read_only", "cloud_controller.global_auditor"}
)
_RENEWED_BEFORE_EXPIRY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class BearerToken(AuthBase):
    """An access token as requests sends it."""

    access_token: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"bearer {self.access_token}"
        return request

    def __repr__(self) -> str:
        return "BearerToken(<hidden>)"


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """A UAA client that may ask for tokens of its own."""

    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"ClientCredentials({self.client_id!r}, <hidden>)"


class CfLogin(msgspec.Struct, frozen=True):
    """What the cf CLI remembers of a login: the fields of its `config.json` that matter here."""

    target: str = msgspec.field(name="Target", default="")
    access_token: str = msgspec.field(name="AccessToken", default="")
    """Including the word `bearer`."""
    refresh_token: str = msgspec.field(name="RefreshToken", default="")
    oauth_client: str = msgspec.field(name="UAAOAuthClient", default="cf")
    oauth_client_secret: str = msgspec.field(name="UAAOAuthClientSecret", default="")

    def __repr__(self) -> str:
        return f"CfLogin({self.target!r}, <hidden>)"


class _Reply(msgspec.Struct):
    access_token: str
    expires_in: float = 0
    scope: str = ""
    refresh_token: str = ""


class _Claims(msgspec.Struct):
    exp: float = 0
    scope: list[str] = []
    authorities: list[str] = []


class _Link(msgspec.Struct):
    href: str = ""


class _RootLinks(msgspec.Struct):
    uaa: _Link | None = None
    login: _Link | None = None


class _Root(msgspec.Struct):
    links: _RootLinks


class TokenSource(Protocol):
    """Where the bearer token of one Cloud Foundry comes from."""

    def token(self) -> BearerToken:
        """A token that has not expired as far as anybody knows. Raises RemoteError or InsufficientScopeError."""

    def discard(self) -> None:
        """Forget the token: Cloud Foundry refused it although it had not expired."""


class UaaTokens:
    """Tokens from the UAA that the API's root document names, kept until shortly before they expire."""

    def __init__(self, cf_api_address: str, credentials: ClientCredentials | CfLogin, tally: Tally) -> None:
        self._cf_api_address = cf_api_address
        self._credentials = credentials
        self._cloudfoundry = RemoteHttp("cloudfoundry", tally)
        self._uaa = RemoteHttp("uaa", tally)
        self._token: BearerToken | None = None
        self._renew_at = 0.0
        self._refresh_token = ""
        if isinstance(credentials, CfLogin):
            self._refresh_token = credentials.refresh_token
            self._adopt_login(credentials)

    def token(self) -> BearerToken:
        if self._token is None or time.time() >= self._renew_at:
            self._renew()
        assert self._token is not None  # noqa: S101 — _renew sets it or raises
        return self._token

    def discard(self) -> None:
        self._token = None

    def _adopt_login(self, login: CfLogin) -> None:
        """Use the token that `cf login` left until it expires, if it is one that sees every org."""
        access_token = login.access_token.partition(" ")[2] or login.access_token
        claims = _claims(access_token)
        if claims.exp and access_token:
            self._check_scope(claims, "", "the token that cf login left")
            self._token = BearerToken(access_token)
            self._renew_at = claims.exp - _RENEWED_BEFORE_EXPIRY_SECONDS

    def _renew(self) -> None:
        call = f"POST {self._uaa_address()}/oauth/token"
        if isinstance(self._credentials, ClientCredentials):
            auth = HTTPBasicAuth(self._credentials.client_id, self._credentials.client_secret)
            form: tuple[tuple[str, str], ...] = (("grant_type", "client_credentials"),)
        else:
            auth = HTTPBasicAuth(self._credentials.oauth_client, self._credentials.oauth_client_secret)
            form = (("grant_type", "refresh_token"), ("refresh_token", self._refresh_token))
        request = Request("POST", call.removeprefix("POST "), call, auth, form=form)
        reply = self._uaa.ask(request, _Reply)
        claims = _claims(reply.access_token)
        self._check_scope(claims, reply.scope, call)
        self._refresh_token = reply.refresh_token or self._refresh_token
        self._token = BearerToken(reply.access_token)
        lifetime_seconds = reply.expires_in or max(0.0, claims.exp - time.time())
        # A token that lives for less than twice the margin is still used for half of its life.
        self._renew_at = time.time() + max(lifetime_seconds - _RENEWED_BEFORE_EXPIRY_SECONDS, lifetime_seconds / 2)

    def _uaa_address(self) -> str:
        call = f"GET {self._cf_api_address}/"
        root = self._cloudfoundry.ask(Request("GET", f"{self._cf_api_address}/", call, NoAuth()), _Root)
        link = root.links.uaa or root.links.login
        address = link.href.rstrip("/") if link else ""
        scheme = urlsplit(address).scheme
        if scheme not in ("http", "https"):
            raise RemoteError("cloudfoundry", call, "its root document names no UAA")
        if scheme == "http" and urlsplit(self._cf_api_address).scheme == "https":
            raise RemoteError("cloudfoundry", call, f"names {address} as UAA: credentials are not sent over plain http")
        return address

    def _check_scope(self, claims: _Claims, reply_scope: str, call: str) -> None:
        """
        Refuse a token that sees only some orgs: Cloud Foundry would answer 200 with lists that are too short.

        An opaque token whose reply does not state its scope cannot be checked; that is said in the log.
        """
        scopes = {*claims.scope, *claims.authorities, *reply_scope.split()}
        if not scopes:
            log.warning("token scope unknown", extra={"call": call, "needed": sorted(SCOPES_THAT_SEE_EVERY_ORG)})
        elif scopes.isdisjoint(SCOPES_THAT_SEE_EVERY_ORG):
            credentials = self._credentials
            who = (
                f"client '{credentials.client_id}'"
                if isinstance(credentials, ClientCredentials)
                else "the user of cf login"
            )
            raise InsufficientScopeError(
                "uaa",
                call,
                f"the token of {who} does not see every org (its scope: {' '.join(sorted(scopes))}); give it"
                " cloud_controller.global_auditor (or cloud_controller.admin_read_only)",
            )


def _claims(access_token: str) -> _Claims:
    """What a JWT says of itself, unverified: Cloud Foundry verifies it. Empty for an opaque token."""
    payload = access_token.split(".")[1] if access_token.count(".") == 2 else ""  # noqa: PLR2004 — a JWT has three parts
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=_Claims)
    except (ValueError, msgspec.DecodeError):
        return _Claims()


def cf_login(environment: Mapping[str, str]) -> CfLogin:
    """The operator's own login, from `$CF_HOME/.cf/config.json` or `~/.cf/config.json`. Raises ConfigurationError."""
    home = environment.get("CF_HOME") or environment.get("HOME") or "~"
    path = Path(home).expanduser() / ".cf" / "config.json"
    remedy = "set CF_CLIENT_ID and CF_CLIENT_SECRET, or run cf login"
    try:
        login = msgspec.json.decode(path.read_bytes(), type=CfLogin)
    except FileNotFoundError:
        raise ConfigurationError(
            f"no Cloud Foundry credentials: CF_CLIENT_ID is not set and {path} does not exist; {remedy}"
        ) from None
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"{path}: {error}; {remedy}") from error
    if not login.target or not (login.access_token or login.refresh_token):
        raise ConfigurationError(f"{path}: nobody is logged in; {remedy}")
    return login
