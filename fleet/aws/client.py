"""ElastiCache clients of boto3's for one region: one that reads and asks again, one that acts and never repeats."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import botocore.session
from boto3.session import Session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, CredentialProvider, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader

import fleet
from fleet.aws.throttling import ATTEMPTS, LeftAloneError, Throttling
from fleet.aws.transport import bound_answers
from fleet.errors import ConfigurationError
from fleet.tally import Tally

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

SYSTEM = "elasticache"
_CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 10.0
ACTING_TIMEOUT_SECONDS = 30.0
"""Asking again is how a list that does not come is had after all; what acts only gets its answer by waiting for it."""
_MOST_CONNECTIONS = 16
_OK = 200
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
    For reading: what fails is asked again, what is throttled for longer. Every request is counted.

    Permissions: those in `fleet.aws.elasticache.IAM_ACTIONS`, and `sts:AssumeRole` on `role_arn` where it is set.
    Raises ConfigurationError where no credentials can be found.
    """
    client = _client(access, tally, _config(READ_TIMEOUT_SECONDS, ATTEMPTS))
    throttling = Throttling()
    client.meta.events.register_first("before-send.elasticache", throttling.before_send)
    client.meta.events.register_first("needs-retry.elasticache", throttling.needs_retry)  # type: ignore[arg-type] # the stubs forget that this event is answered
    return client


def acting_client(access: AwsAccess, tally: Tally) -> "ElastiCacheClient":
    """
    For what changes something at AWS: one call is one request, whatever becomes of it, throttling included.

    AWS refuses to start what it has started, so that a repeated call would report as refused what in fact began.
    Permissions and errors as for `elasticache_client`, and those for the calls that are made.
    """
    return _client(access, tally, _config(ACTING_TIMEOUT_SECONDS, attempts=1))


def _client(access: AwsAccess, tally: Tally, config: Config) -> "ElastiCacheClient":
    session = _assumed(access, _session_with_credentials(access))
    try:
        client = Session(botocore_session=session).client(
            "elasticache", config=config, endpoint_url=access.elasticache_endpoint_url
        )
    except (BotoCoreError, ValueError) as error:  # ValueError: an endpoint that is not an address
        raise ConfigurationError(f"AWS configuration: {error}") from error
    bound_answers(client)
    events = client.meta.events
    events.register("before-send.elasticache", lambda **_: tally.count_request(SYSTEM))
    events.register("before-parse.elasticache", _word_error)
    events.register("response-received.elasticache", functools.partial(_count_failure, tally))
    return client


def _session_with_credentials(access: AwsAccess) -> botocore.session.Session:
    try:
        session = _session(access)
        credentials = session.get_credentials()
    except BotoCoreError as error:
        raise ConfigurationError(f"AWS credentials: {error}") from error
    if credentials is None:
        raise ConfigurationError(
            "no AWS credentials found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or a role"
        )
    return session


def _assumed(access: AwsAccess, session: botocore.session.Session) -> botocore.session.Session:
    """A session with the role of the region, assumed by the credentials of the given one; that one without a role."""
    if access.role_arn is None:
        return session

    create = functools.partial(session.create_client, config=_config(READ_TIMEOUT_SECONDS, ATTEMPTS))

    def create_client(service: str, **credentials: str) -> BaseClient:
        client: BaseClient = create(service, **credentials)  # type: ignore[arg-type] # as botocore calls it
        bound_answers(client)
        return client

    fetcher = AssumeRoleCredentialFetcher(
        create_client, session.get_credentials(), access.role_arn, extra_args={"RoleSessionName": _ROLE_SESSION_NAME}
    )
    assumed = _session(AwsAccess(access.region, profile=access.profile))
    providers = assumed.get_component("credential_provider").providers
    providers.insert(0, _AssumedRole(fetcher.fetch_credentials))
    return assumed


def _config(read_timeout_seconds: float, attempts: int) -> Config:
    return Config(
        connect_timeout=_CONNECT_TIMEOUT_SECONDS,
        read_timeout=read_timeout_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=_MOST_CONNECTIONS,
        tcp_keepalive=True,
        user_agent=f"elasticache-updates/{fleet.__version__}",
    )


def _count_failure(
    tally: Tally, parsed_response: dict[str, Any] | None, exception: Exception | None, **_: object
) -> None:
    if isinstance(exception, LeftAloneError):
        return
    if exception is not None or (parsed_response or {}).get("Error"):
        tally.count_failure(SYSTEM)


def _word_error(response_dict: dict[str, Any], **_: object) -> None:
    """
    Give an error without AWS's words, as proxies in between send it, a code and a message.

    botocore fails on parsing such a body instead of trying again, as it does with AWS's own 502.
    """
    status = response_dict["status_code"]
    if status != _OK and b"<Error>" not in response_dict["body"]:
        response_dict["body"] = (
            b"<ErrorResponse><Error><Code>HTTP %d</Code><Message>not in AWS's form</Message></Error></ErrorResponse>"
            % status
        )
