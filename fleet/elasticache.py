"""Service updates, update actions, replication groups and what else is counted, from AWS ElastiCache's API."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from fleet.aws_client import SYSTEM
from fleet.aws_pages import AwsPages, IncompleteBodyError, Row, Value
from fleet.errors import RemoteError
from fleet.inventory import ReplicationGroup, ServiceUpdate, UpdateAction
from fleet.tally import Tally

if TYPE_CHECKING:
    from mypy_boto3_elasticache import ElastiCacheClient

IAM_ACTIONS = (
    "elasticache:DescribeCacheClusters",
    "elasticache:DescribeCacheParameterGroups",
    "elasticache:DescribeReplicationGroups",
    "elasticache:DescribeServiceUpdates",
    "elasticache:DescribeUpdateActions",
)
"""On resource `*`: DescribeServiceUpdates allows no other."""

_AVAILABLE = ["available"]
_DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


class ElastiCache:
    """
    Reads one account in one region, every page of a list once.

    The page size is left to AWS: where it is documented at all, the default of 100 is also the most.
    Every list raises RemoteError rather than being returned incomplete.
    """

    def __init__(self, client: "ElastiCacheClient", tally: Tally) -> None:
        self._client = client
        self._tally = tally
        self._pages = AwsPages(client)

    def service_updates(self) -> list[ServiceUpdate]:
        """The available ones, of every engine."""
        updates = self._read(
            "describe_service_updates", "ServiceUpdates", _service_update, ServiceUpdateStatus=_AVAILABLE
        )
        return _each_once(updates, key=lambda update: update.name)

    def update_actions(self) -> list[UpdateAction]:
        """Those of available updates on replication groups, of every status; the ones on lone clusters are left out."""
        actions = self._read("describe_update_actions", "UpdateActions", _update_action, ServiceUpdateStatus=_AVAILABLE)
        on_groups = (action for action in actions if action is not None)
        return _each_once(on_groups, key=lambda action: (action.service_update_name, action.replication_group_id))

    def replication_groups(self) -> list[ReplicationGroup]:
        groups = self._read("describe_replication_groups", "ReplicationGroups", _replication_group)
        return _each_once(groups, key=lambda group: group.id)

    def lone_cache_nodes_count(self) -> int:
        """Nodes of Memcached clusters and of single nodes outside any group; a group's own are its members."""
        clusters = self._read(
            "describe_cache_clusters", "CacheClusters", _lone_nodes, ShowCacheClustersNotInReplicationGroups=True
        )
        return sum(dict(clusters).values())

    def cache_parameter_groups(self) -> list[str]:
        """Names of the account's own, without the `default.` ones that AWS provides and does not count."""
        names = self._read("describe_cache_parameter_groups", "CacheParameterGroups", _parameter_group_name)
        return sorted({name for name in names if not name.startswith("default.")})

    def _read(self, operation: str, key: str, parsed: Callable[[Row], Value], **filters: object) -> list[Value]:
        call = self._client.meta.method_to_api_mapping[operation]
        try:
            return self._pages.rows(operation, key, parsed, **filters)
        except ClientError as error:
            raise RemoteError(SYSTEM, call, _refusal(error, call)) from error
        except BotoCoreError as error:
            raise RemoteError(SYSTEM, call, " ".join(str(error).split())) from error
        except (KeyError, ValueError, ResponseParserError, IncompleteBodyError) as error:
            self._tally.count_failure(SYSTEM)
            raise RemoteError(SYSTEM, call, f"unexpected body: {_what_was_wrong(error)}") from error


def _what_was_wrong(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"no {error.args[0]}"
    # botocore appends the body, which may be large, and is not ours to log.
    return str(error).partition("\n")[0].partition(", invalid XML")[0]


def _each_once(values: Iterable[Value], key: Callable[[Value], Any]) -> list[Value]:
    """Sorted by the key; pages may overlap where the fleet changes while they are read."""
    by_key = {key(value): value for value in values}
    return [by_key[k] for k in sorted(by_key)]


def _refusal(error: ClientError, call: str) -> str:
    code = error.response["Error"].get("Code", "no code")
    remedy = f"; allow elasticache:{call}" if code in _DENIED_CODES else ""
    return f"{code}: {error.response['Error'].get('Message', 'no message')}{remedy}"


def _service_update(row: Row) -> ServiceUpdate:
    return ServiceUpdate(
        name=row["ServiceUpdateName"],
        status=row.get("ServiceUpdateStatus", "available"),  # what was asked for
        severity=row.get("ServiceUpdateSeverity", ""),
        type=row.get("ServiceUpdateType", ""),
        engine=row.get("Engine", ""),
        description=row.get("ServiceUpdateDescription", ""),
        engine_version=row.get("EngineVersion", ""),
        released_at=row.get("ServiceUpdateReleaseDate"),
        recommended_apply_by=row.get("ServiceUpdateRecommendedApplyByDate"),
        ends_at=row.get("ServiceUpdateEndDate"),
        auto_update_after_recommended_apply_by=row.get("AutoUpdateAfterRecommendedApplyByDate", False),
        estimated_update_time=row.get("EstimatedUpdateTime", ""),
    )


def _update_action(row: Row) -> UpdateAction | None:
    if not row.get("ReplicationGroupId"):
        return None
    return UpdateAction(
        service_update_name=row["ServiceUpdateName"],
        replication_group_id=row["ReplicationGroupId"],
        status=row["UpdateActionStatus"],
        nodes_updated=row.get("NodesUpdated", ""),
        status_modified_at=row.get("UpdateActionStatusModifiedDate"),
    )


def _replication_group(row: Row) -> ReplicationGroup:
    return ReplicationGroup(
        id=row["ReplicationGroupId"],
        status=row.get("Status", ""),
        engine=row.get("Engine", "").lower(),
        nodes_count=len(row.get("MemberClusters", [])),
        has_automatic_failover=row.get("AutomaticFailover") == "enabled",
    )


def _lone_nodes(row: Row) -> tuple[str, int]:
    is_lone = not row.get("ReplicationGroupId")
    return row["CacheClusterId"], row.get("NumCacheNodes", 1) if is_lone else 0


def _parameter_group_name(row: Row) -> str:
    name: str = row["CacheParameterGroupName"]
    return name
