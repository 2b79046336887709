"""The access and refresh tokens that UAA has given out and Cloud Foundry honours."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import msgspec

_SIGNING_KEY = b"the sandbox signs its tokens; nobody verifies them but itself"


@dataclass(frozen=True)
class Token:
    value: str
    id: str
    client_id: str
    user_name: str | None
    scopes: tuple[str, ...]
    expires_at: float
    refresh_value: str | None = None


class Tokens:
    """`clock` answers seconds since the epoch."""

    def __init__(self, clock: Callable[[], float], lifetime_seconds: float, scopes: tuple[str, ...]) -> None:
        self._clock = clock
        self.lifetime_seconds = lifetime_seconds
        self.scopes = scopes
        self._issued: dict[str, Token] = {}
        self._refreshable: dict[str, Token] = {}

    def issue(self, client_id: str, user_name: str | None = None) -> Token:
        """A new token; a user's comes with a refresh token, a client's does not."""
        unique = uuid4().hex
        issued_at = self._clock()
        expires_at = issued_at + self.lifetime_seconds
        rights = {"scope": self.scopes, "user_name": user_name} if user_name else {"authorities": self.scopes}
        claims = {"jti": unique, "client_id": client_id, "iat": int(issued_at), "exp": int(expires_at), **rights}
        claims.setdefault("scope", self.scopes)
        token = Token(
            value=_json_web_token(claims),
            id=unique,
            client_id=client_id,
            user_name=user_name,
            scopes=self.scopes,
            expires_at=expires_at,
            refresh_value=f"{unique}-r" if user_name else None,
        )
        self._issued[token.value] = token
        if token.refresh_value:
            self._refreshable[token.refresh_value] = token
        return token

    def refreshed(self, refresh_value: str, client_id: str) -> Token | None:
        old = self._refreshable.get(refresh_value)
        return self.issue(client_id, old.user_name) if old and old.client_id == client_id else None

    def valid(self, value: str) -> Token | None:
        token = self._issued.get(value)
        return token if token and token.expires_at > self._clock() else None

    def invalidate(self, *, with_refresh: bool = False) -> None:
        """Access tokens stop working, as if they had expired; refresh tokens too if the operator was logged out."""
        self._issued = {}
        if with_refresh:
            self._refreshable = {}


def _json_web_token(claims: object) -> str:
    signed = f"{_part({'alg': 'HS256', 'kid': 'sandbox', 'typ': 'JWT'})}.{_part(claims)}"
    signature = hmac.new(_SIGNING_KEY, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_unpadded(signature)}"


def _part(document: object) -> str:
    return _unpadded(msgspec.json.encode(document))


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
