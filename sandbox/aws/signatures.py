"""AWS Signature Version 4, checked for real: which keys exist, and whether a request was signed with one of them."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox import credentials
from sandbox.aws.query import RefusalError
from sandbox.wire import Request

CLOCK_SKEW_SECONDS = 15 * 60
ALGORITHM = "AWS4-HMAC-SHA256 "


@dataclass(frozen=True)
class AccessKey:
    """`name` is whose it is, as the last part of an ARN says it: 'user/sandbox', 'assumed-role/applier/session'."""

    id: str
    secret: str
    name: str
    session_token: str | None = None
    expires_at: float | None = None

    def arn(self, account: str) -> str:
        return f"arn:aws:{'sts' if self.session_token else 'iam'}::{account}:{self.name}"


@dataclass(frozen=True)
class Claim:
    """What an `Authorization` header says about how its request was signed."""

    key_id: str
    day: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str

    @classmethod
    def of(cls, request: Request) -> "Claim":
        header = request.headers.get("authorization", "")
        if not header.startswith(ALGORITHM):
            raise RefusalError(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        try:
            parts = dict(part.strip().split("=", 1) for part in header.removeprefix(ALGORITHM).split(","))
            key_id, day, region, service, _ = parts["Credential"].split("/")
            signed_headers = tuple(parts["SignedHeaders"].split(";"))
            timestamp = request.headers["x-amz-date"]
            claim = cls(key_id, day, region, service, signed_headers, parts["Signature"], timestamp)
            claim.signed_at  # noqa: B018 — an unreadable date is as bad as none
        except (KeyError, ValueError) as error:
            message = f"Authorization header or X-Amz-Date is incomplete: {error}"
            raise RefusalError(400, "IncompleteSignature", message) from error
        return claim

    @property
    def signed_at(self) -> float:
        return datetime.strptime(self.timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()


class Signatures:
    """`clock` is the machine's, as those who sign go by theirs; it answers seconds since the epoch."""

    def __init__(self, region: str, clock: Callable[[], float]) -> None:
        self._region = region
        self._clock = clock
        permanent = (
            AccessKey(credentials.AWS_ACCESS_KEY_ID, credentials.AWS_SECRET_ACCESS_KEY, "user/sandbox"),
            AccessKey(credentials.AWS_READER_ACCESS_KEY_ID, credentials.AWS_READER_SECRET_ACCESS_KEY, "user/reader"),
        )
        self._keys = {key.id: key for key in permanent}

    def temporary_key(self, seconds: int, name: str) -> AccessKey:
        unique = uuid4().hex
        token, expires_at = f"session-{uuid4().hex}", self._clock() + seconds
        key = AccessKey(f"ASIA{unique[:16].upper()}", unique[::-1], name, token, expires_at)
        self._keys[key.id] = key
        return key

    def expire_temporary_keys(self) -> None:
        for key in list(self._keys.values()):
            if key.session_token:
                self._keys[key.id] = replace(key, expires_at=self._clock())

    def check(self, request: Request, service: str) -> AccessKey:
        """With whose key the request is signed, now, for this region and service; else raise what AWS would answer."""
        claim = Claim.of(request)
        key = self._valid_key(claim.key_id, request.headers.get("x-amz-security-token"))
        if claim.region != self._region:
            raise _mismatch(f"Credential should be scoped to a valid region, not '{claim.region}'. ")
        if claim.service != service:
            raise _mismatch(f"Credential should be scoped to correct service: '{service}'. ")
        if abs(self._clock() - claim.signed_at) > CLOCK_SKEW_SECONDS or not claim.timestamp.startswith(claim.day):
            raise _mismatch(f"Signature expired: {claim.timestamp} is more than 15 minutes away from the present")
        if not hmac.compare_digest(claim.signature, _signature(request, key, claim)):
            raise _mismatch(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                "Access Key and signing method. Consult the service documentation for details."
            )
        return key

    def _valid_key(self, key_id: str, session_token: str | None) -> AccessKey:
        key = self._keys.get(key_id)
        if key is None or key.session_token != session_token:
            raise RefusalError(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
        if key.expires_at is not None and key.expires_at <= self._clock():
            raise RefusalError(403, "ExpiredToken", "The security token included in the request is expired")
        return key


def _mismatch(message: str) -> RefusalError:
    return RefusalError(403, "SignatureDoesNotMatch", message)


def _signature(request: Request, key: AccessKey, claim: Claim) -> str:
    """What the signature should be: over the headers that it claims to cover, and the whole body."""
    signer = SigV4Auth(Credentials(key.id, key.secret, key.session_token), claim.service, claim.region)
    received = AWSRequest(
        method=request.method,
        url=request.url,
        data=request.body,
        headers={name: request.headers.get(name, "") for name in claim.signed_headers},
    )
    received.context["timestamp"] = claim.timestamp
    return signer.signature(signer.string_to_sign(received, signer.canonical_request(received)), received)
