"""Who asks: the API key with which a request's token was signed."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

import msgspec

from sandbox.credentials import NOTIFY_SECRETS, NOTIFY_SERVICE_ID
from sandbox.notify.errors import forbidden, unauthorized

CLOCK_SKEW_SECONDS = 30


class Header(msgspec.Struct):
    alg: str = ""


class Claims(msgspec.Struct):
    iss: str | None = None
    iat: float | None = None


# Made before two threads need them at once, which msgspec does not survive.
_HEADER, _CLAIMS = msgspec.json.Decoder(Header), msgspec.json.Decoder(Claims)


def key_type(headers: Mapping[str, str], now: float) -> str:
    """live, team or test; refused where the token is none, or was not made within 30 seconds of `now`."""
    parts = _bearer(headers.get("authorization", "")).split(".")
    try:
        header = _HEADER.decode(_decoded(parts[0]))
        claims = _CLAIMS.decode(_decoded(parts[1]))
        signature = _decoded(parts[2])
    except (IndexError, binascii.Error, ValueError, msgspec.DecodeError):
        raise forbidden("Invalid token: API token is not valid") from None
    if claims.iss is None:
        raise forbidden("Invalid token: iss field not provided")
    if claims.iss != NOTIFY_SERVICE_ID:
        raise forbidden("Invalid token: service not found")
    if header.alg != "HS256":
        raise forbidden("Invalid token: algorithm used is not HS256")
    signed = ".".join(parts[:2]).encode()
    for found, secret in NOTIFY_SECRETS.items():
        if hmac.compare_digest(hmac.new(secret.encode(), signed, hashlib.sha256).digest(), signature):
            if claims.iat is None or abs(now - claims.iat) > CLOCK_SKEW_SECONDS:
                raise forbidden("Error: Your system clock must be accurate to within 30 seconds")
            return found
    raise forbidden("Invalid token: API key not found")


def _bearer(authorization: str) -> str:
    if not authorization:
        raise unauthorized("authentication token must be provided")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise unauthorized("authentication bearer scheme must be used")
    return token


def _decoded(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
