"""Service updates, update actions, replication groups and what else is counted, from AWS ElastiCache's API."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from fleet.aws.client import SYSTEM
from fleet.aws.pages import AwsPages, UnexpectedBodyError, Value
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
        self._pages = AwsPages(client, lambda: tally.count_failure(SYSTEM))

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

    def _read(self, operation: str, key: str, parsed: Callable[[ET.Element], Value], **filters: object) -> list[Value]:
        call = self._client.meta.method_to_api_mapping[operation]
        try:
            return self._pages.rows(operation, key, parsed, **filters)
        except ClientError as error:
            raise RemoteError(SYSTEM, call, _refusal(error, call)) from error
        except BotoCoreError as error:
            raise RemoteError(SYSTEM, call, " ".join(str(error).split())) from error
        except (UnexpectedBodyError, ResponseParserError) as error:
            raise RemoteError(SYSTEM, call, f"unexpected body: {str(error).splitlines()[0]}") from error


def _each_once(values: Iterable[Value], key: Callable[[Value], Any]) -> list[Value]:
    """Sorted by the key; pages may overlap where the fleet changes while they are read."""
    by_key = {key(value): value for value in values}
    return [by_key[k] for k in sorted(by_key)]


def _refusal(error: ClientError, call: str) -> str:
    code = error.response["Error"].get("Code", "no code")
    remedy = f"; allow elasticache:{call}" if code in _DENIED_CODES else ""
    return f"{code}: {error.response['Error'].get('Message', 'no message')}{remedy}"


def _service_update(element: ET.Element) -> ServiceUpdate:
    return ServiceUpdate(
        name=_required(element, "ServiceUpdateName"),
        status=_text(element, "ServiceUpdateStatus") or "available",  # what was asked for
        severity=_text(element, "ServiceUpdateSeverity"),
        type=_text(element, "ServiceUpdateType"),
        engine=_text(element, "Engine"),
        description=_text(element, "ServiceUpdateDescription"),
        engine_version=_text(element, "EngineVersion"),
        released_at=_moment(element, "ServiceUpdateReleaseDate"),
        recommended_apply_by=_moment(element, "ServiceUpdateRecommendedApplyByDate"),
        ends_at=_moment(element, "ServiceUpdateEndDate"),
        auto_update_after_recommended_apply_by=_text(element, "AutoUpdateAfterRecommendedApplyByDate") == "true",
        estimated_update_time=_text(element, "EstimatedUpdateTime"),
    )


def _update_action(element: ET.Element) -> UpdateAction | None:
    if not _text(element, "ReplicationGroupId"):
        return None
    return UpdateAction(
        service_update_name=_required(element, "ServiceUpdateName"),
        replication_group_id=_text(element, "ReplicationGroupId"),
        status=_required(element, "UpdateActionStatus"),
        nodes_updated=_text(element, "NodesUpdated"),
        status_modified_at=_moment(element, "UpdateActionStatusModifiedDate"),
    )


def _replication_group(element: ET.Element) -> ReplicationGroup:
    return ReplicationGroup(
        id=_required(element, "ReplicationGroupId"),
        status=_text(element, "Status"),
        engine=_text(element, "Engine").lower(),
        nodes_count=len(element.findall("MemberClusters/*")),
        has_automatic_failover=_text(element, "AutomaticFailover") == "enabled",
    )


def _lone_nodes(element: ET.Element) -> tuple[str, int]:
    is_lone = not _text(element, "ReplicationGroupId")
    count = _text(element, "NumCacheNodes") or "1"
    if not count.isdecimal():
        raise UnexpectedBodyError(f"NumCacheNodes '{count}' is not a number")
    return _required(element, "CacheClusterId"), int(count) if is_lone else 0


def _parameter_group_name(element: ET.Element) -> str:
    return _required(element, "CacheParameterGroupName")


def _text(element: ET.Element, name: str) -> str:
    """Empty where AWS does not say."""
    return element.findtext(name) or ""


def _required(element: ET.Element, name: str) -> str:
    if not (text := element.findtext(name)):
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
