"""Examines PaaS Accounts, by asking it about a user that nobody is, and the team's address book."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from fleet.errors import NotSetUpError, RemoteError
from notifier.doctor.checks import Check, failed, not_set, ok
from notifier.doctor.remedies import unreachable

_SYSTEM = "accounts"
_CREDENTIALS = "check PAAS_ACCOUNTS_USERNAME and PAAS_ACCOUNTS_PASSWORD"


class Accounts(Protocol):
    def require_answer(self) -> None:
        """Raises RemoteError."""


class Book(Protocol):
    @property
    def addresses(self) -> Mapping[str, Sequence[str]]: ...


def book_steps(book: Callable[[], Book | None]) -> Iterator[str | Check]:
    """No check where there is no book. Its names and addresses are nobody's business here."""
    yield "address book"
    found = book()
    if found is not None:
        nobody = sum(not addresses for addresses in found.addresses.values())
        on_purpose = f", {nobody} of them to nobody on purpose" if nobody else ""
        yield ok("address book", f"readable, and says who is told for {len(found.addresses)} orgs{on_purpose}")


def accounts_steps(settings: Callable[[], Accounts | None]) -> Iterator[str | Check]:
    try:
        accounts = settings()
    except NotSetUpError as error:  # its address is set
        yield failed("settings", str(error), "set PAAS_ACCOUNTS_USERNAME and PAAS_ACCOUNTS_PASSWORD")
        return
    if accounts is None:
        yield not_set("answers", "PAAS_ACCOUNTS_URL is not set: user names, or tags, that hold addresses are used")
        return
    yield "answers"
    try:
        accounts.require_answer()
    except RemoteError as error:
        is_refused = _CREDENTIALS in error.cause or "HTTP 403" in error.cause
        detail = str(error).removesuffix(f"; {_CREDENTIALS}")
        yield failed("answers", detail, _CREDENTIALS if is_refused else unreachable(_SYSTEM))
    else:
        yield ok("answers", "answers about users")
