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


def cloudfoundry_steps(settings: Callable[[], CfAccess | None]) -> Iterator[str | Check]:
    access = settings()
    if access is None:
        yield ok("settings", "Cloud Foundry is not asked")
        return
    tally = Tally()
    yield "token"
    try:
        tokens = UaaTokens(access.api_address, access.credentials, tally)
        tokens.token()
    except RemoteError as error:
        yield _no_token(error)
        return
    yield "offerings"
    asked = _offerings(access, tokens, tally)
    if isinstance(asked, RemoteError):  # only now does anybody look at a token that cf login has left
        yield _no_token(asked)
        return
    yield ok("token", f"{access.api_address} and its UAA let us in")
    seen = sorted(tokens.scopes & SCOPES_THAT_SEE_EVERY_ORG)
    if seen:
        yield ok("scope", f"{seen[0]}, which sees every org")
    else:
        needed = " or ".join(sorted(SCOPES_THAT_SEE_EVERY_ORG))
        yield warning("scope", "nobody says what this token may see", f"make sure that it has {needed}")
    yield asked


def _offerings(access: CfAccess, tokens: UaaTokens, tally: Tally) -> Check | RemoteError:
    """An error if the token is refused."""
    pages = CloudFoundryPages(access.api_address, tokens, tally)
    try:
        plans = plan_names(pages, access.service_offerings, access.service_brokers)
    except ConfigurationError as error:
        return failed("offerings", str(error), "correct CF_SERVICE_OFFERINGS or CF_SERVICE_BROKERS")
    except RemoteError as error:
        is_about_token = _is_refused(error) or isinstance(error, InsufficientScopeError)
        return error if is_about_token else failed("offerings", str(error), unreachable(_SYSTEM))
    return ok("offerings", f"{', '.join(access.service_offerings)}, with {len(plans)} plans")


def _no_token(error: RemoteError) -> Check:
    if isinstance(error, InsufficientScopeError):
        return failed("scope", error.cause, _SCOPE)
    if _is_refused(error):
        return failed("token", str(error).partition("; ")[0], _CREDENTIALS)
    return failed("token", str(error), unreachable(_SYSTEM))


def _is_refused(error: RemoteError) -> bool:
    return isinstance(error, StatusError) and error.status in (_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN)
