"""Who may call what at AWS, and as whom."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from mypy_boto3_elasticache import ElastiCacheClient

from sandbox import Sandbox
from sandbox.credentials import AWS_READER_ACCESS_KEY_ID, AWS_READER_SECRET_ACCESS_KEY

Start = Callable[..., Sandbox]
ClientOf = Callable[..., ElastiCacheClient]
READER = {"access_key": AWS_READER_ACCESS_KEY_ID, "secret": AWS_READER_SECRET_ACCESS_KEY}


def code_of(client: ElastiCacheClient, call: str = "batch_apply_update_action") -> str:
    """Of the refusal of an update that cannot exist."""
    with pytest.raises(ClientError) as error:
        getattr(client, call)(ServiceUpdateName="no-such-update", ReplicationGroupIds=["cf-none"])
    return str(error.value.response["Error"]["Code"])


def test_a_right_can_be_probed_with_an_update_that_does_not_exist(start: Start, client_of: ClientOf) -> None:
    """Who may apply is told that there is no such update; who may not, that they may not."""
    sandbox = start()
    assert code_of(client_of(sandbox)) == "ServiceUpdateNotFoundFault"
    assert code_of(client_of(sandbox, **READER)) == "AccessDenied"
    assert code_of(client_of(sandbox, **READER), "batch_stop_update_action") == "AccessDenied"
    assert client_of(sandbox, **READER).describe_service_updates()["ServiceUpdates"]


def test_any_call_can_be_denied_to_anybody(start: Start, client_of: ClientOf) -> None:
    """Until it is allowed again; the refusal names who and what, and comes with 403."""
    sandbox = start()
    sandbox.rights.deny("DescribeUpdateActions", "user/sandbox")
    with pytest.raises(
        ClientError, match=r"arn:aws:iam::0+:user/sandbox is not .* elasticache:DescribeUpdate"
    ) as error:
        client_of(sandbox).describe_update_actions()
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert client_of(sandbox, **READER).describe_update_actions()["UpdateActions"]
    sandbox.rights.denials.clear()
    assert client_of(sandbox).describe_update_actions()["UpdateActions"]


def test_sts_says_who_one_is(start: Start) -> None:
    """Account, ARN and id, of a user and of a role; the account can be another."""
    sandbox = start(account="111111111111")
    environment = sandbox.environment

    def sts(key_id: str, secret: str, token: str | None = None) -> Any:  # noqa: ANN401 — STS's client
        return boto3.client(
            "sts",
            region_name="eu-west-1",
            endpoint_url=environment["AWS_ENDPOINT_URL_STS"],
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            aws_session_token=token,
        )

    client = sts(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    role = client.assume_role(RoleArn="arn:aws:iam::111111111111:role/applier", RoleSessionName="me")["Credentials"]
    assumed = sts(role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"])
    for asking, arn in (
        (client, "arn:aws:iam::111111111111:user/sandbox"),
        (assumed, "arn:aws:sts::111111111111:assumed-role/applier/me"),
    ):
        identity = asking.get_caller_identity()
        assert (identity["Account"], identity["Arn"]) == ("111111111111", arn)


def test_arns_are_those_of_the_account(start: Start, client_of: ClientOf) -> None:
    """As every list has them."""
    client = client_of(start(account="111111111111"))
    arns = [
        client.describe_replication_groups()["ReplicationGroups"][0]["ARN"],
        client.describe_cache_clusters()["CacheClusters"][0]["ARN"],
        client.describe_cache_parameter_groups()["CacheParameterGroups"][0]["ARN"],
    ]
    assert {arn.rsplit(":", 2)[0] for arn in arns} == {"arn:aws:elasticache:eu-west-1:111111111111"}
