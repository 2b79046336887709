"""A ledger in a PostgreSQL database that a team shares."""

import logging
import os
import socket
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

import sqlalchemy as sa

from ledger.liveness import AdvisoryLocks

log = logging.getLogger(__name__)

_APPLICATION = "elasticache-updates"
_POOL_SIZE = 20
_WRITING = {"statement_timeout": "30s", "lock_timeout": "10s"}
_READING = ("SET TRANSACTION READ ONLY", "SET LOCAL statement_timeout = '5s'", "SET LOCAL lock_timeout = '2s'")


class PostgresqlServer:
    """Does not watch, measure or copy the ledger as SqliteFile does: the server's administrators see to that."""

    has_one_writer = False

    def __init__(self, url: sa.URL) -> None:
        """Does not connect yet."""
        self.where = where(url)
        _warn_if_readable(url)
        self.engine = sa.create_engine(
            url, pool_size=_POOL_SIZE, pool_pre_ping=True, connect_args=_arguments(connect_seconds=10)
        )
        sa.event.listen(self.engine, "connect", _setting(_WRITING))
        self.liveness = AdvisoryLocks(self.engine)
        self.turn = nullcontext()

    def require_intact(self) -> None:
        pass

    def require_room(self, mails_count: int) -> None:
        pass

    def back_up(self, version: int) -> None:
        pass

    def close(self) -> None:
        self.engine.dispose()


def _warn_if_readable(url: sa.URL) -> None:
    """Without `sslmode`, the connection is encrypted wherever the server can do that."""
    modes, host = url.normalized_query.get("sslmode", ()), url.host or ""
    is_elsewhere = host not in {"", "localhost", "::1"} and not host.startswith("127.")
    if is_elsewhere and not {"disable", "allow"}.isdisjoint(modes):
        log.warning(
            "sslmode: others on the network can read what goes to the ledger, addresses included; use require",
            extra={"setting": "LEDGER_URL", "host": host},
        )


class PostgresqlReading:
    """Changes nothing, waits only seconds for locks, and keeps no connection open."""

    def __init__(self, url: sa.URL) -> None:
        self.where = where(url)
        self.engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=_arguments(connect_seconds=3))
        self._connection: Any = None
        sa.event.listen(self.engine, "connect", self._remember, insert=True)  # before SQLAlchemy asks anything itself
        sa.event.listen(self.engine, "begin", _begin_reading)

    def interrupt(self) -> None:
        """
        Shuts the connection's socket down.

        The server keeps its own limits only while it runs. One that is frozen, and a network that loses everything,
        would be waited for without end.
        """
        with suppress(Exception), socket.socket(fileno=os.dup(self._connection.fileno())) as connected:
            connected.shutdown(socket.SHUT_RDWR)

    def _remember(self, connection: Any, _: object) -> None:  # noqa: ANN401 — SQLAlchemy calls it with psycopg's
        self._connection = connection

    def undisturbed(self) -> AbstractContextManager[None]:
        """The server isolates readers from writers by itself."""
        return nullcontext()


def where(url: sa.URL) -> str:
    """The address without its password, and without its parameters, which can hold a password too."""
    return url.set(query={}).render_as_string(hide_password=True)


def _arguments(connect_seconds: int) -> dict[str, object]:
    return {"connect_timeout": connect_seconds, "application_name": _APPLICATION, "keepalives_idle": 10}


def _setting(settings: dict[str, str]) -> Any:  # noqa: ANN401 — SQLAlchemy calls it with psycopg's connection
    """Sets them once connected: poolers such as PgBouncer refuse a connection that comes with settings."""

    def apply(connection: Any, _: object) -> None:  # noqa: ANN401 — as above
        with connection.cursor() as cursor:
            for name, value in settings.items():
                cursor.execute(f"SET {name} = '{value}'")
        connection.commit()

    return apply


def _begin_reading(connection: sa.Connection) -> None:
    """For this transaction only: behind a pooler, the next one on the same connection may be somebody's who writes."""
    for statement in _READING:
        connection.exec_driver_sql(statement)
