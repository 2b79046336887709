"""What the ledger knows of a window, for its plan."""

from datetime import datetime
from typing import Any

import msgspec

from ledger.deferrals import recorded_deferrals
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.schema import incidents, told, windows
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


def is_made_known(ledger: Ledger, key: MaintenanceKey) -> bool:
    """By a command that tells people of it; that a window was applied makes it known to nobody."""
    by_command = any(_is_of(row, key) and row["command"] != "apply" for row in ledger.rows(windows))
    return by_command or any(_is_of(row, key) for row in ledger.rows(incidents))


def _is_of(row: dict[str, Any], key: MaintenanceKey) -> bool:
    return bool(row["window_key"] == key.window_key and row["aws_region"] == key.aws_region)
