"""
Starts updates, and stops them: the only calls of the project that change anything at AWS.

Each is made once, whatever becomes of it. What AWS then did, its listing says.
"""

from collections.abc import Callable, Collection, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from fleet.aws.client import SYSTEM, AwsAccess, acting_client
from fleet.aws.pages import wording_errors
from fleet.aws.refusals import AwsRefusalError
from fleet.aws.throttling import THROTTLING_CODES
from fleet.errors import RemoteError, ThrottledError
from fleet.printable import one_line
from fleet.retry_after import retry_after_seconds
from fleet.tally import Tally
from notifier.apply.answers import Answer, Answered, CallRefused, Denied, Refusal, Throttled, Unanswered, UpdateUnknown

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

IAM_ACTIONS = ("elasticache:BatchApplyUpdateAction", "elasticache:BatchStopUpdateAction")
"""On the replication groups: `arn:aws:elasticache:*:ACCOUNT:replicationgroup:cf-*`."""
DEPENDENT_IAM_ACTIONS = (
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "s3:GetObject",
)
"""On which starting depends by AWS's service authorization reference; whether AWS checks them is not known."""
ACTING_CALLS = tuple(action.partition(":")[2] for action in IAM_ACTIONS)
MOST_GROUPS_A_CALL = 20

_MOST_CHARACTERS = 500
_NO_SUCH_UPDATE = ("ServiceUpdateNotFoundFault", "ServiceUpdateNotFound")
_NOT_AWS = "HTTP "
"""How the client words the status of an answer that is not in AWS's form."""


class Actions:
    """In one account and region."""

    def __init__(self, access: AwsAccess, tally: Tally) -> None:
        """Raises ConfigurationError where no credentials can be found."""
        self._client: ElastiCacheClient = acting_client(access, tally)

    def start(self, update: str, group_ids: Collection[str]) -> Answer:
        """Of at most MOST_GROUPS_A_CALL groups."""
        return _answer(self._client.batch_apply_update_action, update, group_ids)

    def stop(self, update: str, group_ids: Collection[str]) -> Answer:
        """Of at most MOST_GROUPS_A_CALL groups: nodes under way are finished, the others left as they are."""
        return _answer(self._client.batch_stop_update_action, update, group_ids)

    @property
    def rights(self) -> Mapping[str, Callable[[], None]]:
        """
        For each of these calls, by its name: asks AWS whether it may be made, and raises RemoteError unless it may.

        The update that it names cannot exist, and neither can the group, so nothing is started or stopped.
        """
        start, stop = ACTING_CALLS
        return {start: lambda: _require_heard(start, self.start), stop: lambda: _require_heard(stop, self.stop)}


def _require_heard(call: str, act: Callable[[str, Collection[str]], Answer]) -> None:
    """
    AWS looks at permissions first, and then at what is asked for. `AwsRefusalError.code` says what it did not like.

    The names are new each time, so that nobody can have given them to anything. The group's begins as those in the
    policy do; with another, a policy that allows only those would deny it.
    """
    unique = uuid4().hex
    match act(f"doctor-asks-whether-it-may-{unique}", [f"cf-{unique}"]):
        case Denied(refusal) | CallRefused(refusal):
            raise AwsRefusalError(SYSTEM, call, refusal.in_words, refusal.error_type)
        case Throttled():
            raise ThrottledError(SYSTEM, call, "AWS wants to be asked later")
        case Unanswered(cause):
            raise RemoteError(SYSTEM, call, cause)
        case Answered(accepted, refused) if not accepted and not refused:
            raise RemoteError(SYSTEM, call, "unexpected body: it says nothing")


def _answer(call: Callable[..., Mapping[str, Any]], update: str, group_ids: Collection[str]) -> Answer:
    try:
        with wording_errors():
            answer = call(ServiceUpdateName=update, ReplicationGroupIds=sorted(group_ids))
    except ClientError as error:
        return _refused(error)
    except (BotoCoreError, ResponseParserError) as error:
        return Unanswered(_cut(str(error)))
    ours = {group_id.lower(): group_id for group_id in group_ids}
    return Answered(
        accepted={
            _id(entry, ours): _cut(entry.get("UpdateActionStatus", ""))
            for entry in answer.get("ProcessedUpdateActions", ())
            if "ReplicationGroupId" in entry
        },
        refused={
            _id(entry, ours): Refusal(
                _cut(entry.get("ErrorType", "no type")), _cut(entry.get("ErrorMessage", "no message"))
            )
            for entry in answer.get("UnprocessedUpdateActions", ())
            if "ReplicationGroupId" in entry
        },
    )


def _id(entry: Mapping[str, Any], ours: Mapping[str, str]) -> str:
    """As we write it: to AWS, upper and lower case are the same."""
    group_id: str = entry["ReplicationGroupId"]
    return ours.get(group_id.lower(), group_id)


def _cut(text: str) -> str:
    """On one line, and no longer than what the ledger and reports should hold, whoever answers in AWS's place."""
    return one_line(text, _MOST_CHARACTERS)


def _refused(error: ClientError) -> Answer:
    code = _cut(error.response["Error"].get("Code") or "no code")
    refusal = Refusal(code, _cut(error.response["Error"].get("Message") or "no message"))
    about = error.response["ResponseMetadata"]
    status = about["HTTPStatusCode"]
    if code in THROTTLING_CODES or status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(retry_after_seconds(about["HTTPHeaders"].get("retry-after")))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or code.startswith(_NOT_AWS):
        return Unanswered(refusal.in_words)
    if code in _NO_SUCH_UPDATE:
        return UpdateUnknown(refusal)
    return Denied(refusal) if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) else CallRefused(refusal)
