"""How long AWS says that an update takes. Pure."""

from datetime import timedelta

from fleet.inventory import ReplicationGroup, ServiceUpdate

ASSUMED_PER_NODE = timedelta(minutes=30)
"""Where AWS gives no estimate, or words it in a way that cannot be read."""
_LONGEST_PER_NODE = timedelta(days=7)


def has_estimate(update: ServiceUpdate) -> bool:
    """One that can be read, and be true."""
    seconds = update.estimated_seconds_per_node
    return seconds is not None and 0 < seconds <= _LONGEST_PER_NODE.total_seconds()


def per_node(update: ServiceUpdate) -> timedelta:
    return ASSUMED_PER_NODE if not has_estimate(update) else timedelta(seconds=update.estimated_seconds_per_node or 0)


def of_group(update: ServiceUpdate, group: ReplicationGroup | None) -> timedelta:
    """For the whole group, of which AWS updates one node of a shard after another; one node where it is not known."""
    return per_node(update) * (group.nodes_in_turn if group else 1)
