"""Checks passwords against bcrypt hashes, in a time that does not reveal whether the user exists."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import bcrypt

_NOBODYS_SALT_AND_DIGEST = b"tMPuRadPoQPm1/w7JIRF5.XClWcIYyscbTWXJExy8guymI6GVOH.G"
_MOST_WAITING = 8
_MOST_WAITING_OF_ONE_CLIENT = 4
"""So that whoever guesses from one address leaves room for the others, who are not remembered after a restart."""

_key = secrets.token_bytes(32)
_checker = ThreadPoolExecutor(1, thread_name_prefix="password")
"""bcrypt is slow on purpose, so it gets only one thread, and cannot slow everything else down further."""


class TooManyGuessesError(Exception):
    """Too many passwords are already waiting to be checked."""


@dataclass(frozen=True, slots=True)
class Credentials:
    user: str
    password: str

    def __repr__(self) -> str:
        return "Credentials(<hidden>)"


class BasicAuth:
    """
    Decides who may come in.

    Remembers a keyed digest of a password that was right once, as exporter-toolkit does: Prometheus sends the same
    password with every scrape, and must wait neither for bcrypt nor for others who guess.
    """

    def __init__(self, users: Mapping[str, str], earlier: "BasicAuth | None" = None) -> None:
        """`users` maps user names to bcrypt hashes. Keeps what `earlier` remembers about unchanged hashes."""
        self._users = {user: password_hash.encode() for user, password_hash in users.items()}
        cost = max((password_hash[4:6] for password_hash in self._users.values()), default=b"10")
        self._nobodys_hash = b"$2b$%b$%b" % (cost, _NOBODYS_SALT_AND_DIGEST)
        self._known: dict[tuple[str, bytes], bytes] = {}
        if earlier is not None:
            self._known = {key: known for key, known in earlier._known.items() if key in self._users.items()}  # noqa: SLF001 — the same class
        self._waiting: Counter[str] = Counter()

    @property
    def is_required(self) -> bool:
        return bool(self._users)

    async def admits(self, authorization: str | None, client: str = "") -> bool:
        """
        True if the value of an Authorization header names a user and the right password. `client` is who sends it.

        Answers at once if there is nothing to check or the password is remembered. Raises TooManyGuessesError.
        """
        credentials = _credentials(authorization)
        if credentials is None:
            return False
        password_hash = self._users.get(credentials.user, self._nobodys_hash)
        key = (credentials.user, password_hash)
        digest = _digest(credentials.password)
        if hmac.compare_digest(self._known.get(key, b""), digest):
            return True
        if self._waiting.total() >= _MOST_WAITING or self._waiting[client] >= _MOST_WAITING_OF_ONE_CLIENT:
            raise TooManyGuessesError
        self._waiting[client] += 1
        try:
            is_right = await asyncio.get_running_loop().run_in_executor(
                _checker, _checked, credentials.password, password_hash
            )
        finally:
            self._waiting[client] -= 1
            self._waiting += Counter()  # forgets who waits no longer
        if is_right and credentials.user in self._users:
            self._known[key] = digest
            return True
        return False


def _digest(password: str) -> bytes:
    return hmac.digest(_key, password.encode(errors="surrogateescape"), hashlib.sha256)


def _checked(password: str, password_hash: bytes) -> bool:
    try:
        # bcrypt only ever uses 72 bytes; the library now refuses longer passwords instead of cutting them.
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
