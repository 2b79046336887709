"""Basic auth against bcrypt hashes, in a time that does not tell whether the user exists."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import bcrypt

_NOBODYS_SALT_AND_DIGEST = b"tMPuRadPoQPm1/w7JIRF5.XClWcIYyscbTWXJExy8guymI6GVOH.G"
_CHECKS_WAITING = 8

_key = secrets.token_bytes(32)
_checker = ThreadPoolExecutor(1, thread_name_prefix="password")
"""bcrypt is slow on purpose: it gets one thread of its own, and can take no more than that from everything else."""


class TooManyGuessesError(Exception):
    """As many passwords as may wait are waiting to be checked."""


@dataclass(frozen=True, slots=True)
class Credentials:
    user: str
    password: str

    def __repr__(self) -> str:
        return "Credentials(<hidden>)"


class BasicAuth:
    """
    Who may come in. A password that was right once is remembered as a keyed digest, as exporter-toolkit does:
    Prometheus sends the same one with every scrape, and must not wait for bcrypt, nor behind others who guess.
    """

    def __init__(self, users: Mapping[str, str], earlier: "BasicAuth | None" = None) -> None:
        """`users`: user name → bcrypt hash. What `earlier` remembers holds on where the hash is the same."""
        self._users = {user: password_hash.encode() for user, password_hash in users.items()}
        cost = max((password_hash[4:6] for password_hash in self._users.values()), default=b"10")
        self._nobodys_hash = b"$2b$%b$%b" % (cost, _NOBODYS_SALT_AND_DIGEST)
        self._known: dict[tuple[str, bytes], bytes] = {}
        if earlier is not None:
            self._known = {key: known for key, known in earlier._known.items() if key in self._users.items()}  # noqa: SLF001 — of the same class
        self._waiting_count = 0

    @property
    def is_required(self) -> bool:
        return bool(self._users)

    async def admits(self, authorization: str | None) -> bool:
        """
        Whether the value of an Authorization header names a user and the right password.

        Known at once where there is nothing to check or the password is remembered. Raises TooManyGuessesError.
        """
        credentials = _credentials(authorization)
        if credentials is None:
            return False
        password_hash = self._users.get(credentials.user, self._nobodys_hash)
        key = (credentials.user, password_hash)
        digest = _digest(credentials.password)
        if hmac.compare_digest(self._known.get(key, b""), digest):
            return True
        if self._waiting_count >= _CHECKS_WAITING:
            raise TooManyGuessesError
        self._waiting_count += 1
        try:
            is_right = await asyncio.get_running_loop().run_in_executor(
                _checker, _checked, credentials.password, password_hash
            )
        finally:
            self._waiting_count -= 1
        if is_right and credentials.user in self._users:
            self._known[key] = digest
            return True
        return False


def _digest(password: str) -> bytes:
    return hmac.digest(_key, password.encode(errors="surrogateescape"), hashlib.sha256)


def _checked(password: str, password_hash: bytes) -> bool:
    try:
        # bcrypt has always looked at 72 bytes only; the library now refuses more instead of cutting them off.
        return bcrypt.checkpw(password.encode(errors="surrogateescape")[:72], password_hash)
    except ValueError:
        return False


def _credentials(authorization: str | None) -> Credentials | None:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode(errors="surrogateescape")
    except (binascii.Error, ValueError):
        return None
    user, colon, password = decoded.partition(":")
    return Credentials(user, password) if user and colon else None
