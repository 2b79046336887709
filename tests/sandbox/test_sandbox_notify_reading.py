"""Reading back from Notify: lists, pages, statuses, templates and previews."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from sandbox import Sandbox
from sandbox.notify.api import Settings
from tests.sandbox.notify_client import TEMPLATE_ID, VALUES, Client, refusal

Start = Callable[..., Sandbox]
NO_SUCH_ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def mine(start: Start, time: SimpleNamespace) -> Sandbox:
    return start(lambda: time.now, instances=1, notify=Settings(delivery_seconds=10))


@pytest.fixture
def client(mine: Sandbox, time: SimpleNamespace) -> Client:
    return Client(mine, clock=lambda: time.now)


def test_a_mail_is_found_by_its_reference(client: Client) -> None:
    """Every mail that has it, newest first."""
    ids = [client.send(reference=reference).json()["id"] for reference in ("a", "b", "a")]
    assert [found["id"] for found in client.listed(reference="a")] == [ids[2], ids[0]]
    assert client.listed(reference="c") == []


def test_a_mail_goes_from_created_over_sending_to_delivered(client: Client, time: SimpleNamespace) -> None:
    """By the sandbox's clock; the times of what has not happened are null."""
    uri = client.send(reference="r").json()["uri"]
    seen = []
    for seconds in (0, 5, 5):
        time.now += seconds
        found = client.call("GET", uri).json()
        seen.append((found["status"], found["sent_at"] is not None, found["completed_at"] is not None))
    assert seen == [("created", False, False), ("sending", True, False), ("delivered", True, True)]
    assert (found["email_address"], found["subject"]) == (
        "manager@example.org",
        "Redis maintenance on Tuesday 16 June 2026",
    )
    assert found["created_at"] == "2026-06-16T08:53:20.000000Z"


@pytest.mark.parametrize(
    ("key_type", "address", "status"),
    [
        ("live", "perm-fail@example.org", "permanent-failure"),
        ("live", "her.temp-fail@example.org", "temporary-failure"),
        ("live", "tech-fail@example.org", "technical-failure"),
        ("live", "chosen@example.org", "temporary-failure"),
        ("test", "perm-fail@simulator.notify", "permanent-failure"),
        ("test", "temp-fail@simulator.notify", "temporary-failure"),
        ("test", "perm-fail@example.org", "delivered"),
    ],
)
def test_some_addresses_fail(mine: Sandbox, time: SimpleNamespace, key_type: str, address: str, status: str) -> None:
    """By what they contain or what was chosen for them; with a test key only Notify's own two."""
    mine.notify.change(outcomes={"chosen@example.org": "temporary-failure"})
    client = Client(mine, key_type, clock=lambda: time.now)
    client.send(address)
    time.now += 10
    [found] = client.listed()
    assert found["status"] == status
    assert len(client.listed(status=["failed"])) == (status != "delivered")
    assert len(client.listed(status=[status, "created"])) == 1
    assert client.listed(status="sending") == []


def test_pages_hold_250_and_the_last_is_empty(client: Client) -> None:
    """Each page that is not empty links to a next one, which keeps the filters."""
    for _ in range(251):
        client.send(reference="r")
    sizes, page = [], client.call("GET", "/v2/notifications", reference="r", template_type="email").json()
    while "next" in page["links"]:
        sizes.append(len(page["notifications"]))
        assert "reference=r" in page["links"]["next"]
        page = client.call("GET", page["links"]["next"]).json()
    assert (sizes, page["notifications"]) == ([250, 1], [])
    assert client.listed(older_than=NO_SUCH_ID) == []
    assert client.listed(template_type="sms") == []


def test_a_key_sees_only_what_its_own_type_has_sent(mine: Sandbox, client: Client, time: SimpleNamespace) -> None:
    """In the list and by id."""
    uri = client.send().json()["uri"]
    other = Client(mine, "test", clock=lambda: time.now)
    assert other.listed() == []
    assert other.call("GET", uri).status_code == 404
    assert len(client.listed()) == 1


def test_the_list_can_lag_behind(mine: Sandbox, client: Client, time: SimpleNamespace) -> None:
    """A mail that was accepted is not listed at once, as in a moment of load."""
    mine.notify.change(lag_seconds=5)
    uri = client.send(reference="r").json()["uri"]
    assert client.listed(reference="r") == []
    assert client.call("GET", uri).status_code == 200
    time.now += 5
    assert len(client.listed(reference="r")) == 1


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("/v2/notifications/seven", (400, "ValidationError", "id is not a valid UUID")),
        (f"/v2/notifications/{NO_SUCH_ID}", (404, "NoResultFound", "No result found")),
        ("/v2/notifications?older_than=x", (400, "ValidationError", "older_than is not a valid UUID")),
        (
            "/v2/notifications?template_type=fax",
            (400, "ValidationError", "template_type fax is not one of [email, letter, sms]"),
        ),
        (
            "/v2/notifications?page=2",
            (400, "ValidationError", "Additional properties are not allowed (page was unexpected)"),
        ),
        (f"/v2/template/{NO_SUCH_ID}", (404, "NoResultFound", "No result found")),
        (f"/v2/template/{TEMPLATE_ID}/version/2", (404, "NoResultFound", "No result found")),
        ("/v3", (404, "NotFound", "The requested URL was not found on the server.")),
    ],
)
def test_what_is_not_there_is_refused(client: Client, path: str, refused: object) -> None:
    """In Notify's words."""
    assert refusal(client.call("GET", path)) == refused


def test_a_preview_shows_the_mail_and_sends_nothing(mine: Sandbox, client: Client) -> None:
    """The body as Markdown and as a page of HTML."""
    path = f"/v2/template/{TEMPLATE_ID}/preview"
    values = {**VALUES, "contents": "# Hello <b>\n\nyou"}
    preview = client.call("POST", path, {"personalisation": values}).json()
    assert (preview["subject"], preview["body"]) == ("Redis maintenance on Tuesday 16 June 2026", "# Hello <b>\n\nyou")
    assert "<h2>Hello &lt;b&gt;</h2><p>you</p>" in preview["html"]
    lacking = client.call("POST", path, {"personalisation": {"contents": "x"}})
    assert refusal(lacking) == (400, "BadRequestError", "Missing personalisation: maintenance_window_date")
    assert len(mine.notify.mails) == 0


def test_templates_say_what_they_need(client: Client) -> None:
    """One by id, by version, and all."""
    one = client.call("GET", f"/v2/template/{TEMPLATE_ID}").json()
    assert (one["body"], one["subject"]) == ("((contents))", "Redis maintenance on ((maintenance_window_date))")
    assert one["personalisation"].keys() == VALUES.keys()
    assert client.call("GET", f"/v2/template/{TEMPLATE_ID}/version/1").json() == one
    assert client.call("GET", "/v2/templates", type="email").json() == {"templates": [one]}
