"""Reads the tags of replication groups from AWS's Resource Groups Tagging API, in as few requests as it allows."""

import logging
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import msgspec
from botocore.parsers import ResponseParserError

from fleet.aws.pages import LibraryError, UnexpectedBodyError, wording_errors
from fleet.aws.refusals import in_our_errors
from fleet.aws.service import TAGGING
from fleet.errors import RemoteError
from fleet.inventory import GroupTags, ReplicationGroup
from fleet.known_types import known
from fleet.tally import Tally
from fleet.time_limit import TimeLimit

log = logging.getLogger(__name__)

IAM_ACTIONS = ("tag:GetResources",)
"""The resource has to be `*`: there is no other for this call."""

_CALL = "GetResources"
_ARNS_PER_REQUEST = 100
_SIDE_BY_SIDE = 6
_Text = Annotated[str, msgspec.Meta(max_length=300)]
"""AWS allows 128 characters for a key, and 256 for a value."""


class _Tag(msgspec.Struct, rename="pascal"):
    key: _Text
    value: _Text = ""


class _Mapping(msgspec.Struct):
    arn: Annotated[str, msgspec.Meta(max_length=2_000)] = msgspec.field(name="ResourceARN")
    tags: list[_Tag] = msgspec.field(name="Tags", default_factory=list)


class _Answer(msgspec.Struct):
    resources: list[_Mapping] = msgspec.field(name="ResourceTagMappingList")
    token: str = msgspec.field(name="PaginationToken", default="")


class Tagging:
    """
    Reads one account in one region. Raises RemoteError rather than return the tags of some groups only.

    The index may list groups that are gone, and miss groups that are there. So it is asked about the groups that
    ElastiCache lists, by their ARNs: none that is gone can appear, and one that is missing has no tags.
    """

    def __init__(self, client: Any, tally: Tally, limit: TimeLimit) -> None:  # noqa: ANN401 — as botocore has it
        self._client = client
        self._tally = tally
        self._limit = limit

    def tags_of(self, groups: Sequence[ReplicationGroup], wanted: Collection[str]) -> GroupTags:
        """
        The groups' values of the wanted tag keys. Asks about several hundreds at the same time.

        A group without an ARN, such as one that is just created, cannot be asked about: it has no tags, like one that
        the index does not know. If none has an ARN, something else is wrong.
        """
        ids = {group.arn: group.id for group in groups if group.arn}
        if groups and not ids:
            cause = f"unexpected body: replication group {groups[0].id} has no ARN by which to ask for its tags"
            raise RemoteError("elasticache", "DescribeReplicationGroups", f"{cause}, and neither has any other")
        if unasked := [group.id for group in groups if not group.arn]:
            log.warning(
                "replication groups have no ARN by which to ask for their tags; they are taken for untagged",
                extra={"replication_groups": unasked},
            )
        arns = sorted(ids)
        chunks = [arns[start : start + _ARNS_PER_REQUEST] for start in range(0, len(arns), _ARNS_PER_REQUEST)]
        with ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="tags") as pool:
            found = {ids[arn]: tags for answer in pool.map(self._tags, chunks) for arn, tags in answer.items()}
        intern = sys.intern  # the same texts come back in every survey
        return GroupTags(
            by_group={
                group_id: {key: intern(value) for key, value in tags.items() if key in wanted}
                for group_id, tags in found.items()
            },
            keys=frozenset(key for tags in found.values() for key in tags),
        )

    def _answer(self, arns: list[str]) -> object:
        """Raises UnexpectedBodyError for JSON of another shape, over which botocore's parser stumbles."""
        try:
            return self._client.get_resources(ResourceARNList=arns)
        except (AttributeError, TypeError, KeyError) as error:
            raise UnexpectedBodyError("it has other types in it than AWS promises") from error

    def _tags(self, arns: list[str]) -> dict[str, Mapping[str, str]]:
        self._limit.refuse_if_over(TAGGING.system, _CALL)
        with in_our_errors(_CALL, TAGGING):
            try:
                with wording_errors():
                    answer = self._answer(arns)
                return dict(_whole(answer, arns))
            except (UnexpectedBodyError, LibraryError, ResponseParserError):  # all others are counted as they arrive
                self._tally.count_failure(TAGGING.system)
                raise


def _whole(answer: object, asked: Collection[str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """By ARN. Raises UnexpectedBodyError if anything is missing from the answer, or could be."""
    if not isinstance(answer, dict):
        raise UnexpectedBodyError("not an object with a ResourceTagMappingList")
    try:
        read = msgspec.convert(answer, type=known(_Answer))
    except msgspec.ValidationError as error:
        raise UnexpectedBodyError(str(error)) from error
    if read.token:
        raise UnexpectedBodyError("it goes on, though it was asked for no more than fits into one answer")
    left = set(asked)
    for resource in read.resources:
        if resource.arn not in left:
            raise UnexpectedBodyError(f"{resource.arn[:200]} is there twice, or was not asked for")
        left.remove(resource.arn)
        tags = {tag.key: tag.value for tag in resource.tags}
        if len(tags) < len(resource.tags):
            raise UnexpectedBodyError(f"{resource.arn[:200]} has a tag key twice")
        yield resource.arn, tags
