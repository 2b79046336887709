"""
How fast the notifier tells people: `python -m bench.mails`, some five minutes; prints the table of docs/scale.md.

Every request to GOV.UK Notify takes 50 ms. Needs Debian's postgresql.
"""

import argparse
import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
import requests

from bench import programs
from bench.simulation import mailing
from notifier.mail.pace import NOTIFY_PER_MINUTE
from tests.postgresql_server import postgresql_server

LATENCY_SECONDS = 0.05
INSTANCES = 16_000
"""Of the sandbox; a manager of an affected org is told, which makes some 2,000 mails."""
_UNLIMITED = 100_000
_CREATED = 201
_TOO_MANY_REQUESTS = 429
_ALL_TOLD, _SOME_CANNOT_BE_TOLD = 0, 1

COLUMNS = (
    "ledger",
    "operators",
    "limit, mails a minute",
    "mails",
    "seconds",
    "mails a minute",
    "÷ 3,000",
    "simulated, a minute",
    "answered 429",
    "connections of one operator",
)


@dataclass(frozen=True)
class Measured:
    ledger: str
    operators: int
    limit_per_minute: int
    accepted_at: Sequence[datetime]
    """In rising order."""
    refused: int
    connections: int
    """Of one operator to PostgreSQL, at most; 0 with SQLite."""

    @property
    def row(self) -> str:
        mails = len(self.accepted_at)
        seconds = (self.accepted_at[-1] - self.accepted_at[0]).total_seconds()
        per_minute = mails / seconds * 60
        return (
            f"| {self.ledger} | {self.operators} | {self.limit_per_minute:,} | {mails:,} | {seconds:.0f}"
            f" | {per_minute:,.0f} | {per_minute / NOTIFY_PER_MINUTE:.2f}"
            f" | {self._simulated_per_minute:,.0f} | {self.refused} | {self.connections or '–'} |"
        )

    @property
    def _simulated_per_minute(self) -> float:
        mails = len(self.accepted_at)
        scenario = mailing.Scenario(
            mails,
            self.operators,
            latency_seconds=LATENCY_SECONDS,
            latency_spread=0.0,
            limit_per_minute=self.limit_per_minute,
            pace_per_minute=self.limit_per_minute,
        )
        return mails / mailing.simulate(scenario).minutes


def measure(ledger: str, operators: int, limit_per_minute: int, instances: int) -> Measured:
    fault = f"notify:latency:{LATENCY_SECONDS}"
    flags = ["--notify-rate", str(limit_per_minute)]
    with _ledger_url(ledger) as url, programs.sandbox(instances, fault, flags=flags) as environment:
        limits = {"LEDGER_URL": url, "MAILS_PER_MINUTE": str(limit_per_minute)}
        with contextlib.ExitStack() as stack:
            running = [stack.enter_context(_email({**environment, **limits})) for _ in range(operators)]
            connections = 0
            while any(operator.poll() is None for operator in running):
                connections = max(connections, _connections(url) // operators)
                time.sleep(1)
        if any(operator.returncode not in (_ALL_TOLD, _SOME_CANNOT_BE_TOLD) for operator in running):
            raise RuntimeError("the notifier was stopped; run `python -m notifier email` on the sandbox to see by what")
        arrived = requests.get(f"{environment['SANDBOX_CONTROL_URL']}/requests", timeout=60).json()["requests"]
    answers = [entry for entry in arrived if entry["system"] == "notify" and entry["method"] == "POST"]
    return Measured(
        ledger=ledger,
        operators=operators,
        limit_per_minute=limit_per_minute,
        accepted_at=sorted(datetime.fromisoformat(entry["at"]) for entry in answers if entry["status"] == _CREATED),
        refused=sum(entry["status"] == _TOO_MANY_REQUESTS for entry in answers),
        connections=connections,
    )


@contextmanager
def _ledger_url(ledger: str) -> Iterator[str]:
    if ledger == "PostgreSQL":
        with postgresql_server() as url:
            yield url
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/ledger.sqlite3"


def _email(environment: Mapping[str, str]) -> AbstractContextManager["subprocess.Popen[str]"]:
    command = ["-m", "notifier", "email", "--yes", "--region", "Ireland", *programs.window()]
    return programs.process(command, {**environment, "LOG_LEVEL": "error"}, stdout=subprocess.DEVNULL)


def _connections(url: str) -> int:
    """To PostgreSQL, of all operators; 0 where it is not PostgreSQL."""
    if not url.startswith("postgresql"):
        return 0
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where application_name = 'elasticache-updates'"
        ).fetchone()
    return int(row[0]) if row else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=INSTANCES, metavar="COUNT", help="default: %(default)s")
    arguments = parser.parse_args()
    print(programs.markdown_header(COLUMNS))
    for ledger, operators, limit in (
        ("SQLite", 1, _UNLIMITED),
        ("PostgreSQL", 1, _UNLIMITED),
        ("PostgreSQL", 2, _UNLIMITED),
        ("SQLite", 1, NOTIFY_PER_MINUTE),
        ("PostgreSQL", 1, NOTIFY_PER_MINUTE),
        ("PostgreSQL", 2, NOTIFY_PER_MINUTE),
    ):
        print(measure(ledger, operators, limit, arguments.instances).row, flush=True)


if __name__ == "__main__":
    with programs.interruptible():
        main()
