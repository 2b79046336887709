"""Services that speak Notify's protocol and are not GOV.UK PaaS's: their ids, and their own words for their limits."""

import json

import pytest

from notifier.mail.notify import Notify
from notifier.mail.notify_answers import DailyLimitError, NotifyUnavailableError
from notifier.mail.notify_settings import DEFAULT_REPLY_TO_ID, DEFAULT_TEMPLATE_ID, NotifySettings
from notifier.mail.pace import REQUESTS_SIDE_BY_SIDE
from sandbox.server import Sandbox
from tests.faults.faulty_server import faulty_server
from tests.faults.remote_systems import NOTIFY_KEY, UUID
from tests.notifier.doctor_here import doctor
from tests.notifier_here import Here
from tests.notifier_program import WINDOW

OTHER_LIMITS = ("LiveServiceTooManyEmailRequestsError", "LiveServiceExceedsEmailAnnualLimitError")
PREVIEW = ("preview", "--preview-email", "you@example.org", *WINDOW)


def too_many(kind: str) -> bytes:
    return json.dumps({"status_code": 429, "errors": [{"error": kind, "message": "Exceeded something"}]}).encode()


def test_without_a_reply_to_the_field_is_left_out(shared_sandbox: Sandbox, here: Here) -> None:
    here.set({**shared_sandbox.environment, "NOTIFY_REPLY_TO_ID": "None"})
    assert doctor(here).check("notify", "reply-to")["detail"] == "none: the service says where replies go"
    with faulty_server(lambda c: c.answer(json.dumps({"id": UUID}).encode(), "201 Created")) as server:
        here.set({"NOTIFY_BASE_URL": server.url})
        assert here.run(*PREVIEW).status == 0
        (heard,) = server.heard
    assert set(json.loads(heard.body)) == {"email_address", "template_id", "personalisation", "reference"}


@pytest.mark.parametrize("arguments", [("email", "--dry-run", *WINDOW), PREVIEW], ids=["the plan", "a trial"])
def test_defaults_that_only_one_service_has_are_named(sandbox: Sandbox, here: Here, arguments: tuple[str, ...]) -> None:
    here.set(sandbox.environment)
    said = here.run(*arguments).err
    assert f"Note: NOTIFY_TEMPLATE_ID is {DEFAULT_TEMPLATE_ID}, the default, which only" in said
    assert f"Note: NOTIFY_REPLY_TO_ID is {DEFAULT_REPLY_TO_ID}, the default, which only" in said
    assert doctor(here).check("notify", "reply-to")["detail"].startswith("the default, which only the service of")
    own = {"NOTIFY_TEMPLATE_ID": "1" + DEFAULT_TEMPLATE_ID[1:], "NOTIFY_REPLY_TO_ID": "none"}
    here.set(own)
    assert "the default" not in here.run(*arguments).err


def test_the_cancellations_name_them_too(sandbox: Sandbox, here: Here) -> None:
    here.set(sandbox.environment)
    here.email()
    assert f"NOTIFY_REPLY_TO_ID is {DEFAULT_REPLY_TO_ID}" in here.run("cancel", "--dry-run", *WINDOW).err


@pytest.mark.parametrize("kind", OTHER_LIMITS)
@pytest.mark.parametrize("ask", ["find", "page", "template"])
def test_a_look_up_beyond_such_a_limit_is_not_tried_again(kind: str, ask: str) -> None:
    calls = {"find": ("reference",), "page": (None,), "template": ()}
    with faulty_server(lambda c: c.answer(too_many(kind), "429 Too Many Requests")) as server:
        notify = Notify(NotifySettings(NOTIFY_KEY, server.url))
        with pytest.raises(DailyLimitError, match="Exceeded something; the limit ends at midnight UTC: go on after"):
            getattr(notify, ask)(*calls[ask])


def test_a_look_up_that_came_too_fast_is_tried_again() -> None:
    with (
        faulty_server(lambda c: c.answer(too_many("RateLimitError"), "429 Too Many Requests")) as server,
        pytest.raises(NotifyUnavailableError),
    ):
        Notify(NotifySettings(NOTIFY_KEY, server.url)).find("reference")


ASKING = (
    ("cancel", "--yes", *WINDOW),
    ("cancel", "--yes", "--adopt-sent", *WINDOW),
    ("status", *WINDOW),
    PREVIEW,
)
SENDING = (("email", "--yes", *WINDOW), ("email", "--yes", "--adopt-sent", *WINDOW))


def test_whoever_asks_ends_at_once_and_says_so(sandbox: Sandbox, here: Here) -> None:
    """Beyond such a limit nobody waits: the first answer is the last, but for those that were asked at that moment."""
    here.set(sandbox.environment)
    for commands in (SENDING, ASKING):
        for arguments in commands:
            with faulty_server(lambda c: c.answer(too_many(OTHER_LIMITS[0]), "429 Too Many Requests")) as server:
                here.set({"NOTIFY_BASE_URL": server.url})
                ended = here.run(*arguments)
                assert ended.status == 3, arguments
                assert "Exceeded something; the limit ends at midnight UTC" in ended.err, arguments
                assert 1 <= len(server.heard) <= REQUESTS_SIDE_BY_SIDE, arguments
        here.set(sandbox.environment)
        here.email()


def test_doctor_says_what_to_do_about_it(shared_sandbox: Sandbox, here: Here) -> None:
    with faulty_server(lambda c: c.answer(too_many(OTHER_LIMITS[1]), "429 Too Many Requests")) as server:
        here.set({**shared_sandbox.environment, "NOTIFY_BASE_URL": server.url})
        check = doctor(here).check("notify", "key")
    assert check["state"] == "failed"
    assert check["remedy"] == "wait until that limit ends, or ask Notify for a higher one"
