"""The platform's present: one `Truth`, and every change that can happen to it. Safe to change from any thread."""

import threading
from collections.abc import Callable
from dataclasses import replace

from sandbox.truth import Truth, UpdateAction

REQUIRED_STATUSES = frozenset({"not-applied", "stopped"})
FINISHED_STATUSES = frozenset({"complete", "not-applicable"})


class World:
    def __init__(self, truth: Truth) -> None:
        self._lock = threading.Lock()
        self.truth = truth

    def apply_update(self, service_update_name: str | None = None, replication_group_id: str | None = None) -> int:
        """Complete one update, or all, on one group, or all, at once; answers how many actions that completed."""

        def completed(truth: Truth) -> dict[tuple[str, str], UpdateAction]:
            return {
                key: replace(action, status="complete", nodes_updated=action.nodes)
                for key, action in truth.update_actions.items()
                if action.status not in FINISHED_STATUSES
                and service_update_name in {None, action.service_update_name}
                and replication_group_id in {None, action.target_id}
            }

        with self._lock:
            changed = completed(self.truth)
            self.truth = replace(self.truth, update_actions={**self.truth.update_actions, **changed})
        return len(changed)

    def _change(self, change: Callable[[Truth], Truth]) -> None:
        with self._lock:
            self.truth = change(self.truth)
