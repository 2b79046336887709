"""Who was told of a window another way than by mail, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from ledger import schema
from ledger.check import problems
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.ledger_reader import LedgerReader
from ledger.maintenance_key import MaintenanceKey
from ledger.telling import Telling
from ledger.told import add_telling, recorded_tellings, recorded_tellings_of_region

WINDOW = MaintenanceKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1")
NOW = datetime(2026, 6, 15, 8, tzinfo=UTC)


def telling(*instance_guids: str, maintenance: MaintenanceKey = WINDOW, how: str = "chat") -> Telling:
    return Telling(0, maintenance, "org-1", instance_guids, how, NOW, "ada@host")


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger(ledger_url) as opened:
        yield opened


def test_what_was_recorded_is_read_again_as_it_was_answered(ledger: Ledger, ledger_url: str) -> None:
    """Also by a program that only reads; the instances come sorted."""
    asked = telling("guid-2", "guid-1", how="by 'phone'; =1+1\x1b")
    recorded = add_telling(ledger, asked)
    assert recorded == replace(asked, id=recorded.id, instance_guids=("guid-1", "guid-2"))
    assert recorded_tellings(ledger, WINDOW) == [recorded]
    assert recorded_tellings(LedgerReader(ledger_url), WINDOW) == [recorded]
    assert problems(ledger) == []


def test_an_org_that_is_told_twice_has_two_tellings(ledger: Ledger) -> None:
    first, second = [add_telling(ledger, telling("guid-1")) for _ in range(2)]
    assert recorded_tellings(ledger, WINDOW) == [first, second]
    assert first.id < second.id


def test_windows_and_regions_are_kept_apart(ledger: Ledger) -> None:
    other_region = replace(WINDOW, aws_region="eu-west-2")
    other_window = replace(WINDOW, window_key="2026-06-17T08:00Z/2026-06-17T10:00Z")
    tellings = [add_telling(ledger, telling(maintenance=key)) for key in (WINDOW, other_region, other_window)]
    assert recorded_tellings(ledger, other_region) == [tellings[1]]
    assert recorded_tellings(ledger, other_window) == [tellings[2]]
    assert recorded_tellings_of_region(ledger, "eu-west-1") == [tellings[0], tellings[2]]


@pytest.mark.parametrize("damage", [{"at": "yesterday"}, {"instance_guids": "guid-1"}])
def test_a_damaged_row_is_named(ledger: Ledger, damage: dict[str, str]) -> None:
    recorded = add_telling(ledger, telling("guid-1"))
    with ledger.transaction() as connection:
        connection.execute(sa.update(schema.told).values(**damage))
    with pytest.raises(LedgerError, match=f"told {recorded.id} is damaged.*see `ledger check`"):
        recorded_tellings(ledger, WINDOW)
    assert len(problems(ledger)) == 1
