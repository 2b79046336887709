"""Reads from the ledger what it knows of a window, for its checklist."""

from datetime import datetime

from ledger.deferrals import recorded_deferrals
from ledger.incidents import incident_record
from ledger.ledger import Ledger
from ledger.told import recorded_tellings
from ledger.updates import update_records
from ledger.who_was_told import who_was_told
from notifier.checklist.facts import Facts
from notifier.maintenance import Maintenance, why_called_off


def known(ledger: Ledger, maintenance: Maintenance, now: datetime) -> Facts:
    """Without a survey, and without warnings."""
    key = maintenance.key
    window = next((window for window in ledger.windows(maintenance.aws_region) if window.key == key), None)
    mails, tellings = ledger.records(key), recorded_tellings(ledger, key)
    incident, updates = incident_record(ledger, key), update_records(ledger, key)
    run_ids = {mail.run_id for mail in mails} | {update.run_id for update in updates}
    run_ids |= {incident.run_id} if incident else set()
    runs = [run for run_id in run_ids if (run := ledger.run_of(run_id)) is not None]
    return Facts(
        maintenance=maintenance,
        now=now,
        window=window,
        called_off=why_called_off(window, maintenance),
        mails=mails,
        told=who_was_told(mails, tellings),
        tellings=tellings,
        incident=incident,
        deferrals=recorded_deferrals(ledger, maintenance.aws_region),
        updates=updates,
        operators={run.id: run.operator or f"somebody on {run.host}" for run in runs},
        began_at={run.id: run.started_at for run in runs},
        living_runs=frozenset(run.id for run in runs if ledger.is_alive(run.id)),
    )
