"""Tokens from Cloud Foundry's UAA, for a client of our own or from the operator's own `cf login`."""

import base64
import logging
import re
import time
from dataclasses import dataclass
from typing import Protocol

import msgspec
import requests
from requests.auth import AuthBase

from fleet.basic_auth import UaaClientAuth
from fleet.cloudfoundry.credentials import ClientCredentials
from fleet.cloudfoundry.discovery import uaa_address
from fleet.cloudfoundry.login import CfLogin
from fleet.errors import InsufficientScopeError, RemoteError
from fleet.known_types import known
from fleet.printable import one_line
from fleet.remote_http import RemoteHttp, Request, StatusError
from fleet.tally import Tally
from fleet.unreadable import UNREADABLE

log = logging.getLogger(__name__)

SCOPES_THAT_SEE_EVERY_ORG = frozenset(
    {"cloud_controller.admin", "cloud_controller.admin_read_only", "cloud_controller.global_auditor"}
)
_RENEWED_BEFORE_EXPIRY_SECONDS = 60
_LONGEST_LIFETIME_SECONDS = 30 * 86_400.0
_TOKEN = re.compile(r"[\x21-\x7e]{1,65536}")
"""The characters and the length that fit into a header."""
_MOST_CHARACTERS_OF_SCOPE = 300
_BAD_REQUEST, _UNAUTHORIZED = 400, 401


@dataclass(frozen=True, slots=True)
class BearerToken(AuthBase):
    """Lets requests send an access token."""

    access_token: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"bearer {self.access_token}"
        return request

    def __repr__(self) -> str:
        return "BearerToken(<hidden>)"


class _Reply(msgspec.Struct):
    access_token: str
    expires_in: float = 0
    scope: str = ""
    refresh_token: str = ""


class _Claims(msgspec.Struct):
    exp: float = 0
    scope: list[str] = []
    authorities: list[str] = []


class TokenSource(Protocol):
    """Where the bearer token of one Cloud Foundry comes from."""

    def token(self) -> BearerToken:
        """A token that, as far as we know, has not expired. Raises RemoteError or InsufficientScopeError."""

    def discard(self) -> None:
        """Forgets the token, because Cloud Foundry refused it although it had not expired."""


class UaaTokens:
    """Gets tokens from UAA, and keeps each until shortly before it expires."""

    def __init__(self, cf_api_address: str, credentials: ClientCredentials | CfLogin, tally: Tally) -> None:
        self._cf_api_address = cf_api_address
        self._credentials = credentials
        self._cloudfoundry = RemoteHttp("cloudfoundry", tally)
        self._uaa = RemoteHttp("uaa", tally)
        self._token: BearerToken | None = None
        self._renew_at = 0.0
        self._refresh_token = ""
        self.scopes: frozenset[str] = frozenset()
        """Of the latest token; empty where nobody states them."""
        if isinstance(credentials, CfLogin):
            self._refresh_token = credentials.refresh_token
            self._adopt_login(credentials)

    def token(self) -> BearerToken:
        if self._token is None or time.monotonic() >= self._renew_at:
            self._renew()
        assert self._token is not None  # noqa: S101 — _renew sets it or raises
        return self._token

    def discard(self) -> None:
        self._token = None

    def _adopt_login(self, login: CfLogin) -> None:
        """Uses the token that `cf login` left until it expires, after checking that it sees every org."""
        access_token = login.access_token.partition(" ")[2] or login.access_token
        claims = _claims(access_token)
        if claims.exp and _TOKEN.fullmatch(access_token):
            self._check_scope(claims, "", "the token that cf login left")
            self._keep(access_token, claims.exp - time.time() - _RENEWED_BEFORE_EXPIRY_SECONDS)

    def _keep(self, access_token: str, seconds: float) -> None:
        """Measures by the monotonic clock. A token that has expired all the same is refused, and then renewed."""
        self._token = BearerToken(access_token)
        self._renew_at = time.monotonic() + min(seconds, _LONGEST_LIFETIME_SECONDS)

    def _renew(self) -> None:
        url = f"{self._uaa_address()}/oauth/token"
        call = f"POST {url}"
        if isinstance(self._credentials, ClientCredentials):
            auth = UaaClientAuth(self._credentials.client_id, self._credentials.client_secret)
            form: tuple[tuple[str, str], ...] = (("grant_type", "client_credentials"),)
        else:
            auth = UaaClientAuth(self._credentials.oauth_client, self._credentials.oauth_client_secret)
            form = (("grant_type", "refresh_token"), ("refresh_token", self._refresh_token))
        try:
            reply = self._uaa.ask(Request("POST", url, call, auth, form=form), _Reply)
        except StatusError as error:
            raise self._with_remedy(error) from error
        if not _TOKEN.fullmatch(reply.access_token):
            raise RemoteError("uaa", call, "unexpected body: its access_token is none")
        claims = _claims(reply.access_token)
        self._check_scope(claims, reply.scope, call)
        self._refresh_token = reply.refresh_token or self._refresh_token
        lifetime_seconds = max(0.0, reply.expires_in or claims.exp - time.time())
        # A token with a lifetime below twice the margin is used for half of its lifetime.
        self._keep(reply.access_token, max(lifetime_seconds - _RENEWED_BEFORE_EXPIRY_SECONDS, lifetime_seconds / 2))

    def _with_remedy(self, error: StatusError) -> RemoteError:
        if error.status not in (_BAD_REQUEST, _UNAUTHORIZED):
            return error
        is_client = isinstance(self._credentials, ClientCredentials)
        remedy = "check CF_CLIENT_ID and CF_CLIENT_SECRET" if is_client else "run cf login again"
        return StatusError(error.system, error.call, f"{error.cause}; {remedy}", error.status)

    def _uaa_address(self) -> str:
        if isinstance(self._credentials, ClientCredentials):
            return self._credentials.uaa_address or uaa_address(self._cloudfoundry, self._cf_api_address)
        return uaa_address(self._cloudfoundry, self._cf_api_address, self._credentials.uaa_endpoint)

    def _check_scope(self, claims: _Claims, reply_scope: str, call: str) -> None:
        """
        Refuses a token that sees only some orgs, because Cloud Foundry would answer 200 with lists that are too short.

        The scope of an opaque token cannot be checked if UAA's reply does not state it; then logs a warning.
        """
        scopes = {*claims.scope, *claims.authorities, *reply_scope.split()}
        self.scopes = frozenset(scopes)
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
                f"the token of {who} does not see every org (its scope: {_shown(scopes)}); give it"
                " cloud_controller.global_auditor (or cloud_controller.admin_read_only)",
            )


def _shown(scopes: set[str]) -> str:
    return one_line(" ".join(sorted(scopes)), _MOST_CHARACTERS_OF_SCOPE)


def _claims(access_token: str) -> _Claims:
    """The claims in a JWT, unverified, since Cloud Foundry verifies them. Empty for an opaque token."""
    payload = access_token.split(".")[1] if access_token.count(".") == 2 else ""  # noqa: PLR2004 — a JWT has three parts
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=known(_Claims))
    except UNREADABLE:
        return _Claims()
