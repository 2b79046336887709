"""Managers' addresses from PaaS Accounts, many in one request."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
from requests.auth import HTTPBasicAuth

from fleet.errors import RemoteError
from fleet.inventory import User
from fleet.remote_http import RemoteHttp, Request, StatusError
from fleet.tally import Tally
from notifier.audience import Address

_SYSTEM = "paas-accounts"
_UUIDS_PER_REQUEST = 100  # 3.7 kB of query, which every router in front accepts
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BAD_REQUEST, _UNAUTHORIZED = 400, 401


class _Account(msgspec.Struct):
    user_uuid: str
    user_email: str | None = None


class _Users(msgspec.Struct):
    users: list[_Account | None]


@dataclass(frozen=True, slots=True)
class AccountsAccess:
    """Where PaaS Accounts is, and as whom to ask it."""

    url: str
    username: str
    password: str = field(repr=False)


class PaasAccounts:
    def __init__(self, access: AccountsAccess, tally: Tally) -> None:
        self._url = access.url.rstrip("/")
        self._auth = HTTPBasicAuth(access.username.encode(), access.password.encode())
        self._http = RemoteHttp(_SYSTEM, tally)

    def addresses(self, users: Iterable[User]) -> dict[str, Address]:
        """By the user's guid, of every user given. Raises RemoteError."""
        guids = sorted({user.guid for user in users})
        # A program holds roles under its client id, and one id that is no uuid makes the whole request fail.
        askable = [guid for guid in guids if _UUID.fullmatch(guid.lower())]
        found: dict[str, Address] = {}
        for start in range(0, len(askable), _UUIDS_PER_REQUEST):
            found.update(self._found([guid.lower() for guid in askable[start : start + _UUIDS_PER_REQUEST]]))
        unknown = Address(None, "not known to PaaS Accounts")
        client = Address(None, "not a person: a UAA client")
        return {guid: found.get(guid.lower(), unknown) if guid in set(askable) else client for guid in guids}

    def _found(self, uuids: list[str]) -> dict[str, Address]:
        """Those of the users that PaaS Accounts knows. A uuid that it refuses costs nobody else their mail."""
        try:
            reply = self._http.ask(self._request(uuids), _Users)
        except StatusError as error:
            if error.status == _UNAUTHORIZED:
                cause = f"{error.cause}; check PAAS_ACCOUNTS_USERNAME and PAAS_ACCOUNTS_PASSWORD"
                raise RemoteError(_SYSTEM, error.call, cause) from error
            if error.status != _BAD_REQUEST:
                raise
            if len(uuids) == 1:
                return {}
            half = len(uuids) // 2
            return self._found(uuids[:half]) | self._found(uuids[half:])
        return {account.user_uuid.lower(): _address(account) for account in reply.users if account is not None}

    def _request(self, uuids: list[str]) -> Request:
        params = (("uuids", ",".join(uuids)),)
        return Request("GET", f"{self._url}/users", f"GET {self._url}/users", self._auth, params)


def _address(account: _Account) -> Address:
    email = (account.user_email or "").strip().lower()
    return Address(email) if email else Address(None, "has no address in PaaS Accounts")
