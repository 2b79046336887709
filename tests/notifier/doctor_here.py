"""What a run of `doctor` found, so that tests can ask for one check by its name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.notifier_here import Here
from tests.notifier_program import Ended

Row = dict[str, Any]


@dataclass(frozen=True)
class Found:
    ended: Ended
    rows: list[Row]

    def states(self, system: str) -> dict[str, str]:
        """By check."""
        return {row["check"]: row["state"] for row in self.rows if row["system"] == system}

    def check(self, system: str, check: str) -> Row:
        (row,) = (row for row in self.rows if (row["system"], row["check"]) == (system, check))
        return row

    def failed(self) -> set[str]:
        """Such as `notify key`."""
        return self._in("failed")

    def warned(self) -> set[str]:
        return self._in("warning")

    def _in(self, state: str) -> set[str]:
        return {f"{row['system']} {row['check']}" for row in self.rows if row["state"] == state}


def doctor(here: Here, *arguments: str) -> Found:
    ended = here.run("doctor", "--format", "json", *arguments)
    return Found(ended, ended.document["checks"] if ended.out else [])


def shown(rows: Iterable[Row]) -> str:
    return "\n".join(str(row) for row in rows)
