"""AWS Signature Version 4, checked for real: which keys exist, and whether a request was signed with one of them."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox import credentials
from sandbox.query import RefusalError
from sandbox.wire import Request

CLOCK_SKEW_SECONDS = 15 * 60
_ALGORITHM = "AWS4-HMAC-SHA256 "


@dataclass(frozen=True)
class AccessKey:
    id: str
    secret: str
    session_token: str | None = None
    expires_at: float | None = None


class Signatures:
    """`clock` answers seconds since the epoch."""

    def __init__(self, region: str, clock: Callable[[], float]) -> None:
        self._region = region
        self._clock = clock
        permanent = AccessKey(credentials.AWS_ACCESS_KEY_ID, credentials.AWS_SECRET_ACCESS_KEY)
        self._keys = {permanent.id: permanent}

    def temporary_key(self, seconds: int) -> AccessKey:
        unique = uuid4().hex
        key = AccessKey(f"ASIA{unique[:16].upper()}", unique[::-1], f"session-{uuid4().hex}", self._clock() + seconds)
        self._keys[key.id] = key
        return key

    def expire_temporary_keys(self) -> None:
        for key in list(self._keys.values()):
            if key.session_token:
                self._keys[key.id] = AccessKey(key.id, key.secret, key.session_token, expires_at=0)

    def check(self, request: Request, service: str) -> None:
        """Raise what AWS would answer unless the request is signed, now, for this region and service."""
        header = request.headers.get("authorization", "")
        if not header.startswith(_ALGORITHM):
            raise RefusalError(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        try:
            parts = dict(part.strip().split("=", 1) for part in header.removeprefix(_ALGORITHM).split(","))
            key_id, day, region, scoped_service, _ = parts["Credential"].split("/")
            signed, signature = parts["SignedHeaders"].split(";"), parts["Signature"]
            timestamp = request.headers["x-amz-date"]
            signed_at = datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        except (KeyError, ValueError) as error:
            message = f"Authorization header or X-Amz-Date is incomplete: {error}"
            raise RefusalError(400, "IncompleteSignature", message) from error

        key = self._valid_key(key_id, request.headers.get("x-amz-security-token"))
        if region != self._region:
            raise _mismatch(f"Credential should be scoped to a valid region, not '{region}'. ")
        if scoped_service != service:
            raise _mismatch(f"Credential should be scoped to correct service: '{service}'. ")
        if abs(self._clock() - signed_at) > CLOCK_SKEW_SECONDS or not timestamp.startswith(day):
            raise _mismatch(f"Signature expired: {timestamp} is more than 15 minutes away from the present")
        if not hmac.compare_digest(signature, _signature(request, key, signed, region, service, timestamp)):
            raise _mismatch(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                "Access Key and signing method. Consult the service documentation for details."
            )

    def _valid_key(self, key_id: str, session_token: str | None) -> AccessKey:
        key = self._keys.get(key_id)
        if key is None or key.session_token != session_token:
            raise RefusalError(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
        if key.expires_at is not None and key.expires_at <= self._clock():
            raise RefusalError(403, "ExpiredToken", "The security token included in the request is expired")
        return key


def _mismatch(message: str) -> RefusalError:
    return RefusalError(403, "SignatureDoesNotMatch", message)


def _signature(  # noqa: PLR0913 — the ingredients that AWS names
    request: Request, key: AccessKey, signed: list[str], region: str, service: str, timestamp: str
) -> str:
    signer = SigV4Auth(Credentials(key.id, key.secret, key.session_token), service, region)
    received = AWSRequest(
        method=request.method,
        url=request.url,
        data=request.body,
        headers={name: request.headers.get(name, "") for name in signed},
    )
    received.context["timestamp"] = timestamp
    return signer.signature(signer.string_to_sign(received, signer.canonical_request(received)), received)
