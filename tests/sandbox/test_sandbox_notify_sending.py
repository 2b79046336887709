"""Sending mail over Notify: what it takes, what it refuses, and in what order."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from sandbox import Sandbox
from sandbox.credentials import CF_USERNAME, NOTIFY_KEYS, NOTIFY_SERVICE_ID
from sandbox.notify.api import Settings
from tests.sandbox.notify_client import REPLY_TO_ID, TEMPLATE_ID, VALUES, Client, refusal, token

Start = Callable[..., Sandbox]
NO_SUCH_ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    sandbox.notify.mails.clear()
    mine = Client(sandbox)
    yield mine
    mine.close()


def test_an_accepted_mail_is_answered_with_what_will_be_read(sandbox: Sandbox, client: Client) -> None:
    """201 with the id to read it back by, and the subject and body with all placeholders filled."""
    reply = client.send("Manager@Example.org ", reference="r1", email_reply_to_id=REPLY_TO_ID)
    receipt = reply.json()
    assert reply.status_code == 201
    assert receipt["content"] == {
        "subject": "Redis maintenance on Tuesday 16 June 2026",
        "body": "Dear tenant",
        "from_email": "platform.support@notifications.service.gov.uk",
        "one_click_unsubscribe_url": None,
    }
    assert receipt["template"]["id"] == TEMPLATE_ID
    assert receipt["uri"] == f"{sandbox.environment['NOTIFY_BASE_URL']}/v2/notifications/{receipt['id']}"
    [mail] = sandbox.notify.mails
    assert (mail.id, mail.email_address, mail.reference) == (receipt["id"], "manager@example.org", "r1")
    assert (mail.personalisation, mail.key_type) == (VALUES, "live")


def test_the_key_is_well_formed(sandbox: Sandbox) -> None:
    """A name, the service's id and the secret, as the published client cuts it up."""
    key = sandbox.environment["NOTIFY_API_KEY"]
    assert key == NOTIFY_KEYS["live"]
    assert key[-73:-37] == NOTIFY_SERVICE_ID
    assert len(set(NOTIFY_KEYS.values())) == 3


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, (401, "AuthError", "Unauthorized: authentication token must be provided")),
        ({"Authorization": "Basic x"}, (401, "AuthError", "Unauthorized: authentication bearer scheme must be used")),
        ({"Authorization": "Bearer a.b.c"}, (403, "AuthError", "Invalid token: API token is not valid")),
    ],
)
def test_a_request_without_a_token_is_refused(sandbox: Sandbox, headers: dict[str, str], refused: object) -> None:
    """Before anything else is looked at."""
    url = sandbox.environment["NOTIFY_BASE_URL"] + "/v2/notifications/email"
    assert refusal(requests.post(url, b"no json", headers=headers, timeout=5)) == refused


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"claims": {"iss": NO_SUCH_ID}}, "Invalid token: service not found"),
        ({"claims": {"iss": None}}, "Invalid token: iss field not provided"),
        ({"secret": NO_SUCH_ID}, "Invalid token: API key not found"),
        ({"algorithm": "HS512"}, "Invalid token: algorithm used is not HS256"),
        ({"claims": {"iat": None}}, "Error: Your system clock must be accurate to within 30 seconds"),
    ],
)
def test_a_wrong_token_is_forbidden(sandbox: Sandbox, wrong: dict[str, Any], message: str) -> None:
    """With the reason."""
    made = token(NOTIFY_KEYS["live"], **wrong)
    url = sandbox.environment["NOTIFY_BASE_URL"] + "/v2/notifications"
    reply = requests.get(url, headers={"Authorization": f"Bearer {made}"}, timeout=5)
    assert refusal(reply) == (403, "AuthError", message)


@pytest.mark.parametrize(("late", "status"), [(-31, 403), (-30, 200), (0, 200), (30, 200), (31, 403)])
def test_clocks_may_differ_by_half_a_minute(start: Start, time: SimpleNamespace, late: int, status: int) -> None:
    """Either way, and no more."""
    sandbox = start(lambda: time.now, instances=1)
    assert Client(sandbox, clock=lambda: time.now + late).call("GET", "/v2/notifications").status_code == status


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"email_address": None}, "email_address is a required property"),
        ({"template_id": None}, "template_id is a required property"),
        ({"email_address": "nobody"}, "email_address Not a valid email address"),
        ({"email_address": "a..b@example.org"}, "email_address Not a valid email address"),
        ({"email_address": "a@localhost"}, "email_address Not a valid email address"),
        ({"email_address": f"{'a' * 320}@example.org"}, "email_address Not a valid email address"),
        ({"email_address": 7}, "email_address 7 is not of type string"),
        ({"template_id": "seven"}, "template_id is not a valid UUID"),
        ({"personalisation": "x"}, "personalisation x is not of type object"),
        ({"reference": "r" * 1001}, f"reference {'r' * 1001} is too long"),
        ({"email_reply_to_id": "x"}, "email_reply_to_id is not a valid UUID"),
        ({"one_click_unsubscribe_url": "http://x.example"}, "one_click_unsubscribe_url is not a valid https url"),
        ({"sanitise_content_for": "contents"}, "sanitise_content_for contents is not of type array"),
        ({"cc": "x@example.org"}, "Additional properties are not allowed (cc was unexpected)"),
    ],
)
def test_a_field_that_is_wrong_is_named(client: Client, fields: dict[str, Any], message: str) -> None:
    """400 ValidationError, in Notify's words."""
    assert refusal(client.send(**{"email_address": "manager@example.org", **fields})) == (
        400,
        "ValidationError",
        message,
    )


def test_all_that_is_wrong_is_named_at_once(client: Client) -> None:
    """One error for each field."""
    errors = client.send("nobody", template_id="x", colour="red").json()["errors"]
    assert len(errors) == 3


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"template_id": NO_SUCH_ID}, "Template not found"),
        ({"personalisation": {"contents": "x"}}, "Missing personalisation: maintenance_window_date"),
        ({"personalisation": {"contents": None}}, "Missing personalisation: maintenance_window_date, contents"),
        ({"personalisation": None}, "Missing personalisation: maintenance_window_date, contents"),
        ({"personalisation": {**VALUES, "contents": []}}, "Your message is empty."),
        (
            {"personalisation": {**VALUES, "contents": "é" * 1_000_001}},
            "Your message is too long. Emails cannot be longer than 2000000 bytes. Your message is 2000002 bytes.",
        ),
        (
            {"email_reply_to_id": NO_SUCH_ID},
            f"email_reply_to_id {NO_SUCH_ID} does not exist in database for service id {NOTIFY_SERVICE_ID}",
        ),
    ],
)
def test_what_does_not_fit_the_service_is_refused(
    sandbox: Sandbox, client: Client, fields: dict[str, Any], message: str
) -> None:
    """400 BadRequestError, and nothing is stored."""
    assert refusal(client.send(**fields)) == (400, "BadRequestError", message)
    assert len(sandbox.notify.mails) == 0


def test_what_is_no_json_is_a_bad_request(sandbox: Sandbox) -> None:
    """Not a ValidationError."""
    reply = requests.post(
        sandbox.environment["NOTIFY_BASE_URL"] + "/v2/notifications/email",
        b"{",
        headers={"Authorization": f"Bearer {token(NOTIFY_KEYS['live'])}"},
        timeout=5,
    )
    assert refusal(reply) == (400, "BadRequestError", "Invalid JSON supplied in POST data")


def test_names_of_values_match_in_any_spelling_and_others_are_ignored(client: Client) -> None:
    """Case, spaces, hyphens and underscores do not count."""
    values = {"Contents": "hello", "Maintenance window-date": ["Tuesday", "Wednesday", "Friday"], "other": 1}
    content = client.send(personalisation=values).json()["content"]
    assert content["subject"] == "Redis maintenance on Tuesday, Wednesday and Friday"
    assert content["body"] == "hello"


def test_a_list_becomes_bullets(client: Client) -> None:
    """Without what is blank or null."""
    values = {**VALUES, "contents": ["one", " ", None, 2]}
    assert client.send(personalisation=values).json()["content"]["body"] == "* one\n* 2"


def test_a_team_key_sends_to_the_team_only(sandbox: Sandbox) -> None:
    """And to guests; who they are can be set."""
    team = Client(sandbox, "team")
    refused = (400, "BadRequestError", "Can’t send to this recipient using a team-only API key")  # noqa: RUF001 — Notify's
    assert refusal(team.send()) == refused
    assert team.send(CF_USERNAME).status_code == 201


def test_smoke_addresses_are_answered_but_not_kept(sandbox: Sandbox, client: Client) -> None:
    """The id cannot be read back."""
    reply = client.send("simulate-delivered-2@notifications.service.gov.uk")
    assert reply.status_code == 201
    assert len(sandbox.notify.mails) == 0
    assert refusal(client.call("GET", reply.json()["uri"])) == (404, "NoResultFound", "No result found")


def test_a_value_is_sanitised_where_that_is_asked_for(sandbox: Sandbox, client: Client) -> None:
    """No links and no formatting; the reply tells what has changed."""
    values = {**VALUES, "contents": "# Pay [here](https://evil.example) evil.example"}
    changed = client.send(personalisation=values, sanitise_content_for=["contents", "maintenance_window_date"]).json()
    assert changed["sanitised_content"] == {"contents": changed["content"]["body"]}
    [mail] = sandbox.notify.mails
    assert "<a" not in mail.html
    assert "<h2>" not in mail.html
    assert "evil. example" in mail.text


def test_only_text_can_be_sanitised(client: Client) -> None:
    """Notify breaks on a list."""
    reply = client.send(personalisation={**VALUES, "contents": ["a"]}, sanitise_content_for=["contents"])
    assert refusal(reply) == (500, "TypeError", "Internal server error")


def test_the_rate_is_limited_by_a_bucket_for_each_key_type(start: Start, time: SimpleNamespace) -> None:
    """A third of a minute's worth and one more at once, then as it is refilled; what is refused counts as well."""
    sandbox = start(lambda: time.now, instances=1, notify=Settings(rate_limit=60))
    client, test = Client(sandbox, clock=lambda: time.now), Client(sandbox, "test", clock=lambda: time.now)
    assert client.send("nobody").status_code == 400
    assert [client.send().status_code for _ in range(22)] == [201] * 20 + [429] * 2
    assert test.send().status_code == 201
    assert client.call("GET", "/v2/notifications").status_code == 200
    message = "Exceeded rate limit for key type LIVE of 60 requests per 60 seconds"
    assert refusal(client.send("nobody")) == (429, "RateLimitError", message)
    time.now += 2
    assert [client.send().status_code for _ in range(3)] == [201, 201, 429]


def test_the_daily_limit_ends_at_midnight(start: Start, time: SimpleNamespace) -> None:
    """Only accepted mails count, live and team keys together, test keys apart."""
    sandbox = start(lambda: time.now, instances=1, notify=Settings(daily_limit=2))
    live, team, test = (Client(sandbox, key_type, clock=lambda: time.now) for key_type in NOTIFY_KEYS)
    assert [live.send().status_code, live.send("nobody").status_code, team.send(CF_USERNAME).status_code] == [
        201,
        400,
        201,
    ]
    assert refusal(live.send("nobody")) == (429, "TooManyRequestsError", "Exceeded send limits (email: 2) for today")
    assert test.send().status_code == 201
    time.now += 86_400
    assert live.send().status_code == 201


def test_a_thousand_mails_from_several_threads_all_arrive(start: Start) -> None:
    """Each once; a client for each thread."""
    sandbox = start(instances=1)

    def send(first: int) -> list[int]:
        client = Client(sandbox)
        statuses = [client.send(f"m{n}@example.org", reference=f"r{n}").status_code for n in range(first, first + 250)]
        client.close()
        return statuses

    with ThreadPoolExecutor(4) as pool:
        assert {status for statuses in pool.map(send, range(0, 1000, 250)) for status in statuses} == {201}
    assert sorted(str(mail.reference) for mail in sandbox.notify.mails) == sorted(f"r{n}" for n in range(1000))
