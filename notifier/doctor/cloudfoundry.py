"""Examines Cloud Foundry: whether it lets us in, whether we see every org, and whether the service offerings exist."""

from collections.abc import Callable, Iterator

from fleet.cloudfoundry.pages import CloudFoundryPages
from fleet.cloudfoundry.service_offerings import plan_names
from fleet.cloudfoundry.uaa import SCOPES_THAT_SEE_EVERY_ORG, UaaTokens
from fleet.errors import ConfigurationError, InsufficientScopeError, RemoteError
from fleet.region import CfAccess
from fleet.remote_http import StatusError
from fleet.tally import Tally
from notifier.doctor.checks import Check, failed, ok, warning
from notifier.doctor.remedies import unreachable

_SYSTEM = "cloudfoundry"
_CREDENTIALS = "check CF_CLIENT_ID and CF_CLIENT_SECRET, or run cf login again"
_SCOPE = "give the client cloud_controller.global_auditor, or log in as somebody who has it (docs/permissions.md)"
_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN = 400, 401, 403


def cloudfoundry_steps(settings: Callable[[], CfAccess]) -> Iterator[str | Check]:
    access = settings()
    tally = Tally()
    yield "token"
    try:
        tokens = UaaTokens(access.api_address, access.credentials, tally)
        tokens.token()
    except InsufficientScopeError as error:
        yield ok("token", f"{access.api_address} and its UAA let us in")
        yield failed("scope", error.cause, _SCOPE)
        return
    except RemoteError as error:
        is_refused = isinstance(error, StatusError) and error.status in (_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN)
        yield failed("token", str(error), _CREDENTIALS if is_refused else unreachable(_SYSTEM))
        return
    yield ok("token", f"{access.api_address} and its UAA let us in")
    seen = sorted(tokens.scopes & SCOPES_THAT_SEE_EVERY_ORG)
    if seen:
        yield ok("scope", f"{seen[0]}, which sees every org")
    else:
        needed = " or ".join(sorted(SCOPES_THAT_SEE_EVERY_ORG))
        yield warning("scope", "nobody says what this token may see", f"make sure that it has {needed}")
    yield "offerings"
    try:
        plans = plan_names(CloudFoundryPages(access.api_address, tokens, tally), *_named(access))
    except ConfigurationError as error:
        yield failed("offerings", str(error), "correct CF_SERVICE_OFFERINGS or CF_SERVICE_BROKERS")
    except RemoteError as error:
        is_refused = isinstance(error, StatusError) and error.status in (_UNAUTHORIZED, _FORBIDDEN)
        yield failed("offerings", str(error), _CREDENTIALS if is_refused else unreachable(_SYSTEM))
    else:
        yield ok("offerings", f"{', '.join(access.service_offerings)}, with {len(plans)} plans")


def _named(access: CfAccess) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return access.service_offerings, access.service_brokers
