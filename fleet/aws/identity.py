"""Asks AWS's STS whose credentials these are: nobody can be denied that, though a network may not lead there."""

from dataclasses import dataclass
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from fleet.aws.client import AwsAccess, as_configuration_error, credentialed_session
from fleet.aws.endpoints import endpoint_beside
from fleet.aws.pages import wording_errors
from fleet.errors import RemoteError
from fleet.patience import patience
from fleet.printable import one_line

_STS = "sts"
_CALL = "GetCallerIdentity"
_TIMEOUT_SECONDS = 5.0
_ATTEMPTS = 2
_LONGEST_NAME, _LONGEST_CAUSE = 300, 500


@dataclass(frozen=True, slots=True)
class Identity:
    account: str
    arn: str
    """Of the user, or of the role as it was assumed."""


def caller_identity(access: AwsAccess) -> Identity:
    """Raises RemoteError where STS cannot be asked, ConfigurationError where there are no credentials."""
    session = credentialed_session(access)
    with as_configuration_error():
        client: Any = session.create_client(
            _STS,
            config=Config(read_timeout=min(_TIMEOUT_SECONDS, patience().aws_read_seconds)),
            endpoint_url=endpoint_beside(session, _STS, access.elasticache_endpoint_url),
            most_attempts=_ATTEMPTS,
        )
    try:
        with wording_errors():
            answer = client.get_caller_identity()
    except ClientError as error:
        refusal = error.response["Error"]
        cause = f"{refusal.get('Code', 'no code')}: {refusal.get('Message', 'no message')}"
        raise RemoteError(_STS, _CALL, one_line(cause, _LONGEST_CAUSE)) from error
    except (BotoCoreError, ResponseParserError) as error:
        raise RemoteError(_STS, _CALL, one_line(str(error), _LONGEST_CAUSE)) from error
    account = str(answer.get("Account", ""))
    if not (account.isascii() and account.isdigit()):
        raise RemoteError(_STS, _CALL, "unexpected body: it names no account")
    return Identity(account, one_line(str(answer.get("Arn", "")), _LONGEST_NAME))
