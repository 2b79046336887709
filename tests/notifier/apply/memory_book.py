"""The ledger's page of updates, in memory: it outlives the runs that write it, as the real one does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ledger.update_record import UpdateIntent, UpdateRecord, UpdateState
from notifier.apply.surroundings import Key

_MAY_BEGIN = (UpdateState.STARTING, UpdateState.REFUSED, UpdateState.STOPPED, UpdateState.FAILED)
_ENDS = (UpdateState.REFUSED, UpdateState.COMPLETE, UpdateState.FAILED, UpdateState.STOPPED)


@dataclass
class MemoryBook:
    now: Callable[[], datetime]
    run_id: int = 1
    records: dict[Key, UpdateRecord] = field(default_factory=dict)

    def begin(self, intents: Sequence[UpdateIntent]) -> frozenset[Key]:
        begun = set()
        for intent in intents:
            key = (intent.replication_group_id, intent.service_update)
            before = self.records.get(key)
            if before is None or before.state in _MAY_BEGIN:
                attempts = before.attempts + 1 if before else 1
                self.records[key] = UpdateRecord(
                    *key, intent.instance_guid, UpdateState.STARTING, self.run_id, attempts, self.now()
                )
                begun.add(key)
        return frozenset(begun)

    def mark(self, key: Key, state: UpdateState, aws_says: str | None, nodes_updated: int | None) -> None:
        ended_at = self.now() if state in _ENDS else None
        self.records[key] = replace(
            self.records[key], state=state, aws_says=aws_says, nodes_updated=nodes_updated, ended_at=ended_at
        )
