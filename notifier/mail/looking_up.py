"""Asks Notify for many mails by their references, a few at a time."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import tenacity

from fleet.errors import RemoteError
from fleet.program.threads import Threads
from ledger.mail_record import REFERENCE_PREFIX, MailKey
from notifier.mail.notify import Notification, Notify
from notifier.mail.notify_answers import NotifyUnavailableError
from notifier.mail.pace import REQUESTS_SIDE_BY_SIDE

_MOST_LOOKS = 6
_MOST_PAGES = 40
_AGAIN = "no mail was sent; run the same command again"

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


def found_at_notify(notify: Notify, keys: Sequence[MailKey]) -> Iterator[tuple[MailKey, Notification]]:
    """
    Those that Notify has, in the order of the keys.

    The first is asked for alone, so that a wrong API key is used only once. Tries again after passing faults. Raises
    RemoteError, also if Notify refuses us.
    """
    first, rest = keys[:1], keys[1:]
    answers = [_found(notify, key) for key in first]
    with Threads(REQUESTS_SIDE_BY_SIDE, "look-up") as threads:
        asking = [threads.submit(_found, notify, key) for key in rest]
    for key, found in zip(keys, [*answers, *(answer.result() for answer in asking)], strict=True):
        if found is not None:
            yield key, found


def recent_at_notify(notify: Notify) -> Iterator[Notification]:
    """The latest mails of this program, newest first; not all of a week, if the service sends very many others."""
    before: str | None = None
    for _ in range(_MOST_PAGES):
        page = _patiently(notify.page, before)
        yield from (notification for notification in page if notification.reference.startswith(REFERENCE_PREFIX))
        if not page or page[-1].id == before:
            return
        before = page[-1].id


def _found(notify: Notify, key: MailKey) -> Notification | None:
    return _patiently(notify.find, key.reference)


def _patiently(call: Callable[[Asked], Answered], asked: Asked) -> Answered:
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(NotifyUnavailableError),
        stop=tenacity.stop_after_attempt(_MOST_LOOKS),
        wait=tenacity.wait_exponential_jitter(multiplier=0.1, max=2, jitter=0.1),
        reraise=True,
    )
    try:
        return retrying(call, asked)
    except NotifyUnavailableError as error:
        raise RemoteError(error.system, error.call, f"no clear answer: {error.cause}; {_AGAIN}") from error
    except RemoteError as error:
        raise RemoteError(error.system, error.call, f"{error.cause}; {_AGAIN}") from error
