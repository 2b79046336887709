"""docs/permissions.md: what the exporter may be given on a ledger in PostgreSQL."""

import re
from pathlib import Path

import psycopg
import pytest

from ledger.ledger_reader import LedgerReader
from ledger.outlook_rows import recorded_outlook
from ledger.update_record import UpdateState
from tests.ledger_contents import WINDOW, begin, defer, tell

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
(GRANTS,) = re.findall(r"```sql\n(GRANT SELECT ON.+?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("lacks", [None, "updates"])
def test_the_grants_are_enough_and_those_of_earlier_versions_too(lacks: str | None, postgresql: str) -> None:
    """Where it may not read what became of updates, that is not known, and all the rest is."""
    role = f"exporter_without_{lacks or 'nothing'}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {role}".encode())
        connection.execute(f"CREATE ROLE {role} LOGIN".encode())
    owners = postgresql.removesuffix("/postgres") + f"/{role}"
    tell(owners)
    defer(owners)
    begin(owners, WINDOW, [UpdateState.COMPLETE, UpdateState.FAILED, UpdateState.COMPLETE])
    with psycopg.connect(owners, autocommit=True) as connection:
        for grant in GRANTS.strip().splitlines():
            if lacks is None or f"ON {lacks} " not in grant:
                connection.execute(grant.replace("TO exporter", f"TO {role}").encode())
    outlook = recorded_outlook(LedgerReader(owners.replace("tester@", f"{role}@")))
    assert len(outlook.deferrals) == 1
    (window,) = outlook.windows
    assert window.updates == (None if lacks else {UpdateState.COMPLETE: 2, UpdateState.FAILED: 1})
