"""Asks for each list that our programs read, once and only its first page: to find out whether AWS allows it."""

from typing import TYPE_CHECKING

from botocore import xform_name

from fleet.aws.client import SYSTEM
from fleet.aws.elasticache import IAM_ACTIONS
from fleet.aws.pages import wording_errors
from fleet.aws.refusals import in_our_errors
from fleet.errors import RemoteError

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

READ_CALLS = tuple(action.partition(":")[2] for action in IAM_ACTIONS)
"""Such as `DescribeServiceUpdates`."""


def require_readable(client: "ElastiCacheClient", call: str) -> None:
    """Raises RemoteError, and AwsRefusalError if AWS refuses the call."""
    with in_our_errors(call), wording_errors():
        answer = getattr(client, xform_name(call))()
    if not answer.keys() - {"ResponseMetadata"}:
        raise RemoteError(SYSTEM, call, "unexpected body: it holds no list")
