"""Threads that wait for their turn to write share a transaction: each gets its own answer, and all is written or nothing."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from ledger.batches import Batches
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.mail_claims import Claimed, MailClaims
from ledger.mail_record import Intent, MailKey, State
from ledger.maintenance_key import MaintenanceKey

NUMBERS = sa.Table("numbers", sa.MetaData(), sa.Column("number", sa.Integer, unique=True))
TOGETHER = 8


class Database:
    """With a gate before the first transaction's end, so that the others have to wait."""

    def __init__(self, folder: Path) -> None:
        self._engine = sa.create_engine(f"sqlite:///{folder}/numbers", connect_args={"check_same_thread": False})
        NUMBERS.create(self._engine)
        self.transactions = 0
        self.first_has_begun = threading.Event()
        self.first_may_end = threading.Event()

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        self.transactions += 1
        is_first = self.transactions == 1
        with self._engine.begin() as connection:
            yield connection
            if is_first:
                self.first_has_begun.set()
                assert self.first_may_end.wait(30)

    @property
    def numbers(self) -> list[int]:
        with self._engine.begin() as connection:
            return sorted(connection.execute(sa.select(NUMBERS.c.number)).scalars())


def insert(number: int) -> "sa.Insert":
    return sa.insert(NUMBERS).values(number=number)


def doing(batches: Batches, number: int) -> int:
    def work(connection: sa.Connection) -> int:
        connection.execute(insert(number))
        return number

    return batches.do(work)


def in_threads(database: Database, numbers: list[int]) -> list[int | str]:
    """The first begins, all others wait; then what each got, or why it failed."""
    batches = Batches(database.transaction)
    with ThreadPoolExecutor(len(numbers)) as pool:
        first = pool.submit(doing, batches, numbers[0])
        assert database.first_has_begun.wait(30)
        others = [pool.submit(doing, batches, number) for number in numbers[1:]]
        while len(batches._waiting) < len(others):  # noqa: SLF001 — nobody else can tell that all wait
            threading.Event().wait(0.01)
        database.first_may_end.set()
        return [(f.result() if f.exception() is None else type(f.exception()).__name__) for f in (first, *others)]


def test_all_that_waits_is_written_together_and_each_gets_its_own(tmp_path: Path) -> None:
    database, numbers = Database(tmp_path), list(range(TOGETHER))
    assert in_threads(database, numbers) == numbers
    assert database.numbers == numbers
    assert database.transactions == 2


def test_what_fails_leaves_nothing_of_its_batch_and_everybody_knows(tmp_path: Path) -> None:
    """Nobody takes for written what was written with something that failed."""
    database = Database(tmp_path)
    assert in_threads(database, [1, 2, 3, 1, 4]) == [1, *(["IntegrityError"] * 4)]
    assert database.numbers == [1]
    assert doing(Batches(database.transaction), 5) == 5


def test_a_transaction_that_cannot_end_has_done_nothing(tmp_path: Path) -> None:
    """As where the disk is full: it shows at the commit."""
    database = Database(tmp_path)

    @contextmanager
    def failing() -> Iterator[sa.Connection]:
        with database.transaction() as connection:
            yield connection
            raise LedgerError("the disk is full")

    database.first_may_end.set()
    with pytest.raises(LedgerError, match="full"):
        doing(Batches(failing), 1)
    assert database.numbers == []


def test_mails_claimed_by_many_threads_are_each_claimed_once(sqlite_url: str) -> None:
    """And every one of them is there for whoever opens the ledger next."""
    key = MaintenanceKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1")
    intents = [
        Intent(MailKey(key.window_key, key.aws_region, f"org-{n}", f"ada-{n}@example.org"), "org", ("guid",), "0" * 64)
        for n in range(40)
    ]
    with Ledger(sqlite_url) as ledger, ledger.run("email", "ada") as run:
        ledger.record_window(key, "Europe/London", "email", "ada")
        claims = MailClaims(ledger, run, "fingerprint")
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(claims.claim, [*intents, *intents]))
            assert all(pool.map(lambda intent: claims.record_sent(intent.key, f"id-{intent.key.org_guid}"), intents))
    assert sum(isinstance(answer, Claimed) for answer in answers) == len(intents)
    with Ledger(sqlite_url) as ledger:
        found = ledger.records(key)
    assert {(record.state, record.attempts) for record in found} == {(State.SENT, 1)}
    assert all(record.notification_id == f"id-{record.key.org_guid}" for record in found)
