"""GOV.UK Notify: sends a mail, and finds out what became of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import requests
from notifications_python_client.errors import APIError, HTTPError, InvalidResponse
from notifications_python_client.notifications import NotificationsAPIClient

from fleet.http_session import LIBRARY_ERRORS, Hosts, time_limits
from fleet.patience import patience
from notifier.mail.message import Message
from notifier.mail.notify_answers import (
    SYSTEM,
    Accepted,
    Answer,
    NotifyNotFoundError,
    NotifyUnavailableError,
    Unclear,
    answer,
    is_redirect,
    is_used_up,
    refused,
    used_up,
    words_of,
)
from notifier.mail.notify_session import NotifySession
from notifier.mail.notify_settings import NotifySettings
from notifier.mail.notify_template import NotifyTemplate, notify_template

_LOOK_UP = "GET /v2/notifications"
_TEMPLATE, _TEMPLATES = "GET /v2/template/{id}", "GET /v2/templates"
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404


@dataclass(frozen=True, slots=True)
class Notification:
    """A mail as Notify knows it."""

    id: str
    reference: str
    status: str
    body: str = ""
    """Notify's template, filled in."""
    created_at: datetime | None = None
    address: str = ""
    """Lower-case."""


class Notify:
    """Threads may share it: each thread gets a client of its own, because Notify's client cannot be shared."""

    def __init__(self, settings: NotifySettings) -> None:
        self.settings = settings
        self._threads = threading.local()
        self._hosts: Hosts = {}

    def send(self, address: str, message: Message, reference: str) -> Answer:
        """Raises NotifyRefusedError if Notify would refuse every further mail too."""
        try:
            receipt = self._client.send_email_notification(
                email_address=address,
                template_id=self.settings.template_id,
                personalisation=message.personalisation,
                reference=reference,
                email_reply_to_id=self.settings.reply_to_id,
            )
        except InvalidResponse:
            return Unclear("its answer is not JSON")
        except HTTPError as error:
            return answer(error)
        except (requests.RequestException, *LIBRARY_ERRORS) as error:
            return Unclear(type(error).__name__)
        if not isinstance(receipt, dict) or not isinstance(receipt.get("id"), str):
            return Unclear("its answer has no id")
        return Accepted(receipt["id"])

    def find(self, reference: str) -> Notification | None:
        """
        The oldest mail with this reference that a key of this type sent in the last seven days, or None.

        Raises NotifyUnavailableError if asking again may help, and NotifyRefusedError if it will not.
        """
        with _look_up(_LOOK_UP):
            page = self._client.get_all_notifications(reference=reference, template_type="email")
            found = [_notification(row) for row in page["notifications"] if row.get("reference") == reference]
        return found[-1] if found else None

    def page(self, before: str | None) -> list[Notification]:
        """
        The mails that keys of this type sent in the last seven days, newest first: those before the one with this id.

        Raises the same errors as `find`.
        """
        with _look_up(_LOOK_UP):
            page = self._client.get_all_notifications(template_type="email", older_than=before)
            return [_notification(row) for row in page["notifications"] if row.get("reference") is not None]

    def template(self) -> NotifyTemplate | None:
        """
        The template that mails are written with, or None if this key's service has none with that id.

        Raises the same errors as `find`.
        """
        wanted = self.settings.template_id
        try:
            with _look_up(_TEMPLATE):
                found = notify_template(self._client.get_template(wanted))
        except NotifyNotFoundError:
            return None
        try:
            with _look_up(_TEMPLATES):
                listed = self._client.get_all_templates(template_type="email")["templates"]
                ids = {str(row["id"]).lower() for row in listed}
        except NotifyUnavailableError:
            return found
        return replace(found, is_deleted=found.kind == "email" and wanted.lower() not in ids)

    @property
    def _client(self) -> NotificationsAPIClient:
        client = getattr(self._threads, "client", None)
        if client is None:
            limits = time_limits(patience().call_seconds)
            client = NotificationsAPIClient(self.settings.api_key, base_url=self.settings.base_url, timeout=limits)
            client.request_session = NotifySession(self._hosts)
            self._threads.client = client
        return client


@contextmanager
def _look_up(call: str) -> Iterator[None]:
    try:
        yield
    except HTTPError as error:
        if error.status_code in (_UNAUTHORIZED, _FORBIDDEN) or is_redirect(error):
            raise refused(error, call) from error
        if is_used_up(error):
            raise used_up(error, call) from error
        kind = NotifyNotFoundError if error.status_code == _NOT_FOUND else NotifyUnavailableError
        raise kind(SYSTEM, call, words_of(error)) from error
    except (KeyError, TypeError, AttributeError, InvalidResponse) as error:
        raise NotifyUnavailableError(SYSTEM, call, "unexpected body") from error
    except (APIError, requests.RequestException, *LIBRARY_ERRORS) as error:
        raise NotifyUnavailableError(SYSTEM, call, type(error).__name__) from error


def _notification(row: dict[str, object]) -> Notification:
    body = row.get("body")
    text = body if isinstance(body, str) else ""
    address = str(row.get("email_address") or "").lower()
    sent_at = _moment(row.get("created_at"))
    return Notification(str(row["id"]), str(row["reference"]), str(row["status"]), text, sent_at, address)


def _moment(value: object) -> datetime | None:
    """Notify writes times in two forms, one of them without a zone; both are in UTC."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
