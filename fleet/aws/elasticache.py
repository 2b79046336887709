"""Reads service updates, update actions, replication groups and counts from AWS ElastiCache's API."""

import functools
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from fleet.aws.client import SYSTEM
from fleet.aws.elements import (
    lone_nodes,
    node_version,
    parameter_group_name,
    replication_group,
    service_update,
    update_action,
)
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
_MOST_UPDATES, _MOST_ACTIONS = 500, 200_000


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
            "describe_service_updates", "ServiceUpdates", service_update, ServiceUpdateStatus=_AVAILABLE
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
        actions = [action for of_one in self._lists_of(sorted(names), statuses) for action in of_one]
        return _each_once(
            (action for action in actions if action is not None),
            key=lambda action: (action.service_update_name, action.replication_group_id),
        )

    def _lists_of(self, names: Sequence[str], statuses: Collection[str] | None) -> list[list[UpdateAction | None]]:
        """Once one fails, no other begins."""
        read = functools.partial(self._actions_of, statuses=statuses, most=_AtMost(_MOST_ACTIONS, "actions"))
        with ThreadPoolExecutor(_UPDATES_SIDE_BY_SIDE, thread_name_prefix="update-actions") as pool:
            # In a copy of this thread's context each, so that who listens to the answers hears them.
            reading = [pool.submit(copy_context().run, read, name) for name in names]
            try:
                return [each.result() for each in reading]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _actions_of(self, name: str, statuses: Collection[str] | None, most: "_AtMost") -> list[UpdateAction | None]:
        filters: dict[str, object] = {"ServiceUpdateName": name}
        if statuses is not None:
            filters["UpdateActionStatus"] = sorted(statuses)
        page_size = self._actions_page_size
        try:
            actions = self._read(
                "describe_update_actions", "UpdateActions", update_action, on_rows=most.count, **filters, **page_size
            )
        except AwsRefusalError as error:
            if error.code == _NO_SUCH_UPDATE:
                return []
            if not page_size or not error.code.startswith(_INVALID):
                raise
        else:
            if others := {action.service_update_name for action in actions if action is not None} - {name}:
                cause = f"unexpected body: an action of update '{min(others)}' in the list of '{name}'"
                raise RemoteError(SYSTEM, "DescribeUpdateActions", cause)
            return actions
        # AWS does not document the largest page size of this call.
        self._actions_page_size = {}
        return self._actions_of(name, statuses, most)

    def replication_groups(self) -> list[ReplicationGroup]:
        groups = self._read("describe_replication_groups", "ReplicationGroups", replication_group)
        return _each_once(groups, key=lambda group: group.id)

    def lone_cache_nodes_count(self) -> int:
        """Counts nodes outside any replication group: Memcached clusters, and single nodes."""
        clusters = self._read(
            "describe_cache_clusters", "CacheClusters", lone_nodes, ShowCacheClustersNotInReplicationGroups=True
        )
        return sum(dict(clusters).values())

    def engine_versions(self) -> dict[str, str]:
        """
        By the id of each replication group its engine's version, which AWS says of nodes only.

        Lists every node, which takes longer than anything that a survey asks for. Nodes may differ during an update.
        """
        found: dict[str, set[str]] = {}
        for group_id, version in self._read("describe_cache_clusters", "CacheClusters", node_version):
            if group_id and version:
                found.setdefault(group_id, set()).add(version)
        return {group_id: ", ".join(sorted(versions)) for group_id, versions in found.items()}

    def cache_parameter_groups_count(self) -> int:
        """Counts the account's own groups, without the `default.` groups, which AWS provides and does not count."""
        names = self._read("describe_cache_parameter_groups", "CacheParameterGroups", parameter_group_name)
        return sum(not name.startswith("default.") for name in set(names))

    def _read(self, operation: str, key: str, parsed: Callable[[ET.Element], Value], **more: Any) -> list[Value]:  # noqa: ANN401 — as AwsPages.rows has it
        call = self._client.meta.method_to_api_mapping[operation]
        with in_our_errors(call):
            return self._pages.rows(operation, key, parsed, **more)


class _AtMost:
    """Lists that are read side by side have so many rows together. More would fill our memory."""

    def __init__(self, most: int, what: str) -> None:
        self._left = self._most = most
        self._what = what
        self._lock = threading.Lock()

    def count(self, rows: int) -> None:
        """Raises UnexpectedBodyError."""
        with self._lock:
            self._left -= rows
            if self._left < 0:
                raise UnexpectedBodyError(f"there are more than {self._most:,} {self._what}")


def _each_once(values: Iterable[Value], key: Callable[[Value], Any]) -> list[Value]:
    """Sorts by the key and drops duplicates: pages overlap if the fleet changes while they are read."""
    by_key = {key(value): value for value in values}
    return [by_key[k] for k in sorted(by_key)]
