"""docs/permissions.md: what an operator may be given on a ledger in PostgreSQL that somebody else has made."""

import itertools
import re
from pathlib import Path

import psycopg
import pytest

from sandbox.server import Sandbox
from tests.notifier_program import mails_by_org_and_address, program

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
(GRANTS,) = re.findall(r"```sql\n(GRANT SELECT, INSERT.+?)```", PAGE.read_text(), re.DOTALL)
STATEMENTS = GRANTS.strip().splitlines()
_numbers = itertools.count(1)


@pytest.mark.parametrize(("grants", "status"), [(STATEMENTS, 1), (STATEMENTS[:1], 3)], ids=["all", "one is missing"])
def test_the_grants_are_enough_and_needed(grants: list[str], status: int, sandbox: Sandbox, postgresql: str) -> None:
    """With all of them mails are sent (1: somebody on this platform cannot be told), with fewer none is."""
    role = f"operator_{next(_numbers)}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        name = f"permissions_{role}"
        connection.execute(f"CREATE DATABASE {name}".encode())
        connection.execute(f"CREATE ROLE {role} LOGIN".encode())
    owners = postgresql.removesuffix("/postgres") + f"/{name}"
    assert program(sandbox, owners).run("ledger", "check").status == 0
    with psycopg.connect(owners, autocommit=True) as connection:
        connection.execute(b"REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        for grant in grants:
            connection.execute(grant.replace("TO operator", f"TO {role}").encode())
    ended = program(sandbox, owners.replace("tester@", f"{role}@")).email()
    assert ended.status == status, ended.err
    assert (len(mails_by_org_and_address(sandbox)) > 0) == (status == 1)
