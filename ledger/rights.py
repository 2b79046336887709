"""Reads what earlier versions of this program could do without, as far as the database lets this program."""

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, ProgrammingError

Answer = TypeVar("Answer")


def if_permitted(connection: sa.Connection, read: Callable[[], Answer]) -> Answer | None:
    """None where the rights that somebody once granted do not include it; the transaction goes on."""
    try:
        with connection.begin_nested():
            return read()
    except (ProgrammingError, OperationalError) as error:
        if "permission denied" not in str(error.orig):
            raise
        return None
