"""
The one table of faults: every remote system × everything that can go wrong with it, and what must hold then.

The tests beside it run every row, and `docs/reliability.md` is written from it. A new system is a name in
`platform.SYSTEMS` with its good answers there, and its own faults in `own_faults`: those that can be told from a good
answer only by who knows the system.
"""

from collections.abc import Collection, Iterator

from tests.faults.kinds import KINDS, kind_of
from tests.faults.own_faults import OWN_FAULTS, Row
from tests.faults.platform import (
    SYSTEMS,
)
from tests.faults.remote_faults import FAULTS


def rows() -> Iterator[Row]:
    for system in SYSTEMS:
        yield Row(system, "refused", "refused", None)
        for fault in FAULTS:
            yield Row(
                system,
                kind_of(fault),
                fault.name,
                lambda _, fault=fault: fault.behaviour,  # type: ignore[misc] # its own fault
                hangs=fault.hangs,
                asks_for_pause=fault.asks_for_pause,
                says=fault.says,
            )
    yield from OWN_FAULTS


TABLE = tuple(sorted(rows(), key=lambda row: (SYSTEMS.index(row.system), list(KINDS).index(row.kind))))
FIRST_OF_KIND = tuple({(row.system, row.kind): row for row in reversed(TABLE)}.values())
A_FEW_KINDS = ("refused", "hang before the body", "401 always", "500", "HTML", "deep", "endless pages", "unknown word")
"""One of each way in which a client can find out that something is wrong, or go on all the same."""
AT_EVERY_MOMENT_KINDS = ("hang before the body", "401 always", "HTML")
"""No answer, a refusal, and an answer that is none: what strikes where striking takes long."""
TO_A_CHANGE_KINDS = (
    *A_FEW_KINDS,
    "reset",
    "401 once",
    "400",
    "403",
    "404",
    "429",
    "503",
    "truncated",
    "hang in the body",
)
"""And those that leave open whether a change was made, such as a mail accepted, or refuse this one, or all."""
LEAVE_OPEN_KINDS = ("reset", "hang before the body", "hang in the body", "500", "503", "HTML", "truncated", "deep")
"""After which a change may have been made."""
CLIENTS = ("accounts", "notify", "statuspage", "github")
_ASKED_BY_SURVEYS = ("elasticache", "cloudfoundry", "uaa")
_STRIKING_SURVEYS = [row for row in FIRST_OF_KIND if row.system in (*_ASKED_BY_SURVEYS, "sts")]


def _of(system: str, kinds: Collection[str]) -> list[Row]:
    return [row for row in FIRST_OF_KIND if row.system == system and row.kind in kinds]


_IN_EARNEST = ("500", "hang before the body")
RUNS = {
    "exporter": [row for row in TABLE if row.system in _ASKED_BY_SURVEYS]
    + [row for row in FIRST_OF_KIND if row.system == "sts"],  # its answers are read as those of ElastiCache
    "exporter --once": [
        row
        for row in FIRST_OF_KIND
        if row.system in ("elasticache", "cloudfoundry") and row.kind in ("500", "endless pages", "unknown word")
    ],
    "client": [row for row in TABLE if row.system in CLIENTS and row not in OWN_FAULTS],
    "print": [row for row in (*_STRIKING_SURVEYS, *_of("accounts", A_FEW_KINDS)) if row.kind in A_FEW_KINDS]
    + [row for row in OWN_FAULTS if row.system == "accounts" and row.kind != "unknown word"],
    "email": [row for row in (*_STRIKING_SURVEYS, *_of("accounts", _IN_EARNEST)) if row.kind in _IN_EARNEST]
    + _of("notify", TO_A_CHANGE_KINDS),
    "status": _of("notify", A_FEW_KINDS),
    "told": [row for row in _STRIKING_SURVEYS if row.kind in _IN_EARNEST],
    "defer add": [row for row in _STRIKING_SURVEYS if row.kind in _IN_EARNEST],
    "apply": _of("elasticache", [*AT_EVERY_MOMENT_KINDS, "reset", "500"])
    + [
        row for row in _STRIKING_SURVEYS if row.system != "elasticache" and row.kind in ("HTML", "hang before the body")
    ],
    "schedule": [*_of("statuspage", TO_A_CHANGE_KINDS), *_of("statuspage", ["repeated page"])],
    "cancel": [*_of("notify", A_FEW_KINDS), *_of("statuspage", [*AT_EVERY_MOMENT_KINDS, "refused", "500"])],
    "checklist": [row for row in _STRIKING_SURVEYS if row.kind in _IN_EARNEST],
    "checklist --post": [*_of("github", TO_A_CHANGE_KINDS), *_of("github", ["repeated page"])],
    "doctor": [row for system in SYSTEMS for row in _of(system, AT_EVERY_MOMENT_KINDS)],
}
"""
What is run with which rows. The exporter surveys in this process, and is struck by all of them; the notifier takes the
same surveys, so that its commands, which take longer, are struck by a few. `client` is the notifier's own clients alone.
"""
