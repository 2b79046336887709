"""ElastiCache's calls that are about named targets: apply an update, stop it, read tags."""

from collections.abc import Callable
from xml.sax.saxutils import escape

from sandbox.aws.query import Form, RefusalError, invalid_value
from sandbox.truth import UpdateAction
from sandbox.updates import ImpossibleError, Updates
from sandbox.world import UnknownError, World

MOST_TARGETS = 20


def apply_update(world: World, updates: Updates, form: Form) -> str:
    return _batch(world, form, updates.start)


def stop_update(world: World, updates: Updates, form: Form) -> str:
    return _batch(world, form, updates.stop)


def _batch(world: World, form: Form, act: Callable[[str, str], UpdateAction]) -> str:
    """Each target by itself: what one of them refuses does not keep the others from being processed."""
    name = form.text("ServiceUpdateName") or ""
    groups = form.texts("ReplicationGroupIds", most=MOST_TARGETS) or frozenset()
    clusters = form.texts("CacheClusterIds", most=MOST_TARGETS) or frozenset()
    if name not in world.truth.service_updates:
        raise RefusalError(404, "ServiceUpdateNotFoundFault", f"Service update not found: {name}")
    if not groups and not clusters:
        raise invalid_value("At least one of ReplicationGroupIds and CacheClusterIds is needed")

    processed, unprocessed = "", ""
    for kind, targets in (("ReplicationGroupId", groups), ("CacheClusterId", clusters)):
        for target in sorted(targets):
            identity = f"<{kind}>{escape(target)}</{kind}><ServiceUpdateName>{escape(name)}</ServiceUpdateName>"
            try:
                action = act(name, target.lower())
            except (UnknownError, ImpossibleError) as refused:
                error = (
                    refused.kind if isinstance(refused, ImpossibleError) else f"{kind.removesuffix('Id')}NotFoundFault"
                )
                unprocessed += (
                    f"<UnprocessedUpdateAction>{identity}<ErrorType>{error}</ErrorType>"
                    f"<ErrorMessage>{escape(str(refused))}</ErrorMessage></UnprocessedUpdateAction>"
                )
            else:
                processed += (
                    f"<ProcessedUpdateAction>{identity}<UpdateActionStatus>{action.status}</UpdateActionStatus>"
                    f"</ProcessedUpdateAction>"
                )
    return (
        f"<ProcessedUpdateActions>{processed}</ProcessedUpdateActions>"
        f"<UnprocessedUpdateActions>{unprocessed}</UnprocessedUpdateActions>"
    )


def tags(world: World, _updates: Updates, form: Form) -> str:
    """Of replication groups and cache clusters; only of what is available."""
    truth = world.truth
    resource = form.text("ResourceName") or ""
    match resource.split(":"):
        case ["arn", "aws", "elasticache", truth.region, _, "replicationgroup", name]:
            if (group := truth.replication_groups.get(name)) is None:
                raise RefusalError(
                    404, "ReplicationGroupNotFoundFault", f"{name} is either not present or not available."
                )
            status, found = group.status, group.tags
        case ["arn", "aws", "elasticache", truth.region, _, "cluster", name]:
            if (cluster := truth.cache_clusters.get(name)) is None:
                raise RefusalError(404, "CacheClusterNotFound", f"{name} is either not present or not available.")
            status, found = cluster.status, ()
        case _:
            raise RefusalError(400, "InvalidARN", f"The ARN {resource} is not one of {truth.region}")
    if status != "available":
        message = "Cluster not in available state to perform tagging operations."
        raise RefusalError(400, "InvalidReplicationGroupState", message)
    rendered = "".join(f"<Tag><Key>{key}</Key><Value>{escape(value)}</Value></Tag>" for key, value in found)
    return f"<TagList>{rendered}</TagList>"


ACTIONS: dict[str, Callable[[World, Updates, Form], str]] = {
    "BatchApplyUpdateAction": apply_update,
    "BatchStopUpdateAction": stop_update,
    "ListTagsForResource": tags,
}
