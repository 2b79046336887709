"""What the ledger knows of a window, for its plan."""

from datetime import datetime
from typing import Any

import msgspec

from ledger.deferrals import recorded_deferrals
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.schema import told, windows
from ledger.updates import update_records
from notifier.apply.plan import LedgerFacts
from notifier.apply.told import Telling, Told, told_by_mails


def ledger_facts(ledger: Ledger, key: MaintenanceKey) -> LedgerFacts:
    another_way = [
        Telling(
            row["org_guid"],
            frozenset(msgspec.json.decode(row["instance_guids"], type=list[str])),
            datetime.fromisoformat(row["at"]),
        )
        for row in ledger.rows(told)
        if _is_of(row, key)
    ]
    return LedgerFacts(
        deferrals=recorded_deferrals(ledger, key.aws_region),
        told=Told((*told_by_mails(ledger.records(key)), *another_way)),
        records=update_records(ledger, key),
    )


def window_state(ledger: Ledger, key: MaintenanceKey) -> tuple[str | None, str | None]:
    """And to which it was moved; None where the ledger does not know it."""
    row = next((row for row in ledger.rows(windows) if _is_of(row, key)), None)
    return (row["state"], row["moved_to"]) if row is not None else (None, None)


def _is_of(row: dict[str, Any], key: MaintenanceKey) -> bool:
    return bool(row["window_key"] == key.window_key and row["aws_region"] == key.aws_region)
