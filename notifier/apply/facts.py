"""What the ledger knows of a window, for its plan."""

from typing import Any

from ledger.deferrals import recorded_deferrals
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.records import Records
from ledger.schema import windows
from ledger.told import recorded_tellings
from ledger.updates import update_records
from ledger.who_was_told import Told, who_was_told
from notifier.apply.plan import LedgerFacts


def ledger_facts(ledger: Ledger, key: MaintenanceKey) -> LedgerFacts:
    return LedgerFacts(
        deferrals=recorded_deferrals(ledger, key.aws_region),
        told=recorded_as_told(ledger, key),
        records=update_records(ledger, key),
    )


def recorded_as_told(records: Records, key: MaintenanceKey) -> Told:
    return who_was_told(records.records(key), recorded_tellings(records, key))


def window_state(ledger: Ledger, key: MaintenanceKey) -> tuple[str | None, str | None]:
    """And to which it was moved; None where the ledger does not know it."""
    row = next((row for row in ledger.rows(windows) if _is_of(row, key)), None)
    return (row["state"], row["moved_to"]) if row is not None else (None, None)


def _is_of(row: dict[str, Any], key: MaintenanceKey) -> bool:
    return bool(row["window_key"] == key.window_key and row["aws_region"] == key.aws_region)
