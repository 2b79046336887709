"""`ledger check` and `ledger export` know every table."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ledger import schema
from ledger.check import problems
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from tests.ledger.version_dumps import load
from tests.notifier_here import Here

WINDOW_KEY, LATER = "2026-06-16T08:00Z/2026-06-16T10:00Z", "2026-06-23T08:00Z/2026-06-23T10:00Z"
MOMENT = "2026-06-01T12:00:00.000+00:00"
OF_WINDOW = {"window_key": WINDOW_KEY, "aws_region": "eu-west-1"}
GOOD: dict[sa.Table, dict[str, Any]] = {
    schema.windows: {**OF_WINDOW, "state": "known", "first_known_at": MOMENT, "command": "email", "operator": "ada"},
    schema.deferrals: {
        "aws_region": "eu-west-1",
        "target": "instance",
        "guid": "guid-1",
        "name": "cache",
        "org_guid": "org-guid-1",
        "org_name": "brave-buses",
        "until": "2026-08-01",
        "time_zone": "Europe/London",
        "reason": "a launch",
        "added_at": MOMENT,
        "added_by": "ada",
    },
    schema.told: {
        **OF_WINDOW,
        "org_guid": "org-guid-1",
        "instance_guids": '["guid-1"]',
        "how": "by telephone",
        "at": MOMENT,
        "by": "ada",
    },
    schema.incidents: {
        **OF_WINDOW,
        "state": "known",
        "incident_id": "p1",
        "last_written": '{"name":"a1"}',
        "run_id": 1,
    },
    schema.updates: {
        **OF_WINDOW,
        "replication_group_id": "cf-a",
        "service_update": "redis-20260601",
        "state": "complete",
        "run_id": 1,
        "attempts": 1,
        "attempted_at": MOMENT,
        "ended_at": MOMENT,
    },
    schema.issues: {"repository": "our/platform", "window_day": "2026-06-16", "number": 12},
}


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    """With one run, and nothing else."""
    with Ledger(ledger_url) as opened:
        with opened.run("apply", "ada"):
            pass
        yield opened


def insert(ledger: Ledger, table: sa.Table, **changed: object) -> None:
    with ledger.transaction() as connection:
        connection.execute(sa.insert(table).values({**GOOD[table], **changed}))


def test_every_table_is_found_whole(ledger: Ledger) -> None:
    for table in GOOD:
        insert(ledger, table)
    assert problems(ledger) == []


@pytest.mark.parametrize(
    ("table", "changed", "problem"),
    [
        (schema.windows, {"state": "lost"}, "its state is 'lost', which there is not"),
        (schema.windows, {"state": "moved"}, "moved, but not known to which"),
        (schema.windows, {"moved_to": LATER}, "moved to another, but not 'moved'"),
        (schema.windows, {"state": "moved", "moved_to": WINDOW_KEY}, "moved to itself"),
        (schema.windows, {"window_key": "tomorrow"}, "its window_key is 'tomorrow', which is no window"),
        (schema.windows, {"first_known_at": "noon"}, "its first_known_at is 'noon', which is no time in UTC"),
        (schema.deferrals, {"target": "space"}, "its target is 'space', which there is not"),
        (schema.deferrals, {"until": None}, "neither until a day nor for a window"),
        (schema.deferrals, {"window_key": WINDOW_KEY}, "both until a day and for a window"),
        (schema.deferrals, {"until": "1 August"}, "its until is '1 August', which is no day"),
        (schema.deferrals, {"ended_by": "ada"}, "ended, but not known when or by whom"),
        (schema.told, {"instance_guids": "guid-1"}, "its instance_guids cannot be read"),
        (schema.told, {"at": "2026-06-01"}, "its at is '2026-06-01', which is no time in UTC"),
        (schema.incidents, {"incident_id": None}, "known, but without the status page's id"),
        (schema.incidents, {"last_written": "[]"}, "its last_written cannot be read"),
        (schema.incidents, {"run_id": 7}, "its run 7 is not in the ledger"),
        (schema.updates, {"ended_at": None}, "complete, but not known when"),
        (schema.updates, {"state": "started"}, "started, but ended"),
        (
            schema.updates,
            {"state": "starting", "ended_at": None},
            "its run ended before the outcome was known; run apply again",
        ),
        (schema.issues, {"window_day": "16 June"}, "its window_day is '16 June', which is no day"),
    ],
    ids=str,
)
def test_a_contradiction_in_any_table_is_found(
    table: sa.Table, changed: dict[str, object], problem: str, ledger: Ledger
) -> None:
    """With the row that it is in."""
    insert(ledger, table, **changed)
    assert problems(ledger) == [f"{table.name} 1: {problem}"]


@pytest.mark.parametrize("column", ["state", "kind", "attempted_at", "instance_guids"])
def test_a_mail_that_cannot_be_read_is_named(column: str, ledger_url: str) -> None:
    """By the check, which reads on, and by whatever needs the mail, which ends in words."""
    load(1, ledger_url)
    with Ledger(ledger_url) as ledger:
        with ledger.transaction() as connection:
            connection.execute(sa.text(f"UPDATE mails SET {column} = 'invented' WHERE id = 1"))
        reference = "elasticache-maintenance-24520135af4db2fa00835c3ab460053ed8e503a2"
        assert any(problem.startswith(f"{reference}: its {column} ") for problem in problems(ledger))
        with pytest.raises(LedgerError, match=f"{reference} is damaged"):
            ledger.records()


def test_a_correction_of_nothing_is_a_contradiction(ledger_url: str) -> None:
    load(1, ledger_url)
    with Ledger(ledger_url) as ledger:
        with ledger.transaction() as connection:
            connection.execute(sa.text("UPDATE mails SET kind = 'correction' WHERE id = 1"))
        assert "elasticache-maintenance-24520135af4db2fa00835c3ab460053ed8e503a2: a correction, but of nothing" in (
            problems(ledger)
        )


def test_json_has_every_table_and_csv_the_chosen_one(ledger: Ledger, ledger_url: str, here: Here) -> None:
    for table in GOOD:
        insert(ledger, table)
    here.set({"LEDGER_URL": ledger_url})
    document = here.run("ledger", "export").document
    assert {"version", *(table.name for table in schema.TABLES)} == document.keys()
    for table, row in GOOD.items():
        (exported,) = document[table.name]
        assert exported.keys() == set(table.columns.keys())
        plain = {name: value for name, value in row.items() if name not in {"instance_guids", "last_written"}}
        assert exported.items() >= plain.items()
    assert (document["told"][0]["instance_guids"], document["incidents"][0]["last_written"]) == (
        ["guid-1"],
        {"name": "a1"},
    )
    (told,) = csv.DictReader(io.StringIO(here.run("ledger", "export", "--format", "csv", "--table", "told").out))
    assert (told["instance_guids"], told["by"]) == ("guid-1", "ada")


def test_mails_keep_their_fields_and_tell_their_kind(ledger_url: str, here: Here) -> None:
    """Those of a ledger that an earlier version of the program has made."""
    load(1, ledger_url)
    here.set({"LEDGER_URL": ledger_url})
    mails = here.run("ledger", "export").document["mails"]
    assert {(mail["revision"], mail["kind"]) for mail in mails} == {
        (0, "announcement"),
        (1, "correction"),
        (2, "correction"),
    }
    assert here.run("ledger", "export", "--format", "csv").out.startswith(
        "window,aws_region,org_guid,org_name,address,kind,revision,reference,instance_guids,contents_sha256,state,"
    )


def test_windows_of_an_earlier_version_are_known(ledger_url: str, here: Here) -> None:
    load(1, ledger_url)
    here.set({"LEDGER_URL": ledger_url})
    windows = here.run("ledger", "export").document["windows"]
    assert [(w["window_key"], w["aws_region"], w["state"], w["first_known_at"], w["command"]) for w in windows] == [
        (WINDOW_KEY, "eu-west-1", "known", "2026-05-18T09:30:02.500+00:00", "email"),
        ("2026-11-03T22:00Z/2026-11-04T00:00Z", "eu-west-2", "known", "2026-05-18T09:30:16.250+00:00", "email"),
    ]


def test_a_table_is_chosen_for_csv_only(here: Here) -> None:
    ended = here.run("ledger", "export", "--table", "windows")
    assert ended.status == 2
    assert "--table windows: json has all tables; give --format csv with it" in ended.err
