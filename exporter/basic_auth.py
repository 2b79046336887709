"""Basic auth against bcrypt hashes, in a time that does not tell whether the user exists."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping

import bcrypt

_NOBODYS_SALT_AND_DIGEST = b"tMPuRadPoQPm1/w7JIRF5.XClWcIYyscbTWXJExy8guymI6GVOH.G"
_REMEMBERED = 100


class BasicAuth:
    """
    Who may come in. A password that was right once is remembered as a keyed digest, as exporter-toolkit does:
    bcrypt is slow on purpose, and Prometheus sends the same password with every scrape.
    """

    def __init__(self, users: Mapping[str, str]) -> None:
        """`users`: user name → bcrypt hash."""
        self._users = {user: password_hash.encode() for user, password_hash in users.items()}
        cost = max((password_hash[4:6] for password_hash in self._users.values()), default=b"10")
        self._nobodys_hash = b"$2b$%b$%b" % (cost, _NOBODYS_SALT_AND_DIGEST)
        self._key = secrets.token_bytes(32)
        self._known_digests: dict[str, bytes] = {}

    @property
    def is_required(self) -> bool:
        return bool(self._users)

    def admits(self, authorization: str | None) -> bool:
        """Whether the value of an Authorization header names a user and the right password. Slow: not for a loop."""
        user, password = _credentials(authorization)
        password_hash = self._users.get(user)
        digest = hmac.digest(self._key, f"{user}:{password}".encode(errors="surrogateescape"), hashlib.sha256)
        if hmac.compare_digest(self._known_digests.get(user, b""), digest):
            return True
        is_right = _checked(password, password_hash or self._nobodys_hash) and password_hash is not None
        if is_right and len(self._known_digests) < _REMEMBERED:
            self._known_digests[user] = digest
        return is_right


def _checked(password: str, password_hash: bytes) -> bool:
    try:
        # bcrypt has always looked at 72 bytes only; the library now refuses more instead of cutting them off.
        return bcrypt.checkpw(password.encode(errors="surrogateescape")[:72], password_hash)
    except ValueError:
        return False


def _credentials(authorization: str | None) -> tuple[str, str]:
    """Two empty strings where there is no readable header: nobody has an empty user name."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        decoded = base64.b64decode(encoded, validate=True).decode(errors="surrogateescape")
    except (binascii.Error, ValueError):
        return "", ""
    user, _, password = decoded.partition(":")
    return user, password
