"""Ledgers as released programs left them, with mails in every state: a file for each version and database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg

_FOLDER = Path(__file__).parent
VERSIONS = sorted({int(path.name.split(".")[0].removeprefix("version-")) for path in _FOLDER.glob("version-*.sql")})


def load(version: int, ledger_url: str) -> None:
    """Into an empty ledger."""
    database = "sqlite" if ledger_url.startswith("sqlite") else "postgresql"
    statements = (_FOLDER / f"version-{version}.{database}.sql").read_text()
    if database == "sqlite":
        path = Path(ledger_url.removeprefix("sqlite:///"))
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(statements)
    else:
        with psycopg.connect(ledger_url, autocommit=True) as connection:
            connection.execute(statements.encode())
