"""Turns the elements of ElastiCache's answers into values. Each raises UnexpectedBodyError for what AWS never says."""

import re
import sys
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from fleet.aws.pages import UnexpectedBodyError
from fleet.inventory import ReplicationGroup, ServiceUpdate, UpdateAction

_LONGEST_TEXT, _LONGEST_WORD, _LONGEST_NAME = 4_000, 60, 300
"""In characters: for descriptions; for statuses and similar words; for names, ids and other free text."""
_COUNT = re.compile("[0-9]{1,6}")
_ARN = re.compile("arn:[a-z-]+:[a-z]+:[a-z0-9-]+:(?P<account>[0-9]{12}):")
_NODES_UPDATED = re.compile(r"(?P<updated>[0-9]{1,6})/(?P<all>[0-9]{1,6})")


def service_update(element: ET.Element) -> ServiceUpdate:
    return ServiceUpdate(
        name=_required(element, "ServiceUpdateName"),
        status=_word(element, "ServiceUpdateStatus") or "available",  # the only ones that we asked for
        severity=_word(element, "ServiceUpdateSeverity"),
        type=_word(element, "ServiceUpdateType"),
        engine=_text(element, "Engine"),
        description=_text(element, "ServiceUpdateDescription", _LONGEST_TEXT),
        engine_version=_text(element, "EngineVersion"),
        released_at=_moment(element, "ServiceUpdateReleaseDate"),
        recommended_apply_by=_moment(element, "ServiceUpdateRecommendedApplyByDate"),
        ends_at=_moment(element, "ServiceUpdateEndDate"),
        auto_update_after_recommended_apply_by=_word(element, "AutoUpdateAfterRecommendedApplyByDate") == "true",
        estimated_update_time=_text(element, "EstimatedUpdateTime"),
    )


def update_action(element: ET.Element) -> UpdateAction | None:
    if not _text(element, "ReplicationGroupId"):
        return None
    nodes_updated, nodes_count = _nodes_updated(element.findtext("NodesUpdated") or "")
    return UpdateAction(
        service_update_name=_required(element, "ServiceUpdateName"),
        replication_group_id=_text(element, "ReplicationGroupId"),
        status=_required(element, "UpdateActionStatus", _LONGEST_WORD).lower(),
        nodes_updated=nodes_updated,
        nodes_count=nodes_count,
        status_modified_at=_moment(element, "UpdateActionStatusModifiedDate"),
        service_update_status=_word(element, "ServiceUpdateStatus"),
    )


def _nodes_updated(text: str) -> tuple[int, int] | tuple[None, None]:
    """Reads AWS's `1/3` as the updated nodes and all nodes."""
    words = _NODES_UPDATED.fullmatch(text.strip())
    if words is None or int(words["updated"]) > int(words["all"]):
        return None, None
    return int(words["updated"]), int(words["all"])


def replication_group(element: ET.Element) -> ReplicationGroup:
    group_id = _required(element, "ReplicationGroupId")
    arn = _text(element, "ARN")
    return ReplicationGroup(
        id=group_id,
        status=_word(element, "Status"),
        engine=_word(element, "Engine"),
        nodes_count=len(element.findall("MemberClusters/*")),
        has_automatic_failover=_word(element, "AutomaticFailover") == "enabled",
        nodes_of_largest_shard=max(
            (len(shard.findall("NodeGroupMembers/*")) for shard in element.iterfind("NodeGroups/*")), default=0
        ),
        node_type=_text(element, "CacheNodeType", _LONGEST_WORD),
        arn_prefix=sys.intern(arn.removesuffix(group_id)) if arn.endswith(f":{group_id}") else "",
        aws_account_id=_account_id(arn),
    )


def _account_id(arn: str) -> str:
    """Of a resource; empty if this is not the ARN of one that belongs to an account."""
    found = _ARN.match(arn)
    return sys.intern(found["account"]) if found else ""


def lone_nodes(element: ET.Element) -> tuple[str, int]:
    is_lone = not _text(element, "ReplicationGroupId")
    count = element.findtext("NumCacheNodes") or "1"
    if not _COUNT.fullmatch(count):
        raise UnexpectedBodyError(f"NumCacheNodes '{count[:20]}' is not a number of nodes")
    return _required(element, "CacheClusterId"), int(count) if is_lone else 0


def node_version(element: ET.Element) -> tuple[str, str]:
    return _text(element, "ReplicationGroupId"), _text(element, "EngineVersion", _LONGEST_WORD)


def parameter_group_name(element: ET.Element) -> str:
    return _required(element, "CacheParameterGroupName")


def _text(element: ET.Element, name: str, longest: int = _LONGEST_NAME) -> str:
    """Empty if AWS does not say. Interned, because the same ids and words come back in every list and survey."""
    text = element.findtext(name) or ""
    if len(text) > longest:
        raise UnexpectedBodyError(f"{name} is {len(text):,} characters long")
    return sys.intern(text)


def _word(element: ET.Element, name: str) -> str:
    """One of AWS's words, in small letters as AWS documents them; empty if AWS does not say."""
    return sys.intern(_text(element, name, _LONGEST_WORD).lower())


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
