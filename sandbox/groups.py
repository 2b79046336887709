"""Replication groups that AWS is busy with, so that nothing else can be done to them for a while."""

from dataclasses import replace

from sandbox.applying import Applying
from sandbox.changes import with_group_status, without_group_and_its_instance
from sandbox.truth import Truth
from sandbox.world import UnknownError, World, known

STATUSES = ("available", "creating", "modifying", "deleting", "create-failed", "snapshotting")


class Groups:
    def __init__(self, world: World, applying: Applying) -> None:
        self._world = world
        self._applying = applying

    def set_status(self, group_id: str, status: str, seconds: float | None = None) -> None:
        """
        From now on, or for so many seconds: then the group is available, or gone with its service instance if it was
        `deleting`. An update that waits for it begins when it is available.
        """
        if status not in STATUSES:
            raise UnknownError(f"no status '{status}'; there are {', '.join(STATUSES)}")
        with self._world.lock:
            known(self._world.truth.replication_groups, group_id, "replication group")
            self._world.change(lambda truth: self._with_status(truth, group_id, status))
            if seconds is not None:
                self._world.change_later(seconds, lambda truth: self._over(truth, group_id, status))

    def set_tags(self, group_id: str, tags: tuple[tuple[str, str], ...]) -> None:
        """In place of those that the group has."""

        def with_tags(truth: Truth) -> Truth:
            group = replace(known(truth.replication_groups, group_id, "replication group"), tags=tags)
            return replace(truth, replication_groups={**truth.replication_groups, group_id: group})

        self._world.change(with_tags)

    def _with_status(self, truth: Truth, group_id: str, status: str) -> Truth:
        truth = with_group_status(truth, group_id, status)
        return self._applying.resume(truth, group_id) if status == "available" else truth

    def _over(self, truth: Truth, group_id: str, status: str) -> Truth:
        """Unless another status has been set meanwhile."""
        group = truth.replication_groups.get(group_id)
        if group is None or group.status != status:
            return truth
        if status == "deleting":
            return without_group_and_its_instance(truth, group_id)
        return self._with_status(truth, group_id, "available")
