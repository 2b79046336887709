"""AWS in memory, with a clock of its own: as much of it as applying updates touches, and as unreliable as it may be."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from fleet.errors import RemoteError, ThrottledError
from fleet.inventory import ReplicationGroup, UpdateAction
from fleet.survey import Survey
from notifier.apply.answers import Answer, Answered, CallRefused, Refusal, Throttled, Unanswered
from tests.notifier.apply.fleet_of import BEGIN, TOLD_AT, Region, Row


class Killed(BaseException):
    """The process is gone at this point."""


@dataclass
class Begun:
    at: datetime
    seconds: float
    fate: str


@dataclass
class Group:
    """`history` holds (status, since) of its update, the oldest first."""

    row: Row
    fate: str = "completes"
    seconds: float = 300
    begun: list[Begun] = field(default_factory=list)
    history: list[tuple[str, datetime]] = field(default_factory=list)
    unavailable_until: datetime = TOLD_AT
    is_deleted: bool = False

    def status(self, at: datetime) -> tuple[str, datetime]:
        return next(((s, since) for s, since in reversed(self.history) if since <= at), (self.row.status, TOLD_AT))


@dataclass
class SimulatedAws:
    """`faults` are used up, one for each call of its kind; `unavailable` is one of the ways in which AWS may answer."""

    region: Region
    groups: dict[str, Group]
    unavailable: str = "unprocessed"
    listing_lag: timedelta = timedelta(0)
    start_faults: list[str] = field(default_factory=list)
    listing_faults: list[str] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    """What this AWS calls some statuses."""
    shuffled: Random | None = None
    """Lists in another order each time."""
    kill_after: int | None = None
    """So many interactions from now."""
    now: datetime = BEGIN
    calls: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    listings: int = 0
    on_pause: Callable[[], None] = lambda: None

    def clock(self) -> datetime:
        return self.now

    def pause(self, seconds: float) -> None:
        self._live()
        self.now += timedelta(seconds=seconds)
        self.on_pause()

    def survey(self) -> Survey:
        """What a program that starts now would see."""
        actions = [action for action in self._actions() if action.status not in ("complete", "not-applicable")]
        return replace(self.region.survey, update_actions=tuple(actions), replication_groups=tuple(self._groups()))

    def update_actions(self, names: Collection[str]) -> list[UpdateAction]:
        self._live()
        self.listings += 1
        match self.listing_faults.pop(0) if self.listing_faults else "":
            case "throttle":
                raise ThrottledError("elasticache", "DescribeUpdateActions", "Throttling: Rate exceeded")
            case "down":
                raise RemoteError("elasticache", "DescribeUpdateActions", "down")
        return [action for action in self._actions() if action.service_update_name in names]

    def replication_groups(self) -> list[ReplicationGroup]:
        self._live()
        return self._groups()

    def start(self, update: str, group_ids: Collection[str]) -> Answer:
        self._live()
        assert len(group_ids) <= 20
        self.calls.append(("start", update, tuple(group_ids)))
        match self.start_faults.pop(0) if self.start_faults else "":
            case "throttle":
                return Throttled()
            case "lost-before":
                return Unanswered("connection closed")
            case "lost-after":
                self._apply(group_ids)
                return Unanswered("connection closed")
        answer = self._apply(group_ids)
        self._live()
        return answer

    def stop(self, update: str, group_ids: Collection[str]) -> Answer:
        self._live()
        self.calls.append(("stop", update, tuple(group_ids)))
        accepted: dict[str, str] = {}
        refused: dict[str, Refusal] = {}
        for group_id in group_ids:
            group = self.groups[group_id]
            status, _ = group.status(self.now)
            if status in ("waiting-to-start", "in-progress"):
                group.history = [(s, since) for s, since in group.history if since <= self.now]
                group.history += [("stopping", self.now), ("stopped", self.now + timedelta(seconds=60))]
                accepted[group_id] = "stopping"
            else:
                refused[group_id] = _not_valid(self._word(status))
        self._live()
        return Answered(accepted, refused)

    def under_way(self) -> list[str]:
        """Of what was started over the API."""
        return [
            group_id
            for group_id, group in self.groups.items()
            if group.begun
            and not self._is_gone(group, self.now)
            and group.status(self.now)[0] in ("waiting-to-start", "in-progress", "stopping")
        ]

    def _live(self) -> None:
        if self.kill_after is not None:
            self.kill_after -= 1
            if self.kill_after < 0:
                raise Killed

    def _is_gone(self, group: Group, at: datetime) -> bool:
        return group.status(at)[0] == "gone"

    def _actions(self) -> list[UpdateAction]:
        at = self.now - self.listing_lag
        found = []
        for group in self.groups.values():
            status, since = group.status(at)
            if status != "gone":
                updated = group.row.nodes if status == "complete" else 0
                found.append(
                    replace(
                        group.row.action, status=self._word(status), status_modified_at=since, nodes_updated=updated
                    )
                )
        listed = [*found, *self.region.more_actions]
        if self.shuffled is not None:
            self.shuffled.shuffle(listed)
        return listed

    def _word(self, status: str) -> str:
        return self.words.get(status, status)

    def _groups(self) -> list[ReplicationGroup]:
        present = [group for group in self.groups.values() if not self._is_gone(group, self.now)]
        return [replace(group.row.group, status=self._group_status(group)) for group in present]

    def _group_status(self, group: Group) -> str:
        if group.status(self.now)[0] in ("in-progress", "stopping"):
            return "modifying"
        return "snapshotting" if self.now < group.unavailable_until else group.row.group_status

    def _apply(self, group_ids: Collection[str]) -> Answer:
        busy = [group_id for group_id in group_ids if self._is_busy(group_id)]
        if busy and self.unavailable == "refused":
            return CallRefused(Refusal("InvalidReplicationGroupState", "A group is not in the available state."))
        accepted: dict[str, str] = {}
        refused: dict[str, Refusal] = {}
        for group_id in group_ids:
            group = self.groups[group_id]
            status, _ = group.status(self.now)
            if status not in ("not-applied", "stopped", "scheduled"):
                refused[group_id] = _not_valid(self._word(status))
            elif group_id in busy and self.unavailable == "unprocessed":
                refused[group_id] = Refusal("InvalidReplicationGroupState", f"{group_id} is not available.")
            else:
                self._begin(group)
                accepted[group_id] = "waiting-to-start"
        return Answered(accepted, refused)

    def _is_busy(self, group_id: str) -> bool:
        return self._group_status(self.groups[group_id]) != "available"

    def _begin(self, group: Group) -> None:
        group.begun.append(Begun(self.now, group.seconds, group.fate))
        started = max(self.now, group.unavailable_until) + timedelta(seconds=group.seconds / 5)
        middle, end = started + timedelta(seconds=group.seconds / 2), started + timedelta(seconds=group.seconds)
        group.history += [("waiting-to-start", self.now), ("in-progress", started)]
        match group.fate:
            case "completes":
                group.history.append(("complete", end))
            case "stops":
                group.history.append(("stopped", middle))
            case "reverts":
                group.history.append(("not-applied", middle))
            case "vanishes":
                group.history.append(("gone", middle))


def _not_valid(status: str) -> Refusal:
    text = f"The update action is not in a valid status.  Current\n status: {status}."
    return Refusal("InvalidParameterValue", text)


def simulated(*rows: Row, **changes: object) -> SimulatedAws:
    region = Region(rows)
    return SimulatedAws(region, {row.group_id: Group(row) for row in rows}, **changes)  # type: ignore[arg-type] # by name
