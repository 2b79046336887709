"""Turns whatever botocore raises for a call into our own errors, which name the permission to allow."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from fleet.aws.client import SYSTEM
from fleet.aws.pages import UnexpectedBodyError
from fleet.aws.throttling import THROTTLING_CODES, LeftAloneError
from fleet.errors import RemoteError, ThrottledError

DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


class AwsRefusalError(RemoteError):
    """AWS refused the call; `code` is AWS's word for the reason."""

    def __init__(self, system: str, call: str, cause: str, code: str) -> None:
        super().__init__(system, call, cause)
        self.code = code


@contextmanager
def in_our_errors(call: str) -> Iterator[None]:
    """Raises RemoteError; ThrottledError if AWS wants to be asked later, AwsRefusalError if it refused the call."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"].get("Code", "no code")
        if code in THROTTLING_CODES:
            raise ThrottledError(SYSTEM, call, _refusal(error, code, call)) from error
        raise AwsRefusalError(SYSTEM, call, _refusal(error, code, call), code) from error
    except LeftAloneError as error:
        raise ThrottledError(SYSTEM, call, str(error)) from error
    except BotoCoreError as error:
        raise RemoteError(SYSTEM, call, " ".join(str(error).split())) from error
    except (UnexpectedBodyError, ResponseParserError) as error:
        raise RemoteError(SYSTEM, call, f"unexpected body: {str(error).splitlines()[0]}") from error


def _refusal(error: ClientError, code: str, call: str) -> str:
    """Names the permission to allow, which may be the role's: a role is assumed within the first call that needs it."""
    remedy = ""
    if code in DENIED_CODES:
        is_own = error.operation_name == call
        remedy = f"; allow elasticache:{call}" if is_own else f"; allow sts:{error.operation_name}"
    return f"{code}: {error.response['Error'].get('Message', 'no message')}{remedy}"
