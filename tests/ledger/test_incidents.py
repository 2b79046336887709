"""The windows' incidents, on both databases: the intent first, one a window and region, and one that is gone begins anew."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from ledger.check import problems
from ledger.errors import LedgerError
from ledger.incident_record import IncidentRecord, IncidentState
from ledger.incidents import INCIDENT_HOLD, WindowIncident, incident_record, incident_records
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.run import AlreadyHeldError, Run
from ledger.schema import incidents

WINDOW = MaintenanceKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1")


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url) as opened:
        yield opened


@pytest.fixture
def run(ledger: Ledger) -> Iterator[Run]:
    with ledger.run("schedule", "ada", holds=INCIDENT_HOLD) as begun:
        yield begun


def test_the_intent_comes_before_the_id_and_a_cancelled_incident_begins_anew(ledger: Ledger, run: Run) -> None:
    assert incident_record(ledger, WINDOW) is None
    incident = WindowIncident(ledger, run, WINDOW)
    incident.begin({"name": "a"})
    assert incident_record(ledger, WINDOW) == IncidentRecord(
        WINDOW, IncidentState.CREATING, None, run.id, {"name": "a"}
    )
    incident.begin({"name": "b"})
    incident.know("inc1", {"name": "b"})
    assert incident_record(ledger, WINDOW) == IncidentRecord(WINDOW, IncidentState.KNOWN, "inc1", run.id, {"name": "b"})
    incident.cancel()
    record = incident_record(ledger, WINDOW)
    assert record is not None
    assert (record.state, record.incident_id, record.is_on_the_page) == (IncidentState.CANCELLED, "inc1", False)
    incident.begin({})
    again = incident_record(ledger, WINDOW)
    assert again is not None
    assert (again.state, again.incident_id, again.is_on_the_page) == (IncidentState.CREATING, None, True)
    assert problems(ledger) == []


def test_a_window_with_an_incident_begins_no_second_one(ledger: Ledger, run: Run) -> None:
    incident = WindowIncident(ledger, run, WINDOW)
    incident.know("inc1", {})
    with pytest.raises(LedgerError, match="this window has an incident already"):
        incident.begin({})


def test_each_region_and_window_has_its_own(ledger: Ledger, run: Run) -> None:
    later = replace(WINDOW, window_key="2026-06-18T08:00Z/2026-06-18T10:00Z")
    for number, key in enumerate([later, WINDOW, replace(WINDOW, aws_region="eu-west-2")]):
        WindowIncident(ledger, run, key).know(f"inc{number}", {})
    assert [record.incident_id for record in incident_records(ledger, "eu-west-1")] == ["inc1", "inc0"]


def test_only_one_run_makes_incidents_at_a_time(ledger: Ledger, run: Run) -> None:
    with pytest.raises(AlreadyHeldError, match=rf"schedule: run {run.id} of ada"):
        ledger.run("schedule", "bob", holds=INCIDENT_HOLD).__enter__()


def test_an_intent_of_a_dead_run_is_named_by_the_check(ledger: Ledger) -> None:
    with ledger.run("schedule", "ada") as ended:
        WindowIncident(ledger, ended, WINDOW).begin({})
    assert problems(ledger) == ["incidents 1: its run ended before the outcome was known; run schedule again"]


@pytest.mark.parametrize("damage", [{"state": "odd"}, {"last_written": "["}])
def test_a_row_of_nobodys_making_is_refused(ledger: Ledger, run: Run, damage: dict[str, str]) -> None:
    WindowIncident(ledger, run, WINDOW).know("inc1", {})
    with ledger.transaction() as connection:
        connection.execute(sa.update(incidents).values(**damage))
    with pytest.raises(LedgerError, match="incidents 1 is damaged"):
        incident_record(ledger, WINDOW)
