"""Examines the ledger, without making, upgrading or repairing it."""

from collections.abc import Callable, Iterator
from typing import Protocol

from fleet.errors import ConfigurationError, RemoteError
from notifier.doctor.checks import Check, failed, ok, warning
from notifier.doctor.remedies import unreachable

_SYSTEM = "ledger"
_OTHER_PLACE = "repair this, or set LEDGER_URL to the team's ledger; an empty one would send every mail again"

_LOCKED = "wait for that program to end, or stop it; an open transaction of somebody's database tool is one too"


class Inspection(Protocol):
    @property
    def where(self) -> str: ...
    @property
    def version(self) -> int | None: ...
    @property
    def newest_version(self) -> int: ...
    @property
    def why_not_writable(self) -> str | None: ...
    @property
    def is_locked(self) -> bool: ...
    @property
    def why_not_private(self) -> str | None: ...
    @property
    def is_shared(self) -> bool: ...


def ledger_steps(inspect: Callable[[], Inspection]) -> Iterator[str | Check]:
    yield "opens"
    try:
        found = inspect()
    except ConfigurationError as error:
        yield failed("opens", str(error), _OTHER_PLACE)
        return
    except RemoteError as error:
        yield failed("opens", error.cause, unreachable(_SYSTEM))
        return
    is_new = found.version is None
    made = "there is none yet: the first command that needs it makes it"
    yield ok("opens", f"{found.where}: {made}" if is_new else found.where)
    yield _version(found)
    if found.why_not_writable is not None:
        remedy = "give its user the rights in docs/permissions.md" if found.is_shared else "chown or chmod it"
        yield failed("writable", found.why_not_writable, remedy)
    elif found.is_locked:
        yield failed("writable", "another program keeps it locked, so nobody else can write it", _LOCKED)
    else:
        yield ok("writable", "it can be made" if is_new else "it can be written")
    if found.why_not_private is not None:
        yield failed("private", found.why_not_private, f"chmod 600 '{found.where.removeprefix('sqlite:///')}'")
    elif found.is_shared:
        yield ok("private", "the server's administrators see to who may read it")
    else:
        yield ok("private", "only its owner will be able to read it" if is_new else "only its owner can read it")


def _version(found: Inspection) -> Check:
    if found.version is None:
        return ok("version", f"will be {found.newest_version}")
    if found.version > found.newest_version:
        detail = f"{found.version}; this program knows versions up to {found.newest_version}"
        return failed("version", detail, "a newer program has used it; upgrade this one")
    if found.version < found.newest_version:
        detail = f"{found.version}; the next command brings it to {found.newest_version}, after copying a file"
        return warning("version", detail, "let every colleague upgrade: older programs will refuse it")
    return ok("version", f"{found.version}, the newest")
