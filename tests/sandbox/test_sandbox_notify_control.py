"""What goes wrong at Notify on demand, and what people and tests see of the mails."""

from collections.abc import Callable

import pytest
import requests

from sandbox import Sandbox
from sandbox.notify.api import Settings
from tests.sandbox.notify_client import VALUES, Client, refusal

Start = Callable[..., Sandbox]
EMAIL = "notify/v2/notifications/email"


@pytest.fixture
def mine(start: Start) -> Sandbox:
    return start(instances=1, notify=Settings(delivery_seconds=0))


@pytest.fixture
def client(mine: Sandbox) -> Client:
    return Client(mine)


def control(sandbox: Sandbox, method: str, path: str, body: object = None) -> requests.Response:
    return requests.request(method, sandbox.environment["SANDBOX_CONTROL_URL"] + path, json=body, timeout=5)


def test_a_mail_can_be_accepted_and_the_answer_lost(mine: Sandbox, client: Client) -> None:
    """The connection is closed; only a look-up by reference tells that the mail will arrive."""
    mine.faults.add(f"{EMAIL}:accepted-then-dropped,next=1")
    with pytest.raises(requests.exceptions.ConnectionError):
        client.send(reference="r")
    assert [found["reference"] for found in client.listed(reference="r")] == ["r"]
    entry = next(entry for entry in mine.journal.entries("notify") if entry.fault)
    assert (entry.fault, entry.status) == ("accepted-then-dropped", None)
    assert client.send(reference="s").status_code == 201


@pytest.mark.parametrize(("fault", "status"), [("", 500), (":504", 504)])
def test_a_mail_can_be_accepted_and_an_error_answered(mine: Sandbox, client: Client, fault: str, status: int) -> None:
    """500, or whichever is asked for."""
    with mine.faults.during(f"notify:accepted-then-status{fault}"):
        assert client.send(reference="r").status_code == status
        assert len(client.listed(reference="r")) == 1


@pytest.mark.parametrize("kind", ["accepted-then-dropped", "accepted-then-status"])
def test_a_refusal_arrives_whatever_would_have_come_after_acceptance(mine: Sandbox, client: Client, kind: str) -> None:
    """Nothing was accepted, so nothing is lost."""
    with mine.faults.during(f"notify:{kind}"):
        assert client.send("nobody").status_code == 400


def test_notify_fails_in_its_own_words(mine: Sandbox, client: Client) -> None:
    """JSON from the API, HTML from what is in front of it; nothing is stored."""
    with mine.faults.during("notify:throttle"):
        assert refusal(client.send())[:2] == (429, "RateLimitError")
    with mine.faults.during("notify:expired"):
        assert refusal(client.send()) == (403, "AuthError", "Invalid token: API key revoked")
    with mine.faults.during("notify:status:500"):
        assert refusal(client.send()) == (500, "Exception", "Internal server error")
    with mine.faults.during("notify:status:504"):
        assert refusal(client.send()) == (504, "EventletTimeout", "Timeout serving request")
    with mine.faults.during("notify:status:502"):
        assert client.send().headers["Content-Type"] == "text/html"
    assert len(mine.notify.mails) == 0


def test_the_mails_can_be_listed_and_forgotten(mine: Sandbox, client: Client) -> None:
    """Oldest first, with all that is known of each; filtered by address and by reference."""
    client.send("first@example.org", reference="a")
    client.send("second@example.org", reference="b")
    mails = control(mine, "GET", "/mails").json()["mails"]
    assert [mail["email_address"] for mail in mails] == ["first@example.org", "second@example.org"]
    assert mails[0]["personalisation"] == VALUES
    assert (mails[0]["status"], mails[0]["key_type"], mails[0]["reference"]) == ("delivered", "live", "a")
    assert (mails[0]["html"], mails[0]["text"]) == ("<p>Dear tenant</p>", "Dear tenant\n")
    assert control(mine, "GET", "/mails?to=Second@example.org").json()["mails"] == mails[1:]
    assert control(mine, "GET", "/mails?reference=a").json()["mails"] == mails[:1]
    control(mine, "DELETE", "/mails")
    assert control(mine, "GET", "/mails").json() == {"mails": []}


def test_a_mail_can_be_given_any_status(mine: Sandbox, client: Client) -> None:
    """At once; an unknown status or mail is refused."""
    mail_id = client.send().json()["id"]
    assert control(mine, "PUT", f"/mails/{mail_id}", {"status": "technical-failure"}).status_code == 200
    assert [found["status"] for found in client.listed()] == ["technical-failure"]
    assert control(mine, "PUT", f"/mails/{mail_id}", {"status": "lost"}).status_code == 404
    assert control(mine, "PUT", "/mails/none", {"status": "delivered"}).status_code == 404


def test_settings_change_while_it_runs(mine: Sandbox, client: Client) -> None:
    """Those that are named; wrong ones are refused and change nothing."""
    changes = {"daily_limit": 1, "outcomes": {"a@example.org": "permanent-failure"}}
    assert control(mine, "PATCH", "/notify", changes).json()["rate_limit"] == 3000
    assert [client.send("a@example.org").status_code for _ in range(2)] == [201, 429]
    assert [mail.status for mail in mine.notify.mails] == ["permanent-failure"]
    assert control(mine, "GET", "/notify").json()["sent_today"] == {"live": 1, "team": 1, "test": 0}
    control(mine, "DELETE", "/notify/usage")
    assert client.send().status_code == 201
    assert control(mine, "PATCH", "/notify", {"daily_limit": -1}).status_code == 400
    assert control(mine, "PATCH", "/notify", {"outcomes": {"a@example.org": "lost"}}).status_code == 404
    assert mine.notify.settings.outcomes == changes["outcomes"]


def test_the_inbox_shows_what_was_sent(mine: Sandbox, client: Client) -> None:
    """A page for all and one for each, without a script and with everything escaped."""
    assert "0 mails" in requests.get(mine.inbox_url, timeout=5).text
    values = {"contents": "# Hi <script>\n\n[pay](https://evil.example)", "maintenance_window_date": "<b>"}
    mail_id = client.send("first@example.org", personalisation=values).json()["id"]
    client.send("second@example.org")
    listed = requests.get(mine.inbox_url, timeout=5)
    assert f'<a href="/inbox/{mail_id}">Redis maintenance on &lt;b&gt;</a>' in listed.text
    assert "script" not in listed.text
    assert listed.headers["Content-Security-Policy"].startswith("default-src 'none'")
    only = requests.get(mine.inbox_url, {"to": "SECOND"}, timeout=5).text
    assert ("second@example.org" in only, "first@example.org" in only) == (True, False)
    page = requests.get(f"{mine.inbox_url}/{mail_id}", timeout=5).text
    assert "<h1>Redis maintenance on &lt;b&gt;</h1>" in page
    assert '<h2>Hi &lt;script&gt;</h2><p><a href="https://evil.example">pay</a></p>' in page
    assert requests.get(f"{mine.inbox_url}/none", timeout=5).status_code == 404
