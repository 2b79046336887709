"""The mails that Notify has accepted, and what becomes of each as time goes by. Safe to use from any thread."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sandbox.notify import rendering
from sandbox.notify.templates import Template
from sandbox.world import UnknownError

FAILURES = ("permanent-failure", "temporary-failure", "technical-failure")
STATUSES = ("created", "sending", "delivered", *FAILURES)
SHARE_BEFORE_SENDING = 0.2


@dataclass(frozen=True, slots=True)
class Mail:
    """
    `email_address` is as Notify stores it, in lower case; `personalisation` as it arrived, or sanitised where that was
    asked for; `body` is Markdown. Times are seconds since the epoch. `status` is what it was when the mail was read.
    """

    id: str
    key_type: str
    email_address: str
    reference: str | None
    template: Template
    personalisation: Mapping[str, object]
    reply_to: str | None
    one_click_unsubscribe_url: str | None
    created_at: float
    sending_at: float
    settled_at: float
    outcome: str
    status: str = "created"

    @property
    def subject(self) -> str:
        return self.template.filled_subject(self.personalisation)

    @property
    def body(self) -> str:
        return self.template.filled_body(self.personalisation)

    @property
    def text(self) -> str:
        """What a mail program without HTML shows."""
        return rendering.text(self.body)

    @property
    def html(self) -> str:
        """The message's part of the page that Notify sends."""
        return rendering.html(self.body)

    def at(self, now: float) -> "Mail":
        status = self.outcome if now >= self.settled_at else "sending" if now >= self.sending_at else "created"
        return replace(self, status=status)

    def document(self) -> dict[str, object]:
        """For the sandbox's control port: all that is known."""
        return {
            "id": self.id,
            "email_address": self.email_address,
            "reference": self.reference,
            "status": self.status,
            "key_type": self.key_type,
            "created_at": datetime.fromtimestamp(self.created_at, UTC),
            "template_id": self.template.id,
            "reply_to": self.reply_to,
            "one_click_unsubscribe_url": self.one_click_unsubscribe_url,
            "personalisation": self.personalisation,
            "subject": self.subject,
            "body": self.body,
            "text": self.text,
            "html": self.html,
        }


class Mails:
    """Oldest first. `clock` answers seconds since the epoch."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._mails: dict[str, Mail] = {}

    def __iter__(self) -> Iterator[Mail]:
        with self._lock:
            mails = list(self._mails.values())
        now = self._clock()
        return (mail.at(now) for mail in mails)

    def __len__(self) -> int:
        return len(self._mails)

    def __getitem__(self, mail_id: str) -> Mail:
        with self._lock:
            if mail_id not in self._mails:
                raise UnknownError(f"no mail '{mail_id}'")
            return self._mails[mail_id].at(self._clock())

    def store(self, mail: Mail) -> None:
        with self._lock:
            self._mails[mail.id] = mail

    def settle(self, mail_id: str, status: str) -> None:
        """Whatever became of it so far, from now on it is this."""
        now = self._clock()
        settled = replace(self[mail_id], sending_at=now, settled_at=now, outcome=known_status(status))
        self.store(settled)

    def clear(self) -> None:
        with self._lock:
            self._mails.clear()


def known_status(status: str) -> str:
    if status not in STATUSES:
        raise UnknownError(f"no status '{status}'; there are {', '.join(STATUSES)}")
    return status
