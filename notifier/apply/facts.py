"""What the ledger knows of a window, for its plan."""

from typing import Any

from ledger.deferrals import recorded_deferrals
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.records import Records
from ledger.schema import incidents, windows
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


def is_made_known(ledger: Ledger, key: MaintenanceKey) -> bool:
    """By a command that tells people of it; that a window was applied makes it known to nobody."""
    by_command = any(_is_of(row, key) and row["command"] != "apply" for row in ledger.rows(windows))
    return by_command or any(_is_of(row, key) for row in ledger.rows(incidents))


def _is_of(row: dict[str, Any], key: MaintenanceKey) -> bool:
    return bool(row["window_key"] == key.window_key and row["aws_region"] == key.aws_region)
