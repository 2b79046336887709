"""ElastiCache's calls that are about named targets: apply an update, stop it, read tags."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from xml.sax.saxutils import escape

from sandbox.acceptance import ImpossibleError, why_unavailable
from sandbox.applying import APPLY, STOP, Applying
from sandbox.aws.query import Form, RefusalError, invalid_value
from sandbox.truth import UpdateAction
from sandbox.world import UnknownError, World

MOST_TARGETS = 20
CALLS = frozenset({APPLY, STOP, "ListTagsForResource"})


@dataclass(frozen=True)
class Batch:
    """One update, and the targets of one call by the kind of their ids."""

    name: str
    groups: frozenset[str]
    clusters: frozenset[str]

    @property
    def targets(self) -> list[tuple[str, str]]:
        return [
            *(("ReplicationGroupId", group) for group in sorted(self.groups)),
            *(("CacheClusterId", cluster) for cluster in sorted(self.clusters)),
        ]


class Actions:
    def __init__(self, world: World, applying: Applying) -> None:
        self._world = world
        self._applying = applying
        self._requests = count(1)

    def answer(self, form: Form) -> str:
        match form.action:
            case "BatchApplyUpdateAction":
                return self._apply(self._batch(form))
            case "BatchStopUpdateAction":
                return self._stop(self._batch(form))
        return self._tags(form.text("ResourceName") or "")

    def _batch(self, form: Form) -> Batch:
        name = form.text("ServiceUpdateName")
        if name is None:
            raise invalid_value("The parameter ServiceUpdateName must be provided.")
        groups = form.texts("ReplicationGroupIds", most=MOST_TARGETS) or frozenset()
        clusters = form.texts("CacheClusterIds", most=MOST_TARGETS) or frozenset()
        if name not in self._world.truth.service_updates:
            raise RefusalError(404, "ServiceUpdateNotFoundFault", f"Service update not found: {name}")
        if not groups and not clusters:
            raise invalid_value("At least one of ReplicationGroupIds and CacheClusterIds is needed")
        return Batch(name, groups, clusters)

    def _apply(self, batch: Batch) -> str:
        request = next(self._requests)
        if self._applying.settings.unavailable == "refused":
            self._check_available(batch, request)
        return _answers(batch, lambda target: self._applying.start(batch.name, target, request=request))

    def _stop(self, batch: Batch) -> str:
        request = next(self._requests)
        return _answers(batch, lambda target: self._applying.stop(batch.name, target, request=request))

    def _check_available(self, batch: Batch, request: int) -> None:
        """One group that is not available has the whole call refused."""
        truth = self._world.truth
        reasons = (why_unavailable(truth, batch.name, group.lower()) for group in sorted(batch.groups))
        message = next(filter(None, reasons), None)
        if message is None:
            return
        refused = ImpossibleError("InvalidReplicationGroupState", message)
        for _, target in batch.targets:
            self._applying.record(APPLY, request, batch.name, target.lower(), refused)
        raise RefusalError(400, refused.kind, message)

    def _tags(self, resource: str) -> str:
        """Of replication groups and cache clusters; only of what is available."""
        truth = self._world.truth
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


def _answers(batch: Batch, act: Callable[[str], UpdateAction]) -> str:
    """Each target by itself: what one of them refuses does not keep the others from being processed."""
    processed, unprocessed = "", ""
    for kind, target in batch.targets:
        identity = f"<{kind}>{escape(target)}</{kind}><ServiceUpdateName>{escape(batch.name)}</ServiceUpdateName>"
        try:
            action = act(target.lower())
        except (UnknownError, ImpossibleError) as refused:
            unknown = f"{kind.removesuffix('Id')}NotFoundFault"
            error = refused.kind if isinstance(refused, ImpossibleError) else unknown
            unprocessed += (
                f"<UnprocessedUpdateAction>{identity}<ErrorType>{escape(error)}</ErrorType>"
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
