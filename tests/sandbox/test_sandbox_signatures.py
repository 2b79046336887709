"""Requests to AWS are let in by their signature, and by nothing less."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from mypy_boto3_elasticache import ElastiCacheClient

from sandbox import Sandbox

Start = Callable[..., Sandbox]
ClientOf = Callable[..., ElastiCacheClient]
QUESTION = {"Action": "DescribeServiceUpdates", "Version": "2015-02-02"}


def refusal(client: ElastiCacheClient) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as error:
        client.describe_service_updates()
    response = error.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


@pytest.mark.parametrize(
    ("settings", "code", "message"),
    [
        ({"secret": "wrong"}, "SignatureDoesNotMatch", "does not match the signature you provided"),
        ({"region": "us-east-1"}, "SignatureDoesNotMatch", "Credential should be scoped to a valid region"),
        ({"access_key": "AKIAUNKNOWN"}, "InvalidClientTokenId", "security token included in the request is invalid"),
        ({"session_token": "made up"}, "InvalidClientTokenId", "security token included in the request is invalid"),
    ],
)
def test_the_wrong_credentials_are_refused(
    sandbox: Sandbox, client_of: ClientOf, settings: dict[str, str], code: str, message: str
) -> None:
    """Secret, region and key, each with AWS's own code and words."""
    status, found, text = refusal(client_of(sandbox, **settings))
    assert (status, found) == (403, code)
    assert message in text


def test_a_request_without_a_signature_is_refused(sandbox: Sandbox) -> None:
    """As AWS says it: the token is missing."""
    reply = requests.post(sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"], QUESTION, timeout=5)
    assert (reply.status_code, "MissingAuthenticationToken" in reply.text) == (403, True)


def test_half_a_signature_is_refused(sandbox: Sandbox) -> None:
    """Without the date of signing nothing can be checked."""
    header = "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0"
    url = sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"]
    reply = requests.post(url, QUESTION, headers={"Authorization": header}, timeout=5)
    assert (reply.status_code, "IncompleteSignature" in reply.text) == (400, True)


def signed(sandbox: Sandbox, service: str) -> AWSRequest:
    environment = sandbox.environment
    request = AWSRequest("POST", environment["AWS_ENDPOINT_URL_ELASTICACHE"], data=QUESTION)
    credentials = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(credentials, service, "eu-west-1").add_auth(request)
    return request


def post(sandbox: Sandbox, request: AWSRequest, body: Any) -> requests.Response:  # noqa: ANN401 — whatever requests takes
    url = sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"]
    return requests.post(url, data=body, headers=dict(request.headers), timeout=5)


def test_a_body_that_was_changed_after_signing_is_refused(sandbox: Sandbox) -> None:
    """The signature covers every byte."""
    request = signed(sandbox, "elasticache")
    assert post(sandbox, request, request.body).status_code == 200
    reply = post(sandbox, request, {**QUESTION, "Extra": "1"})
    assert (reply.status_code, "SignatureDoesNotMatch" in reply.text) == (403, True)


def test_a_signature_for_another_service_is_refused(sandbox: Sandbox) -> None:
    """The scope names the service."""
    request = signed(sandbox, "rds")
    reply = post(sandbox, request, request.body)
    assert (reply.status_code, "correct service: 'elasticache'" in reply.text) == (403, True)


def test_a_signature_of_another_time_is_refused(start: Start, client_of: ClientOf, time: SimpleNamespace) -> None:
    """More than a quarter of an hour away from the sandbox's clock."""
    status, code, message = refusal(client_of(start(machine=lambda: time.now)))
    assert (status, code) == (403, "SignatureDoesNotMatch")
    assert "Signature expired" in message


def test_an_assumed_role_is_let_in_until_it_expires(start: Start, client_of: ClientOf) -> None:
    """STS answers on ElastiCache's port; ending all sessions ends this one with ExpiredToken."""
    sandbox = start()
    environment = sandbox.environment
    sts = boto3.client(
        "sts",
        region_name="eu-west-1",
        endpoint_url=environment["AWS_ENDPOINT_URL_STS"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    role = sts.assume_role(RoleArn="arn:aws:iam::000000000000:role/reader", RoleSessionName="test")
    assert role["AssumedRoleUser"]["Arn"] == "arn:aws:sts::000000000000:assumed-role/reader/test"
    client = client_of(
        sandbox,
        access_key=role["Credentials"]["AccessKeyId"],
        secret=role["Credentials"]["SecretAccessKey"],
        session_token=role["Credentials"]["SessionToken"],
    )
    assert client.describe_service_updates()["ServiceUpdates"]
    sandbox.signatures.expire_temporary_keys()
    assert refusal(client)[:2] == (403, "ExpiredToken")


def test_a_role_that_is_none_cannot_be_assumed(sandbox: Sandbox) -> None:
    """The error is STS's, with its code."""
    environment = sandbox.environment
    sts = boto3.client(
        "sts",
        region_name="eu-west-1",
        endpoint_url=environment["AWS_ENDPOINT_URL_STS"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    with pytest.raises(ClientError, match="ValidationError"):
        sts.assume_role(RoleArn="arn:aws:s3:::no-role-at-all", RoleSessionName="test")
