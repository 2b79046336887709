"""Reads service updates, update actions, replication groups and counts from AWS ElastiCache's API."""

import functools
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from fleet.aws.client import SYSTEM
from fleet.aws.pages import AwsPages, UnexpectedBodyError, Value, wording_errors
from fleet.aws.refusals import AwsRefusalError, in_our_errors
from fleet.errors import RemoteError
from fleet.inventory import ReplicationGroup, ServiceUpdate, UpdateAction
from fleet.tally import Tally
from fleet.time_limit import TimeLimit

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

IAM_ACTIONS = (
    "elasticache:DescribeCacheClusters",
    "elasticache:DescribeCacheParameterGroups",
    "elasticache:DescribeReplicationGroups",
    "elasticache:DescribeServiceUpdates",
    "elasticache:DescribeUpdateActions",
)
"""The resource has to be `*`: DescribeServiceUpdates allows no other."""

_AVAILABLE = ["available"]
_UPDATES_SIDE_BY_SIDE = 6
_INVALID = ("InvalidParameter", "ValidationError")
_NO_SUCH_UPDATE = "ServiceUpdateNotFoundFault"
_LONGEST_TEXT, _LONGEST_WORD, _LONGEST_NAME = 4_000, 60, 300
"""In characters: for descriptions; for statuses and similar words; for names, ids and other free text."""
_MOST_UPDATES, _MOST_ACTIONS = 500, 200_000
_COUNT = re.compile("[0-9]{1,6}")
_ARN = re.compile("arn:[a-z-]+:[a-z]+:[a-z0-9-]+:(?P<account>[0-9]{12}):")
_NODES_UPDATED = re.compile(r"(?P<updated>[0-9]{1,6})/(?P<all>[0-9]{1,6})")


class ElastiCache:
    """
    Reads one account in one region, and every page of each list once.

    AWS's default page size of 100 is also the largest, except for update actions: AWS sends fewer of those unless
    asked for more. Methods raise RemoteError rather than return an incomplete list.
    """

    def __init__(self, client: "ElastiCacheClient", tally: Tally, limit: TimeLimit | None = None) -> None:
        """All lists share the limit; without one, each list has its own."""
        self._client = client
        self._pages = AwsPages(client, lambda: tally.count_failure(SYSTEM), limit)
        self._actions_page_size: dict[str, object] = {"MaxRecords": 100}

    def renew_credentials(self) -> None:
        """
        Gets credentials now if they are about to expire. Raises RemoteError.

        Otherwise each of the lists that are read side by side would ask for them, one after another, and so each in
        turn would wait for a system that does not answer.
        """
        with in_our_errors("credentials"), wording_errors():
            if credentials := self._client._request_signer._credentials:  # type: ignore[attr-defined] # noqa: SLF001 — where botocore keeps them
                credentials.get_frozen_credentials()

    def service_updates(self) -> list[ServiceUpdate]:
        """The available service updates for all engines."""
        updates = self._read(
            "describe_service_updates", "ServiceUpdates", _service_update, ServiceUpdateStatus=_AVAILABLE
        )
        if len(updates) > _MOST_UPDATES:
            call = "DescribeServiceUpdates"
            raise RemoteError(SYSTEM, call, f"unexpected body: there are more than {_MOST_UPDATES} service updates")
        return _each_once(updates, key=lambda update: update.name)

    def update_actions(self, names: Collection[str], statuses: Collection[str] | None = None) -> list[UpdateAction]:
        """
        The named updates' actions on replication groups, in the given statuses or, without any, in all.

        Leaves out actions on lone clusters. Works for expired and cancelled updates too. Asks about several updates
        at the same time, because the pages of one list can only be read one after another.
        """
        read = functools.partial(self._actions_of, statuses=statuses)
        with ThreadPoolExecutor(_UPDATES_SIDE_BY_SIDE, thread_name_prefix="update-actions") as pool:
            actions = list(self._bounded(pool.map(read, sorted(names))))
        return _each_once(actions, key=lambda action: (action.service_update_name, action.replication_group_id))

    @staticmethod
    def _bounded(lists: Iterable[list[UpdateAction | None]]) -> Iterator[UpdateAction]:
        count = 0
        for actions in lists:
            count += len(actions)
            if count > _MOST_ACTIONS:
                cause = f"unexpected body: there are more than {_MOST_ACTIONS:,} actions"
                raise RemoteError(SYSTEM, "DescribeUpdateActions", cause)
            yield from (action for action in actions if action is not None)

    def _actions_of(self, name: str, statuses: Collection[str] | None) -> list[UpdateAction | None]:
        filters: dict[str, object] = {"ServiceUpdateName": name}
        if statuses is not None:
            filters["UpdateActionStatus"] = sorted(statuses)
        page_size = self._actions_page_size
        try:
            return self._read("describe_update_actions", "UpdateActions", _update_action, **filters, **page_size)
        except AwsRefusalError as error:
            if error.code == _NO_SUCH_UPDATE:
                return []
            if not page_size or not error.code.startswith(_INVALID):
                raise
        # AWS does not document the largest page size of this call.
        self._actions_page_size = {}
        return self._actions_of(name, statuses)

    def replication_groups(self) -> list[ReplicationGroup]:
        groups = self._read("describe_replication_groups", "ReplicationGroups", _replication_group)
        return _each_once(groups, key=lambda group: group.id)

    def lone_cache_nodes_count(self) -> int:
        """Counts nodes outside any replication group: Memcached clusters, and single nodes."""
        clusters = self._read(
            "describe_cache_clusters", "CacheClusters", _lone_nodes, ShowCacheClustersNotInReplicationGroups=True
        )
        return sum(dict(clusters).values())

    def engine_versions(self) -> dict[str, str]:
        """
        By the id of each replication group its engine's version, which AWS says of nodes only.

        Lists every node, which takes longer than anything that a survey asks for. Nodes may differ during an update.
        """
        found: dict[str, set[str]] = {}
        for group_id, version in self._read("describe_cache_clusters", "CacheClusters", _node_version):
            if group_id and version:
                found.setdefault(group_id, set()).add(version)
        return {group_id: ", ".join(sorted(versions)) for group_id, versions in found.items()}

    def cache_parameter_groups_count(self) -> int:
        """Counts the account's own groups, without the `default.` groups, which AWS provides and does not count."""
        names = self._read("describe_cache_parameter_groups", "CacheParameterGroups", _parameter_group_name)
        return sum(not name.startswith("default.") for name in set(names))

    def _read(self, operation: str, key: str, parsed: Callable[[ET.Element], Value], **filters: object) -> list[Value]:
        call = self._client.meta.method_to_api_mapping[operation]
        with in_our_errors(call):
            return self._pages.rows(operation, key, parsed, **filters)


def _each_once(values: Iterable[Value], key: Callable[[Value], Any]) -> list[Value]:
    """Sorts by the key and drops duplicates: pages overlap if the fleet changes while they are read."""
    by_key = {key(value): value for value in values}
    return [by_key[k] for k in sorted(by_key)]


def _service_update(element: ET.Element) -> ServiceUpdate:
    return ServiceUpdate(
        name=_required(element, "ServiceUpdateName"),
        status=_text(element, "ServiceUpdateStatus", _LONGEST_WORD) or "available",  # the only ones that we asked for
        severity=_text(element, "ServiceUpdateSeverity", _LONGEST_WORD),
        type=_text(element, "ServiceUpdateType", _LONGEST_WORD),
        engine=_text(element, "Engine"),
        description=_text(element, "ServiceUpdateDescription", _LONGEST_TEXT),
        engine_version=_text(element, "EngineVersion"),
        released_at=_moment(element, "ServiceUpdateReleaseDate"),
        recommended_apply_by=_moment(element, "ServiceUpdateRecommendedApplyByDate"),
        ends_at=_moment(element, "ServiceUpdateEndDate"),
        auto_update_after_recommended_apply_by=_text(element, "AutoUpdateAfterRecommendedApplyByDate", _LONGEST_WORD)
        == "true",
        estimated_update_time=_text(element, "EstimatedUpdateTime"),
    )


def _update_action(element: ET.Element) -> UpdateAction | None:
    if not _text(element, "ReplicationGroupId"):
        return None
    nodes_updated, nodes_count = _nodes_updated(element.findtext("NodesUpdated") or "")
    return UpdateAction(
        service_update_name=_required(element, "ServiceUpdateName"),
        replication_group_id=_text(element, "ReplicationGroupId"),
        status=_required(element, "UpdateActionStatus", _LONGEST_WORD),
        nodes_updated=nodes_updated,
        nodes_count=nodes_count,
        status_modified_at=_moment(element, "UpdateActionStatusModifiedDate"),
        service_update_status=_text(element, "ServiceUpdateStatus"),
    )


def _nodes_updated(text: str) -> tuple[int, int] | tuple[None, None]:
    """Reads AWS's `1/3` as the updated nodes and all nodes."""
    words = _NODES_UPDATED.fullmatch(text.strip())
    if words is None or int(words["updated"]) > int(words["all"]):
        return None, None
    return int(words["updated"]), int(words["all"])


def _replication_group(element: ET.Element) -> ReplicationGroup:
    return ReplicationGroup(
        id=_required(element, "ReplicationGroupId"),
        status=_text(element, "Status", _LONGEST_WORD),
        engine=sys.intern(_text(element, "Engine", _LONGEST_WORD).lower()),
        nodes_count=len(element.findall("MemberClusters/*")),
        has_automatic_failover=_text(element, "AutomaticFailover", _LONGEST_WORD) == "enabled",
        nodes_of_largest_shard=max(
            (len(shard.findall("NodeGroupMembers/*")) for shard in element.iterfind("NodeGroups/*")), default=0
        ),
        aws_account_id=_account_id(_text(element, "ARN")),
    )


def _account_id(arn: str) -> str:
    """Of a resource; empty if this is not the ARN of one that belongs to an account."""
    found = _ARN.match(arn)
    return sys.intern(found["account"]) if found else ""


def _lone_nodes(element: ET.Element) -> tuple[str, int]:
    is_lone = not _text(element, "ReplicationGroupId")
    count = element.findtext("NumCacheNodes") or "1"
    if not _COUNT.fullmatch(count):
        raise UnexpectedBodyError(f"NumCacheNodes '{count[:20]}' is not a number of nodes")
    return _required(element, "CacheClusterId"), int(count) if is_lone else 0


def _node_version(element: ET.Element) -> tuple[str, str]:
    return _text(element, "ReplicationGroupId"), _text(element, "EngineVersion", _LONGEST_WORD)


def _parameter_group_name(element: ET.Element) -> str:
    return _required(element, "CacheParameterGroupName")


def _text(element: ET.Element, name: str, longest: int = _LONGEST_NAME) -> str:
    """Empty if AWS does not say. Interned, because the same ids and words come back in every list and survey."""
    text = element.findtext(name) or ""
    if len(text) > longest:
        raise UnexpectedBodyError(f"{name} is {len(text):,} characters long")
    return sys.intern(text)


def _required(element: ET.Element, name: str, longest: int = _LONGEST_NAME) -> str:
    if not (text := _text(element, name, longest)):
        raise UnexpectedBodyError(f"<{element.tag}> without {name}")
    return text


def _moment(element: ET.Element, name: str) -> datetime | None:
    if not (text := element.findtext(name)):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnexpectedBodyError(f"{name}: {error}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
