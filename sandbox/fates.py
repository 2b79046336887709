"""What becomes of an update that is applied, where it is not simply carried out. Safe to change from any thread."""

import threading
from dataclasses import dataclass, replace

KINDS = {
    "completes": "every node is updated",
    "waits": "it stays `waiting-to-start` for ever",
    "sticks": "half of the nodes are updated, and it stays `in-progress` for ever",
    "stops": "half of the nodes are updated, and it is `stopped` though nobody asked for that",
    "reverts": "it is `not-applied` again",
    "vanishes": "the tenant deletes the instance meanwhile, and its group goes with it",
    "refused": "AWS answers with an unprocessed entry (error_type=, error_message=)",
}


class FateError(ValueError):
    """A fate that there is not; the message says which there are."""


@dataclass(frozen=True)
class Fate:
    """
    `name` is a service update's, `target_id` a group's or a cluster's; None means any. `seconds` is how long the
    whole of it takes, None as long as usual. `next` None means for ever, else for so many more updates.
    """

    kind: str = "completes"
    name: str | None = None
    target_id: str | None = None
    seconds: float | None = None
    next: int | None = None
    error_type: str = "InvalidParameterValue"
    error_message: str = "The update action could not be processed at this time."

    def is_for(self, name: str, target_id: str) -> bool:
        return self.name in {None, name} and self.target_id in {None, target_id} and self.next != 0


USUAL = Fate()


class Fates:
    """The latest that was added, of those that fit, decides."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fates: list[Fate] = []

    def add(self, kind: str, **details: object) -> Fate:
        """As in `add("sticks", target_id=group)`; `details` are fields of `Fate`."""
        if kind not in KINDS:
            raise FateError(f"no fate '{kind}'; there are {', '.join(KINDS)}")
        fate = Fate(kind, **details)  # type: ignore[arg-type]  # as the fields' own types
        with self._lock:
            self._fates.append(fate)
        return fate

    def clear(self) -> None:
        with self._lock:
            self._fates.clear()

    def active(self) -> list[Fate]:
        with self._lock:
            return [fate for fate in self._fates if fate.next != 0]

    def decide(self, name: str, target_id: str) -> Fate:
        """For one update that is about to be applied: of a fate for the next so many, one is used up."""
        with self._lock:
            for position in reversed(range(len(self._fates))):
                fate = self._fates[position]
                if fate.is_for(name, target_id):
                    if fate.next is not None:
                        self._fates[position] = replace(fate, next=fate.next - 1)
                    return fate
        return USUAL
