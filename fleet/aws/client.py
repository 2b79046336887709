"""boto3's ElastiCache clients for one region: one that reads and retries, and one that acts and never retries."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import botocore.session
from boto3.session import Session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, CredentialProvider, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError

from fleet.aws.endpoints import endpoint_beside
from fleet.aws.retries import event_name, retry_failures
from fleet.aws.service import ELASTICACHE, TAGGING
from fleet.aws.sessions import KeepsNothing, LimitedSession
from fleet.aws.throttling import LeftAloneError, Throttling
from fleet.errors import ConfigurationError, NotSetUpError
from fleet.patience import patience
from fleet.tally import Tally
from fleet.time_limit import TimeLimit

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

SYSTEM = ELASTICACHE.system
NO_CREDENTIALS = "no AWS credentials found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or a role"
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
    """How to reach ElastiCache in one region. The usual AWS chain decides whatever is None."""

    region: str
    keys: AwsKeys | None = None
    profile: str | None = None
    role_arn: str | None = None
    elasticache_endpoint_url: str | None = None


class _AssumedRole(CredentialProvider):
    """A role's temporary credentials, renewed before they expire, as botocore does for a profile with a role."""

    METHOD = "assume-role-of-region"

    def __init__(self, fetch: Callable[[], dict[str, Any]]) -> None:
        super().__init__()
        self._fetch = fetch

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(method=self.METHOD, refresh_using=self._fetch)


def session_of(access: AwsAccess) -> LimitedSession:
    """Without a role, which is assumed by another session. Reads the AWS configuration."""
    session = LimitedSession(access.profile, access.region)
    if access.keys is not None:
        keys = access.keys
        session.set_credentials(keys.access_key_id, keys.secret_access_key, keys.session_token)
    return session


def default_region() -> str | None:
    """The region that the usual AWS chain gives, such as a profile's. boto3 itself does not read AWS_REGION."""
    with as_configuration_error():
        region: str | None = botocore.session.Session().get_config_variable("region")
    return region


@functools.cache
def known_regions() -> frozenset[str]:
    """The codes of the regions, in all partitions, in which this version of botocore knows ElastiCache."""
    with as_configuration_error():
        session = session_of(AwsAccess("us-east-1"))
        partitions = session.get_available_partitions()
        return frozenset(region for part in partitions for region in session.get_available_regions(SYSTEM, part))


def elasticache_client(
    access: AwsAccess, tally: Tally, limit: TimeLimit | None = None, session: LimitedSession | None = None
) -> "ElastiCacheClient":
    """
    A client for reading. It retries calls that fail, and throttled calls for longer, and counts every request.

    Permissions: those in `fleet.aws.elasticache.IAM_ACTIONS`, and `sts:AssumeRole` on `role_arn` if it is set.
    Without a session to share, it has one of its own. Raises ConfigurationError if no credentials can be found.
    """
    client = _client(access, tally, session=session)
    retry_failures(client)
    _wait_when_throttled(client, limit)
    return client


def tagging_client(access: AwsAccess, session: LimitedSession, tally: Tally, limit: TimeLimit | None = None) -> Any:  # noqa: ANN401 — as botocore has it
    """
    A client for reading tags, with everything that `elasticache_client` has, and with the session's credentials.

    Permissions: those in `fleet.aws.tagging.IAM_ACTIONS`.
    """
    with as_configuration_error():
        name = TAGGING.client_name
        endpoint_url = endpoint_beside(session, name, access.elasticache_endpoint_url)
        client = session.create_client(name, endpoint_url=endpoint_url)
    _count_requests(client, TAGGING.system, tally)
    _wait_when_throttled(client, limit)
    return client


def glancing_client(access: AwsAccess, tally: Tally) -> "ElastiCacheClient":
    """Like `elasticache_client`, for somebody who only wants to know whether AWS answers: it tries twice at most."""
    client = _client(access, tally)
    retry_failures(client, most_attempts=2)
    return client


def acting_client(access: AwsAccess, tally: Tally) -> "ElastiCacheClient":
    """
    A client for changes at AWS: each call makes exactly one request, even if it fails or is throttled.

    AWS refuses to start an update twice, so a retry would report an update as refused that in fact began.
    Permissions and errors are those of `elasticache_client`, and the permissions for the calls that are made.
    """
    return _client(access, tally, Config(read_timeout=patience().acting_seconds))


def _client(
    access: AwsAccess, tally: Tally, config: Config | None = None, session: LimitedSession | None = None
) -> "ElastiCacheClient":
    session = session or credentialed_session(access)
    with as_configuration_error():
        client = Session(botocore_session=session).client(
            "elasticache", config=config, endpoint_url=access.elasticache_endpoint_url
        )
    client.meta.events.register("before-parse.elasticache", _word_error)
    _count_requests(client, SYSTEM, tally)
    return client


def _count_requests(client: BaseClient, system: str, tally: Tally) -> None:
    service = event_name(client)
    client.meta.events.register(f"before-send.{service}", lambda **_: tally.count_request(system))
    client.meta.events.register(f"response-received.{service}", functools.partial(_count_failure, tally, system))


def _wait_when_throttled(client: BaseClient, limit: TimeLimit | None) -> None:
    throttling, service = Throttling(limit), event_name(client)
    client.meta.events.register_first(f"before-send.{service}", throttling.before_send)
    client.meta.events.register_first(f"needs-retry.{service}", throttling.needs_retry)  # type: ignore[arg-type] # the stubs forget that this event is answered


def credentialed_session(access: AwsAccess) -> LimitedSession:
    """With the credentials that every client of this access uses. Raises ConfigurationError if there are none."""
    return _assumed(access, _session_with_credentials(access))


def _session_with_credentials(access: AwsAccess) -> LimitedSession:
    with as_configuration_error():
        session = session_of(access)
        credentials = session.get_credentials()
    if credentials is None:
        raise NotSetUpError(NO_CREDENTIALS)
    return session


@contextlib.contextmanager
def as_configuration_error() -> Iterator[None]:
    """
    Turns errors from before the first request into ConfigurationError.

    Botocore reads files and variables, runs commands that they name, and lets through whatever that raises.
    """
    try:
        yield
    except BotoCoreError as error:
        raise ConfigurationError(f"AWS configuration: {error}") from error
    except Exception as error:
        raise ConfigurationError(f"AWS configuration: {type(error).__name__}: {error}") from error


def _assumed(access: AwsAccess, session: LimitedSession) -> LimitedSession:
    """A session that assumes the region's role with the given session's credentials; without a role, that session."""
    if access.role_arn is None:
        return session
    fetcher = AssumeRoleCredentialFetcher(
        session.create_client,
        session.get_credentials(),
        access.role_arn,
        cache=KeepsNothing(),
        extra_args={"RoleSessionName": _ROLE_SESSION_NAME},
    )
    assumed = session_of(AwsAccess(access.region, profile=access.profile))
    providers = assumed.get_component("credential_provider").providers
    providers.insert(0, _AssumedRole(fetcher.fetch_credentials))
    return assumed


def _count_failure(
    tally: Tally, system: str, parsed_response: dict[str, Any] | None, exception: Exception | None, **_: object
) -> None:
    if isinstance(exception, LeftAloneError):
        return
    if exception is not None or (parsed_response or {}).get("Error"):
        tally.count_failure(system)


def _word_error(response_dict: dict[str, Any], **_: object) -> None:
    """
    Gives errors that do not come from AWS, such as a proxy's, a code and a message.

    Otherwise botocore fails to parse the body, and does not retry as it does after AWS's own 502.
    """
    status = response_dict["status_code"]
    if status != _OK and b"<Error>" not in response_dict["body"]:
        response_dict["body"] = (
            b"<ErrorResponse><Error><Code>HTTP %d</Code><Message>not in AWS's form</Message></Error></ErrorResponse>"
            % status
        )
