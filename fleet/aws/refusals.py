"""Turns what botocore raises into our errors, in AWS's words where there are some, and with what to allow."""

import contextlib
from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from fleet.aws.pages import UnexpectedBodyError
from fleet.aws.service import ELASTICACHE, AwsService
from fleet.aws.throttling import THROTTLING_CODES, LeftAloneError
from fleet.errors import RemoteError, ThrottledError
from fleet.printable import one_line

_LONGEST_CODE, _LONGEST_CAUSE = 60, 500
"""In characters: whoever answers in AWS's place may say as much as fits into an answer."""
DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


class AwsRefusalError(RemoteError):
    """AWS refused the call; `code` is AWS's word for the reason."""

    def __init__(self, system: str, call: str, cause: str, code: str) -> None:
        super().__init__(system, call, cause)
        self.code = code


@contextlib.contextmanager
def in_our_errors(call: str, service: AwsService = ELASTICACHE) -> Iterator[None]:
    """Names the service and the call in every RemoteError."""
    system = service.system
    try:
        yield
    except ClientError as error:
        code = one_line(error.response["Error"].get("Code") or "no code", _LONGEST_CODE)
        if code in THROTTLING_CODES:
            raise ThrottledError(system, call, _refusal(error, code, call, service)) from error
        raise AwsRefusalError(system, call, _refusal(error, code, call, service), code) from error
    except LeftAloneError as error:
        raise ThrottledError(system, call, str(error)) from error
    except BotoCoreError as error:
        raise RemoteError(system, call, one_line(str(error), _LONGEST_CAUSE)) from error
    except (UnexpectedBodyError, ResponseParserError) as error:
        raise RemoteError(system, call, f"unexpected body: {one_line(str(error), _LONGEST_CAUSE)}") from error


def _refusal(error: ClientError, code: str, call: str, service: AwsService) -> str:
    """Names the permission to allow, which may be the role's: a role is assumed within the first call that needs it."""
    remedy = ""
    if code in DENIED_CODES:
        is_own = error.operation_name == call
        remedy = f"; allow {service.permissions}:{call}" if is_own else f"; allow sts:{error.operation_name}"
    message = one_line(error.response["Error"].get("Message") or "no message", _LONGEST_CAUSE)
    return f"{code}: {message}{remedy}"
