"""An ElastiCache client of boto3's for one region: credentials, role, time limits, and what to do when throttled."""

import functools
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import botocore.session
from boto3.session import Session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, CredentialProvider, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader

import fleet
from fleet.errors import ConfigurationError
from fleet.retry_after import retry_after_seconds
from fleet.tally import Tally

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

log = logging.getLogger(__name__)

SYSTEM = "elasticache"
_CONNECT_TIMEOUT_SECONDS = 5
_READ_TIMEOUT_SECONDS = 10
_ATTEMPTS = 4
_THROTTLED_ATTEMPTS = 20
_LONGEST_THROTTLED_PAUSE_SECONDS = 5.0
_LONGEST_ASKED_PAUSE_SECONDS = 30.0
_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = 500
_THROTTLED_CODES = frozenset(
    {"Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestThrottled", "TooManyRequestsException"}
)
_ROLE_SESSION_NAME = "elasticache-updates"


@dataclass(frozen=True, slots=True)
class AwsKeys:
    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return f"AwsKeys({self.access_key_id!r}, <hidden>)"


@dataclass(frozen=True, slots=True)
class AwsAccess:
    """How to reach ElastiCache in one region; what is None is left to the usual AWS chain."""

    region: str
    keys: AwsKeys | None = None
    profile: str | None = None
    role_arn: str | None = None
    elasticache_endpoint_url: str | None = None


@functools.cache
def _loader() -> Loader:
    """One for all regions: the models and endpoints that it keeps are the largest thing that boto3 holds."""
    return Loader()


class _AssumedRole(CredentialProvider):
    """Temporary credentials of a role, renewed before they expire, as botocore does it for a profile with a role."""

    METHOD = "assume-role-of-region"

    def __init__(self, fetch: Callable[[], dict[str, Any]]) -> None:
        super().__init__()
        self._fetch = fetch

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(method=self.METHOD, refresh_using=self._fetch)


def _session(access: AwsAccess) -> botocore.session.Session:
    session = botocore.session.Session(profile=access.profile)
    session.register_component("data_loader", _loader())
    session.set_config_variable("region", access.region)
    if access.keys is not None:
        keys = access.keys
        session.set_credentials(keys.access_key_id, keys.secret_access_key, keys.session_token)
    return session


def default_region() -> str | None:
    """What the usual AWS chain says, such as the region of a profile; boto3 itself does not read AWS_REGION."""
    try:
        region: str | None = botocore.session.Session().get_config_variable("region")
    except BotoCoreError as error:
        raise ConfigurationError(f"AWS configuration: {error}") from error
    return region


def known_regions() -> frozenset[str]:
    """The codes of the regions in which this botocore knows ElastiCache, of every partition."""
    session = _session(AwsAccess("us-east-1"))
    partitions = session.get_available_partitions()
    return frozenset(region for part in partitions for region in session.get_available_regions(SYSTEM, part))


def elasticache_client(access: AwsAccess, tally: Tally) -> "ElastiCacheClient":
    """
    A client that counts its requests. Raises ConfigurationError where no credentials can be found.

    Permissions: those in `fleet.aws.elasticache.IAM_ACTIONS`, and `sts:AssumeRole` on `role_arn` where it is set.
    """
    try:
        session = _session(access)
        credentials = session.get_credentials()
    except BotoCoreError as error:
        raise ConfigurationError(f"AWS credentials: {error}") from error
    if credentials is None:
        raise ConfigurationError(
            "no AWS credentials found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or a role"
        )
    config = Config(
        connect_timeout=_CONNECT_TIMEOUT_SECONDS,
        read_timeout=_READ_TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        tcp_keepalive=True,
        user_agent=f"elasticache-updates/{fleet.__version__}",
    )
    if access.role_arn is not None:
        create_client = functools.partial(session.create_client, config=config)
        fetcher = AssumeRoleCredentialFetcher(
            create_client, credentials, access.role_arn, extra_args={"RoleSessionName": _ROLE_SESSION_NAME}
        )
        session = _session(AwsAccess(access.region, profile=access.profile))
        providers = session.get_component("credential_provider").providers
        providers.insert(0, _AssumedRole(fetcher.fetch_credentials))
    try:
        client = Session(botocore_session=session).client(
            "elasticache", config=config, endpoint_url=access.elasticache_endpoint_url
        )
    except (BotoCoreError, ValueError) as error:  # ValueError: an endpoint that is not an address
        raise ConfigurationError(f"AWS configuration: {error}") from error
    events = client.meta.events
    events.register_first("needs-retry.elasticache", _pause_when_throttled)  # type: ignore[arg-type] # the stubs forget that this event is answered
    events.register("before-send.elasticache", lambda **_: tally.count_request(SYSTEM))
    events.register("response-received.elasticache", functools.partial(_count_failure, tally))
    return client


def _count_failure(
    tally: Tally, parsed_response: dict[str, Any] | None, exception: Exception | None, **_: object
) -> None:
    if exception is not None or (parsed_response or {}).get("Error"):
        tally.count_failure(SYSTEM)


def _pause_when_throttled(
    response: tuple[AWSResponse, dict[str, Any]] | None, attempts: int, **_: object
) -> float | None:
    """
    Seconds to wait before another attempt at a call that AWS wants later; None leaves every other case to botocore.

    botocore's own bounds are meant for failures. Throttling is no failure: it asks us to be slower, for a minute here.
    """
    if response is None:
        return None
    answer, parsed = response
    asked_seconds = retry_after_seconds(answer.headers.get("Retry-After"))
    is_throttled = parsed.get("Error", {}).get("Code") in _THROTTLED_CODES or answer.status_code == _TOO_MANY_REQUESTS
    if not is_throttled and (asked_seconds is None or answer.status_code < _SERVER_ERRORS):
        return None
    if attempts >= (_THROTTLED_ATTEMPTS if is_throttled else _ATTEMPTS):
        return None
    if asked_seconds is not None and asked_seconds > _LONGEST_ASKED_PAUSE_SECONDS:
        return None
    ceiling = min(_LONGEST_THROTTLED_PAUSE_SECONDS, 0.2 * 2**attempts)
    pause_seconds = max(random.uniform(ceiling / 2, ceiling), asked_seconds or 0.0)  # noqa: S311 — jitter, not a secret
    log.debug("throttled", extra={"system": SYSTEM, "attempt": attempts, "pause_seconds": round(pause_seconds, 2)})
    return pause_seconds
