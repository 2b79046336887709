"""LEDGER_URL: whatever is wrong with it, nothing of it is shown that may be a secret."""

import os
from urllib.parse import urlsplit

import psycopg
import pytest
import sqlalchemy as sa

from ledger.ledger import Ledger
from ledger.ledger_reader import LedgerReader
from tests.ledger.pooler import pooler
from tests.notifier_here import Here

NOWHERE = "127.0.0.1:1"


@pytest.mark.parametrize(
    ("url", "status"),
    [
        (f"postgresql://ada@{NOWHERE}/ledger?password=s3cret", 3),
        (f"postgresql://ada@{NOWHERE}/ledger?sslpassword=s3cret&sslmode=prefer", 3),
        (f"postgresql://ada:x%40s3cret@{NOWHERE}/ledger", 3),
        (f"postgresql://ada:x:s3cret@{NOWHERE}/ledger", 3),
        (f"postgresql://ada:x/s3cret@{NOWHERE}/ledger", 3),
        (f"postgresql://ada:x?s3cret#s3cret@{NOWHERE}/ledger", 3),
        (f"postgresql://ada:x@s3cret@{NOWHERE}/ledger", 2),
        (f"postgresql://ada:x@y:s3cret@{NOWHERE}/ledger", 2),
        (f"postgresql://ada:x@y/s3cret@{NOWHERE}/ledger", 2),
        (f"postgresql://ada:x@s3cret/y@{NOWHERE}/ledger", 2),
        (f"postgresql://ada%3As3cret@{NOWHERE}/ledger", 2),
        (f"postgresql://ada?s3cret@{NOWHERE}/ledger", 2),
        (f"postgresql://ada#s3cret@{NOWHERE}/ledger", 2),
        (f"postgresql://ada/s3cret@{NOWHERE}/ledger", 2),
        ("postgresql://ada:s3cret", 2),
        ("postgresql://ada:s3cret/ledger", 2),
        ("postgresql:ada:s3cret@host/ledger", 2),
        (f"postgresql://ada@{NOWHERE}/ledger?pasword=s3cret", 2),
        (f"postgresql://ada@{NOWHERE}/ledger?s3cret=1", 2),
        (f"postgresql+asyncpg://ada:s3cret@{NOWHERE}/ledger", 2),
        ("mysql://ada:s3cret@host/ledger", 2),
        ("s3cret://host/ledger", 2),
        ("s3cret", 2),
        ("sqlite://ada:s3cret@host/ledger", 2),
        ("sqlite:////tmp/ledger?password=s3cret", 2),
        ("sqlite://:s3cret@/ledger", 2),
        ("sqlite:///:memory:?password=s3cret", 2),
    ],
)
def test_it_ends_in_one_line_without_the_secret(url: str, status: int, here: Here) -> None:
    here.set({"LEDGER_URL": url})
    ended = here.run("ledger", "check")
    assert ended.status == status, ended.err
    assert "s3cret" not in ended.out + ended.err
    assert len(ended.err.splitlines()) == 1
    assert "ledger" in ended.err.lower()


def test_a_password_with_every_character_opens_the_ledger(postgresql: str) -> None:
    """Written as the refusal says; and as a parameter."""
    server = urlsplit(postgresql)
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(b"CREATE DATABASE passwords")
    for address in (
        f"postgresql://tester:a%40b%3Ac%2Fd%3Fe%23f@127.0.0.1:{server.port}/passwords",
        f"postgresql://tester@127.0.0.1:{server.port}/passwords?password=a%40b&sslmode=prefer",
    ):
        with Ledger(address) as ledger:
            assert ledger.records() == []
            assert "a%40b" not in ledger.where
            assert "a@b" not in ledger.where


def test_a_pooler_that_refuses_settings_is_no_hindrance(postgresql: str) -> None:
    """And the limits of time hold all the same."""
    name = f"pooled_{os.getpid()}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    server_port = urlsplit(postgresql).port
    assert server_port is not None
    show = sa.text("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
    with pooler(server_port) as port:
        url = f"postgresql://tester@127.0.0.1:{port}/{name}"
        with Ledger(url) as ledger, ledger.run("email", "ada") as run:
            assert ledger.is_alive(run.id)
            with ledger.transaction() as connection:
                assert tuple(connection.execute(show).one()) == ("30s", "10s")
            reader = LedgerReader(url)
            with reader.transaction() as connection:
                assert tuple(connection.execute(show).one()) == ("5s", "2s")


@pytest.mark.parametrize(
    ("address", "is_warned"),
    [
        ("postgresql://u:p@db.example.org/x?sslmode=disable", True),
        ("postgresql://u:p@db.example.org/x?sslmode=allow", True),
        ("postgresql://u:p@db.example.org/x?sslmode=require", False),
        ("postgresql://u:p@db.example.org/x", False),
        ("postgresql://u:p@127.0.0.1/x?sslmode=disable", False),
        ("postgresql://u:p@localhost/x?sslmode=disable", False),
    ],
)
def test_a_connection_that_others_can_read_is_warned_of(
    address: str, caplog: pytest.LogCaptureFixture, *, is_warned: bool
) -> None:
    """Who asks for it may have a reason; the password and people's addresses go over it."""
    Ledger(address)
    assert bool(caplog.records) is is_warned
    assert ":p@" not in caplog.text
