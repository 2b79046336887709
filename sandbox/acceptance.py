"""Which update actions AWS agrees to apply and to stop, and in which words it refuses the others."""

from sandbox.truth import Truth, UpdateAction
from sandbox.world import UnknownError, known

APPLICABLE_STATUSES = frozenset({"not-applied", "stopped", "scheduled"})
UNDER_WAY_STATUSES = frozenset({"waiting-to-start", "in-progress", "stopping"})
STOPPABLE_STATUSES = frozenset({"waiting-to-start", "in-progress"})
UNAVAILABLE = {
    "unprocessed": "an unprocessed entry for the group",
    "refused": "400 InvalidReplicationGroupState for the whole call, of which nothing is carried out",
    "waits": "accepted: the update waits until the group is available",
}
"""What AWS answers for a group that is not available: nobody knows."""


class ImpossibleError(ValueError):
    """AWS would refuse this; `kind` is its word for why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def applicable(truth: Truth, name: str, target_id: str, unavailable: str) -> UpdateAction:
    """The action, if it can be applied now; raises UnknownError or ImpossibleError otherwise."""
    action = _action(truth, name, target_id)
    if truth.service_updates[name].status != "available":
        raise ImpossibleError("InvalidParameterValue", f"{name} is {truth.service_updates[name].status}")
    if action.status not in APPLICABLE_STATUSES:
        raise _not_valid(action)
    why = why_unavailable(truth, name, target_id)
    if why is not None and unavailable != "waits":
        raise ImpossibleError("InvalidReplicationGroupState", why)
    return action


def stoppable(truth: Truth, name: str, target_id: str) -> UpdateAction:
    """The action, if it can be stopped; an upgrade of the engine's version cannot."""
    action = _action(truth, name, target_id)
    if action.status not in STOPPABLE_STATUSES:
        raise _not_valid(action)
    if truth.service_updates[name].type == "engine-major-version-update":
        message = f"{name} upgrades the engine's version and cannot be stopped"
        raise ImpossibleError("InvalidParameterValue", message)
    return action


def why_unavailable(truth: Truth, name: str, target_id: str) -> str | None:
    """What the target is busy with instead of this update, in words."""
    group = truth.replication_groups.get(target_id)
    if group and group.status != "available":
        return f"Replication group {target_id} is not in the available state. Current state: {group.status}."
    for other in truth.service_updates:
        action = truth.update_actions.get((other, target_id))
        if other != name and action and action.status in UNDER_WAY_STATUSES:
            return f"{target_id} is being updated: {other} is {action.status}."
    return None


def _not_valid(action: UpdateAction) -> ImpossibleError:
    """In AWS's own words."""
    message = f"The update action is not in a valid status. Current status: {action.status}."
    return ImpossibleError("InvalidParameterValue", message)


def _action(truth: Truth, name: str, target_id: str) -> UpdateAction:
    known(truth.service_updates, name, "service update")
    if target_id not in truth.replication_groups and target_id not in truth.cache_clusters:
        raise UnknownError(f"{target_id} not found")
    if (name, target_id) not in truth.update_actions:
        raise ImpossibleError("InvalidParameterValue", f"There is no update action of {name} on {target_id}.")
    return truth.update_actions[name, target_id]
