"""Asks PaaS Accounts for managers' addresses, many in one request."""

import re
from collections.abc import Iterable

import msgspec

from fleet.basic_auth import BasicAuth
from fleet.errors import RemoteError
from fleet.inventory import User
from fleet.remote_http import RemoteHttp, Request, StatusError
from fleet.tally import Tally
from fleet.time_limit import TimeLimit
from notifier.contacts.accounts_access import AccountsAccess
from notifier.contacts.managers import Address

_SYSTEM = "paas-accounts"
_UUIDS_PER_REQUEST = 100  # makes a query of 3.7 kB, which every router accepts
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOBODY = "00000000-0000-4000-8000-000000000000"
_MOST_CHARACTERS = 320  # GOV.UK Notify accepts no longer addresses
_BAD_REQUEST, _UNAUTHORIZED = 400, 401


class _Account(msgspec.Struct):
    user_uuid: str
    user_email: str | None = None


class _Users(msgspec.Struct):
    users: list[_Account | None]


class PaasAccounts:
    def __init__(self, access: AccountsAccess, tally: Tally, limit: TimeLimit | None = None) -> None:
        self._url = access.url.rstrip("/")
        self._call = f"GET {self._url}/users"
        self._auth = BasicAuth(access.username, access.password)
        self._tally = tally
        self._http = RemoteHttp(_SYSTEM, tally, limit=limit)

    def require_answer(self) -> None:
        """Asks about a user that nobody is. Raises RemoteError."""
        self.addresses([User(_NOBODY)])

    def addresses(self, users: Iterable[User]) -> dict[str, Address]:
        """The address of each user, by the user's guid. Raises RemoteError."""
        guids = sorted({user.guid for user in users})
        # A program's user guid is its client id, and one id that is not a uuid makes the whole request fail.
        askable = [guid.lower() for guid in guids if _UUID.fullmatch(guid.lower())]
        found: dict[str, Address] = {}
        for start in range(0, len(askable), _UUIDS_PER_REQUEST):
            found.update(self._found(askable[start : start + _UUIDS_PER_REQUEST]))
        return {guid: found.get(guid.lower(), _CLIENT) for guid in guids}

    def _found(self, uuids: list[str]) -> dict[str, Address]:
        """For each user, the address or the reason why there is none. A refused uuid costs nobody else their mail."""
        known = self._known(uuids)
        if len(uuids) > 1 and all(address is _REFUSED for address in known.values()):
            raise RemoteError(_SYSTEM, self._call, "HTTP 400 for every user, so it is not about one of them")
        return known

    def _known(self, uuids: list[str]) -> dict[str, Address]:
        try:
            reply = self._http.ask(self._request(uuids), _Users)
        except StatusError as error:
            if error.status == _UNAUTHORIZED:
                cause = f"{error.cause}; check PAAS_ACCOUNTS_USERNAME and PAAS_ACCOUNTS_PASSWORD"
                raise RemoteError(_SYSTEM, error.call, cause) from error
            if error.status != _BAD_REQUEST:
                raise
            if len(uuids) == 1:
                return {uuids[0]: _REFUSED}
            half = len(uuids) // 2
            return self._known(uuids[:half]) | self._known(uuids[half:])
        accounts = {account.user_uuid.lower(): account for account in reply.users if account is not None}
        if len(reply.users) != len(uuids) or not accounts.keys() <= set(uuids):
            # It answers null for users that it does not know. If we took users left out for those, nobody told them.
            self._tally.count_failure(_SYSTEM)
            raise RemoteError(_SYSTEM, self._call, f"it was asked for {len(uuids)} users, and answered for others")
        return {uuid: _address(accounts[uuid]) if uuid in accounts else _UNKNOWN for uuid in uuids}

    def _request(self, uuids: list[str]) -> Request:
        return Request("GET", f"{self._url}/users", self._call, self._auth, (("uuids", ",".join(uuids)),))


_CLIENT = Address(None, "not a person: a UAA client")
_UNKNOWN = Address(None, "not known to PaaS Accounts")
_REFUSED = Address(None, "PaaS Accounts refuses its guid")


def _address(account: _Account) -> Address:
    email = (account.user_email or "").strip().lower()
    if not email:
        return Address(None, "has no address in PaaS Accounts")
    is_usable = email.isprintable() and len(email) <= _MOST_CHARACTERS
    return Address(email) if is_usable else Address(None, "its address in PaaS Accounts is not an e-mail address")
