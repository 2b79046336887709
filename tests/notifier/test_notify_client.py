"""What GOV.UK Notify's client believes: 201 for a mail sent, nothing that leads elsewhere, and within limits."""

import json

import pytest

from fleet.errors import ConfigurationError
from notifier.mail.message import Message
from notifier.mail.notify import Notify
from notifier.mail.notify_answers import (
    Accepted,
    DailyLimitError,
    NotifyRefusedError,
    NotifyUnavailableError,
    RateLimited,
    Unclear,
)
from notifier.mail.notify_settings import NotifySettings
from tests.faults.faulty_server import Conversation, faulty_server
from tests.faults.remote_systems import NOTIFY_KEY, UUID

RECEIPT = json.dumps({"id": UUID}).encode()
MAIL = ("a@example.org", Message("contents", "date"), "reference")


def notify(url: str) -> Notify:
    return Notify(NotifySettings(NOTIFY_KEY, url))


def receipt(conversation: Conversation) -> None:
    conversation.answer(RECEIPT, "201 Created")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("elsewhere_says", ["200 OK", "201 Created"])
def test_a_redirect_is_neither_followed_nor_a_mail_sent(status: str, elsewhere_says: str) -> None:
    """The mail went to whoever was named, and the ledger said that Notify had it."""
    with faulty_server(lambda c: c.answer(RECEIPT, elsewhere_says)) as elsewhere:
        location = f"{elsewhere.url}/v2/notifications/email"
        with faulty_server(lambda c: c.answer(RECEIPT, status, Location=location)) as server:
            with pytest.raises(NotifyRefusedError, match=r"it redirects, which is not followed; check NOTIFY_BASE_URL"):
                notify(server.url).send(*MAIL)
            with pytest.raises(NotifyRefusedError, match="it redirects, which is not followed"):
                notify(server.url).find("reference")
            assert len(server.heard) == 2
        assert not elsewhere.heard


@pytest.mark.parametrize("status", ["200 OK", "202 Accepted", "203 Elsewhere", "206 Partial"])
def test_only_201_is_a_mail_sent(status: str) -> None:
    """Something in between said so, and not Notify: whether there is a mail has to be looked up."""
    with faulty_server(lambda c: c.answer(RECEIPT, status)) as server:
        answer = notify(server.url).send(*MAIL)
    assert answer == Unclear(f"HTTP {status[:3]} instead of 201")


def test_a_receipt_is_a_mail_sent() -> None:
    """With the token that the key signs, and no cookie of an earlier answer."""
    with faulty_server(lambda c: c.answer(RECEIPT, "201 Created", Set_Cookie="a=b"), receipt) as server:
        client = notify(server.url)
        assert client.send(*MAIL) == client.send(*MAIL) == Accepted(UUID)
    assert all(heard.headers["authorization"].startswith("Bearer ey") for heard in server.heard)
    assert not any("cookie" in heard.headers for heard in server.heard)


def too_many(kind: str) -> bytes:
    errors = [{"error": kind, "message": "Exceeded something"}] if kind else []
    return json.dumps({"status_code": 429, "errors": errors}).encode()


def test_only_the_kind_of_429_that_means_slower_is_waited_for() -> None:
    with faulty_server(lambda c: c.answer(too_many("RateLimitError"), "429 Too Many Requests")) as server:
        assert notify(server.url).send(*MAIL) == RateLimited()


@pytest.mark.parametrize(
    "body",
    [too_many("TooManyRequestsError"), too_many("LiveServiceTooManyEmailRequestsError"), too_many(""), b"<html>"],
    ids=["daily limit", "another service's daily limit", "no kind", "a proxy's page"],
)
def test_every_other_429_ends_the_run(body: bytes) -> None:
    """It was waited for without end, and without a word."""
    with (
        faulty_server(lambda c: c.answer(body, "429 Too Many Requests")) as server,
        pytest.raises(DailyLimitError, match="the limit ends at midnight UTC: go on after that"),
    ):
        notify(server.url).send(*MAIL)


def test_a_look_up_that_is_answered_oddly_can_be_tried_again() -> None:
    """It says nothing about the mail."""
    with (
        faulty_server(lambda c: c.answer(b'{"notifications": []}', "201 Created")) as server,
        pytest.raises(NotifyUnavailableError, match="HTTP 201"),
    ):
        notify(server.url).find("reference")


@pytest.mark.parametrize("setting", ["template_id", "reply_to_id"])
@pytest.mark.parametrize("value", [NOTIFY_KEY, "support@example.org", f"{{{UUID}}}", UUID.replace("1", "\u0661"), ""])
def test_an_id_that_is_none_is_not_shown(setting: str, value: str) -> None:
    """It may be the key, put into the wrong variable."""
    with pytest.raises(ConfigurationError, match=r"not a uuid, such as .*its value is not shown") as raised:
        NotifySettings(NOTIFY_KEY, **{setting: value})
    assert not value or value not in str(raised.value)
