"""The Resource Groups Tagging API: tags of resources by their ARNs, in JSON 1.1."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import msgspec

from sandbox.aws.query import RefusalError
from sandbox.aws.rights import Rights
from sandbox.aws.signatures import Signatures
from sandbox.truth import Truth
from sandbox.wire import Reply, Request, json_reply
from sandbox.world import World

TARGET = "ResourceGroupsTaggingAPI_20170126."
CONTENT_TYPE = "application/x-amz-json-1.1"
MOST_ARNS = 100


class Tagging:
    """
    Knows the tags of replication groups. `unindexed` are groups that its index does not know yet.

    A resource that is not there, or never had a tag, is left out of the answer without a word.
    """

    name = "tagging"

    def __init__(self, world: World, signatures: Signatures, rights: Rights, unindexed: set[str]) -> None:
        self._world = world
        self._signatures = signatures
        self._rights = rights
        self._unindexed = unindexed

    def call(self, request: Request) -> str:
        return request.headers.get("x-amz-target", "").removeprefix(TARGET) or request.path

    def answer(self, request: Request) -> Reply:
        try:
            key = self._signatures.check(request, "tagging")
            _check_call(request, self.call(request))
            truth = self._world.truth
            self._rights.check(key.arn(truth.account), "GetResources", service="tag")
            resources = list(self._resources(truth, _arns(request.body)))
        except RefusalError as refusal:
            return _refusal(refusal)
        return _reply({"PaginationToken": "", "ResourceTagMappingList": resources})

    def throttled(self, retry_after: str) -> Reply:  # noqa: ARG002 — it has no Retry-After
        return _refusal(RefusalError(400, "ThrottledException", "Rate exceeded"))

    def failed(self, status: int) -> Reply:
        code = {503: "ServiceUnavailableException"}.get(status, "InternalServiceException")
        return _refusal(RefusalError(status, code, "The request could not be served."))

    def unauthorized(self) -> Reply:
        message = "The security token included in the request is expired"
        return _refusal(RefusalError(400, "ExpiredTokenException", message))

    def _resources(self, truth: Truth, arns: list[str]) -> Iterator[dict[str, object]]:
        for arn in arns:
            prefix, _, group_id = arn.rpartition(":")
            group = truth.replication_groups.get(group_id)
            is_there = prefix == f"{truth.arn_prefix}:replicationgroup" and group_id not in self._unindexed
            if group is not None and group.tags and is_there:
                yield {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in group.tags]}


def _check_call(request: Request, call: str) -> None:
    if request.method != "POST" or request.path != "/" or call != "GetResources":
        raise RefusalError(400, "UnknownOperationException", "")


def _arns(body: bytes) -> list[str]:
    try:
        asked: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError) as error:
        raise RefusalError(400, "SerializationException", str(error)) from error
    arns = asked.get("ResourceARNList")
    if not arns or len(asked) > 1:
        raise _invalid("this stand-in answers ResourceARNList only, which excludes every other parameter")
    if len(arns) > MOST_ARNS or len(set(arns)) < len(arns):
        raise _invalid(f"ResourceARNList has {len(arns)} members; at most {MOST_ARNS} different ones are allowed")
    return [str(arn) for arn in arns]


def _invalid(message: str) -> RefusalError:
    return RefusalError(400, "InvalidParameterException", message)


def _reply(document: object, status: int = 200) -> Reply:
    headers = {"x-amzn-RequestId": str(uuid4())}
    return json_reply(document, status, content_type=CONTENT_TYPE, headers=headers)


def _refusal(refusal: RefusalError) -> Reply:
    return _reply({"__type": refusal.code, "message": refusal.message}, refusal.status)
