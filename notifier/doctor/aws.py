"""Examines AWS: whose credentials these are, and whether each call of ours may be made. Starts and stops nothing."""

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from fleet.aws.client import AwsAccess, credentialed_session, glancing_client
from fleet.aws.identity import caller_identity
from fleet.aws.readings import READ_CALLS, require_readable
from fleet.aws.refusals import AwsRefusalError
from fleet.errors import ConfigurationError, RemoteError, ThrottledError
from fleet.tally import Tally
from notifier.doctor.checks import Check, failed, ok, warning
from notifier.doctor.examinations import Examination
from notifier.doctor.remedies import aws_refusal, aws_words, is_about_credentials, unreachable

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

_SYSTEM = "aws"
Value = TypeVar("Value")

Rights = Callable[[AwsAccess, Tally], Mapping[str, Callable[[], None]]]
"""For each call that changes something, by its name: asks whether it may be made, and raises RemoteError."""


class AwsSources(Protocol):
    """Where the region's settings come from. Each method may raise ConfigurationError."""

    @property
    def name(self) -> str | None: ...
    def reading(self) -> AwsAccess: ...
    def acting(self) -> AwsAccess: ...
    def recorded_accounts(self) -> Sequence[str]:
        """May also raise RemoteError."""


def aws_examinations(region: AwsSources, rights: Rights, acting_calls: Sequence[str]) -> Iterator[Examination]:
    """Each call has an examination of its own, so that one that hangs does not hide the others."""
    settings = _Once(lambda: _with_credentials(region.reading()))
    client = _Once(lambda: glancing_client(settings(), Tally()))
    may = _Once(lambda: rights(region.acting(), Tally()))
    yield Examination(_SYSTEM, region.name, lambda: _identity(settings, region.recorded_accounts))
    for call in READ_CALLS:
        ask = functools.partial(_read, client, call)
        yield Examination(_SYSTEM, region.name, functools.partial(_permission, settings, call, ask))
    for call in acting_calls:
        act = functools.partial(_act, may, call)
        yield Examination(_SYSTEM, region.name, functools.partial(_permission, settings, call, act))


def _with_credentials(access: AwsAccess) -> AwsAccess:
    """Raises ConfigurationError if there are none."""
    credentialed_session(access)
    return access


class _Once(Generic[Value]):
    """Computes a value when it is first asked for; other threads wait for it."""

    def __init__(self, compute: Callable[[], Value]) -> None:
        self._compute = compute
        self._lock = threading.Lock()
        self._values: list[Value] = []

    def __call__(self) -> Value:
        with self._lock:
            if not self._values:
                self._values.append(self._compute())
            return self._values[0]


def _identity(settings: Callable[[], AwsAccess], recorded: Callable[[], Sequence[str]]) -> Iterator[str | Check]:
    access = settings()
    yield "identity"
    try:
        identity = caller_identity(access)
    except RemoteError as error:
        yield _refused("identity", error, "sts:AssumeRole")
        return
    yield ok("identity", identity.arn or "AWS names nobody")
    yield _account(identity.account, recorded)
    yield ok("region", access.region)


def _account(account: str, recorded: Callable[[], Sequence[str]]) -> Check:
    """Compared with those of earlier windows, if the ledger can be read; its own examination says if it cannot."""
    known: Sequence[str] = ()
    with contextlib.suppress(ConfigurationError, RemoteError):
        known = recorded()
    if known and account not in known:
        detail = f"the ledger knows this region as AWS account {', '.join(known)}, these credentials are of {account}"
        return failed("account", detail, "use credentials of that account, or that account's ledger (LEDGER_URL)")
    return ok("account", account)


def _permission(settings: Callable[[], AwsAccess], call: str, ask: Callable[[], None]) -> Iterator[str | Check]:
    try:
        settings()
    except ConfigurationError:  # which the identity's examination says
        return
    yield call
    try:
        ask()
    except RemoteError as error:
        yield _refused(call, error, f"elasticache:{call}")
    else:
        yield ok(call, "allowed")


def _read(client: Callable[[], "ElastiCacheClient"], call: str) -> None:
    require_readable(client(), call)


def _act(may: Callable[[], Mapping[str, Callable[[], None]]], call: str) -> None:
    may()[call]()


def _refused(check: str, error: RemoteError, permission: str) -> Check:
    if isinstance(error, ThrottledError):
        return warning(check, aws_words(error.cause), "AWS is asked too often; run doctor again in a minute")
    code = error.code if isinstance(error, AwsRefusalError) else error.cause.partition(":")[0]
    if isinstance(error, AwsRefusalError) or is_about_credentials(code):
        return aws_refusal(check, code, error.cause, permission)
    return failed(check, aws_words(error.cause), unreachable(_SYSTEM))
