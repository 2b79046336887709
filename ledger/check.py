"""Looks for damage in a ledger, and for rows that contradict themselves."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from ledger import schema
from ledger.incident_record import IncidentState
from ledger.issues import NOT_KNOWN
from ledger.ledger import Ledger
from ledger.mail_claims import NOBODY
from ledger.mail_record import Kind, MailKey, State
from ledger.window_record import WindowState

Row = Mapping[str, Any]
_STATES: Mapping[sa.Table, Mapping[str, frozenset[str]]] = {
    schema.mails: {"state": frozenset(State), "kind": frozenset(Kind)},
    schema.windows: {"state": frozenset(WindowState)},
    schema.deferrals: {"target": frozenset({"instance", "org"})},
    schema.incidents: {"state": frozenset(IncidentState)},
    schema.updates: {"state": frozenset({"starting", "started", "refused", "complete", "failed", "stopped"})},
}
_UNDER_WAY = frozenset({"starting", "started"})
_COMMANDS = {schema.mails: "email", schema.updates: "apply", schema.incidents: "schedule"}
"""Which command to run again where the outcome of an intent is not known."""
_OF_TYPE: Mapping[str, Any] = {
    **dict.fromkeys(("instance_guids", "update_names", "replaced_windows"), list[str]),
    "last_written": dict[str, str],
}
"""The columns that hold JSON."""


def problems(ledger: Ledger) -> list[str]:
    """Returns one line for each problem, and an empty list if all is well."""
    found = _damage(ledger)
    if not found:
        rows = {table: ledger.rows(table) for table in schema.TABLES}
        run_ids = {row["id"] for row in rows[schema.runs]} | {NOBODY}
        for table in schema.TABLES:
            for row in rows[table]:
                name = row["reference"] if table is schema.mails else f"{table.name} {row['id']}"
                said = [*_of_any_table(table, row, run_ids), *_RULES.get(table, _nothing)(row)]
                if _is_unclear(table, row) and not ledger.is_alive(row["run_id"]):
                    said.append(f"its run ended before the outcome was known; run {_COMMANDS[table]} again")
                found += [f"{name}: {problem}" for problem in said]
    return found


def _damage(ledger: Ledger) -> list[str]:
    with ledger.transaction() as connection:
        if connection.dialect.name != "sqlite":
            return []
        answers = connection.execute(sa.text("PRAGMA integrity_check")).scalars()
        return [f"damaged: {answer}" for answer in answers if answer != "ok"]


def _is_unclear(table: sa.Table, row: Row) -> bool:
    return table in _COMMANDS and row["state"] in (State.SENDING, "starting", IncidentState.CREATING)


def _of_any_table(table: sa.Table, row: Row, run_ids: set[int]) -> Iterator[str]:
    for column, known in _STATES.get(table, {}).items():
        if row[column] not in known:
            yield f"its {column} is '{row[column]}', which there is not"
    for column, value in row.items():
        if value is not None and (column == "at" or column.endswith("_at")) and not _is_moment(value):
            yield f"its {column} is '{value}', which is no time in UTC"
        if value is not None and column in _OF_TYPE and not _is_json(value, _OF_TYPE[column]):
            yield f"its {column} cannot be read"
        if column in ("window_key", "moved_to") and value is not None and not _is_window(value):
            yield f"its {column} is '{value}', which is no window"
        if column == "run_id" and value not in run_ids:
            yield f"its run {value} is not in the ledger"


def _of_mail(row: Row) -> Iterator[str]:
    if row["kind"] in frozenset(Kind):
        whom = (row["window_key"], row["aws_region"], row["org_guid"], row["address"])
        if MailKey(*whom, row["revision"], Kind(row["kind"])).reference != row["reference"]:
            yield "not the reference of its window, region, org and address"
    if row["kind"] == Kind.CORRECTION and row["revision"] == 0:
        yield "a correction, but of nothing"
    if row["state"] == State.SENT and row["notification_id"] is None:
        yield "sent, but without a notification id"
    if row["state"] == State.SENT and row["sent_at"] is None:
        yield "sent, but not known when"


def _of_window(row: Row) -> Iterator[str]:
    if (row["state"] == "moved") != (row["moved_to"] is not None):
        yield "moved, but not known to which" if row["moved_to"] is None else "moved to another, but not 'moved'"
    if row["moved_to"] == row["window_key"]:
        yield "moved to itself"


def _of_deferral(row: Row) -> Iterator[str]:
    if (row["until"] is None) == (row["window_key"] is None):
        yield "neither until a day nor for a window" if row["until"] is None else "both until a day and for a window"
    if row["until"] is not None and not _is_day(row["until"]):
        yield f"its until is '{row['until']}', which is no day"
    if (row["ended_at"] is None) != (row["ended_by"] is None):
        yield "ended, but not known when or by whom"


def _of_incident(row: Row) -> Iterator[str]:
    if row["state"] == "known" and row["incident_id"] is None:
        yield "known, but without the status page's id"


def _of_update(row: Row) -> Iterator[str]:
    if row["state"] not in _UNDER_WAY and row["ended_at"] is None:
        yield f"{row['state']}, but not known when"
    if row["state"] in _UNDER_WAY and row["ended_at"] is not None:
        yield f"{row['state']}, but ended"


def _of_issue(row: Row) -> Iterator[str]:
    if not _is_day(row["window_day"]):
        yield f"its window_day is '{row['window_day']}', which is no day"
    if row["number"] == NOT_KNOWN:
        yield "its creation began, and the outcome is not known; run checklist --post again"
    elif row["number"] < 0:
        yield f"its number is {row['number']}, which no issue has"


def _nothing(_: Row) -> Iterator[str]:
    return iter(())


_RULES: Mapping[sa.Table, Callable[[Row], Iterator[str]]] = {
    schema.mails: _of_mail,
    schema.windows: _of_window,
    schema.deferrals: _of_deferral,
    schema.incidents: _of_incident,
    schema.updates: _of_update,
    schema.issues: _of_issue,
}


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).utcoffset() is not None
    except ValueError:
        return False


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_window(value: str) -> bool:
    starts_at, _, ends_at = value.partition("/")
    return _is_moment(starts_at) and _is_moment(ends_at) and starts_at < ends_at


def _is_json(value: str, kind: Any) -> bool:  # noqa: ANN401 — any type that msgspec accepts
    try:
        msgspec.json.decode(value, type=kind)
    except msgspec.DecodeError:
        return False
    return True
