"""Statuspage's client against a server that answers with what a test tells it: each way to fail is one line."""

import json
from collections.abc import Callable

import pytest

from fleet.errors import RemoteError, ThrottledError
from notifier.announce.statuspage import Patience, Statuspage, StatuspageSettings, Timing
from notifier.announce.statuspage_answers import OutcomeUnknownError, StatuspageRefusedError
from sandbox.server import Sandbox
from tests.notifier.status_page import Ticking
from tests.scripted_server import Answer, ScriptedServer, scripted_server

INCIDENT = json.dumps({"id": "inc1", "status": "scheduled"}).encode()
CREATED = Answer(INCIDENT, 201)
EMPTY = Answer(b"[]")


def asking(server: ScriptedServer, time: Ticking, said: list[str] | None = None, **patience: float) -> Statuspage:
    settings = StatuspageSettings("secret-key", "page1", f"{server.url}/v1")
    given = Patience(**patience) if patience else None  # type: ignore[arg-type] # as the fields' own types
    return Statuspage(
        settings, Timing(time.clock, time.pause), (said if said is not None else []).append, patience=given
    )


def test_the_key_goes_into_the_header_alone() -> None:
    with scripted_server(CREATED) as server:
        assert asking(server, Ticking()).create({"name": "x"}).id == "inc1"
    (heard,) = server.heard
    assert (heard.method, heard.path) == ("POST", "/v1/pages/page1/incidents")
    assert heard.headers["Authorization"] == "OAuth secret-key"
    assert heard.headers["Content-Type"] == "application/json"
    assert json.loads(heard.body) == {"incident": {"name": "x"}}
    assert "secret-key" not in repr(StatuspageSettings("secret-key", "page1"))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            Answer(b'{"error":"Could not authenticate"}', 401),
            "HTTP 401: Could not authenticate; check STATUSPAGE_API_KEY",
        ),
        (Answer(b'{"message":"Forbidden"}', 403), "HTTP 403: Forbidden; STATUSPAGE_API_KEY may not do this"),
        (
            Answer(b'{"message":"not found"}', 404),
            "HTTP 404: not found; check STATUSPAGE_PAGE_ID and STATUSPAGE_BASE_URL",
        ),
        (Answer(b'{"message":"bad"}', 400), "HTTP 400: bad"),
        (Answer(b'{"error":["Name can\'t be blank","Status x"]}', 422), "HTTP 422: Name can't be blank; Status x"),
        (Answer(b'{"error":{"name":["is too long"]}}', 422), "HTTP 422: name is too long"),
        (Answer(b'{"error":"one","message":"two"}', 422), "HTTP 422: two; one"),
        (Answer(b'["a","b"]', 422), "HTTP 422: a; b"),
        (Answer(b"<html>\x1b[2J", 422), "HTTP 422 Unprocessable"),
        (Answer(b"", 409), "HTTP 409 Conflict"),
        (Answer(b"", 302, {"Location": "https://elsewhere.example/?key=1"}), "redirects to https://elsewhere.example/"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_a_refusal_is_certain_and_one_line(answer: Answer, said: str, method: str) -> None:
    with scripted_server(answer) as server:
        page = asking(server, Ticking())
        calls: dict[str, Callable[[], object]] = {
            "GET": lambda: list(page.incidents("incidents/scheduled")),
            "POST": lambda: page.create({}),
            "PATCH": lambda: page.update("inc1", {}),
            "DELETE": lambda: page.delete("inc1"),
        }
        if method == "DELETE" and answer.status == 404:
            page.delete("inc1")
            return
        with pytest.raises(StatuspageRefusedError) as raised:
            calls[method]()
    assert said in str(raised.value)
    assert str(raised.value).isprintable()
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    ("answer", "said", "is_answered"),
    [
        (Answer(b'{"status":500,"error":"Internal Server Error"}', 500), "HTTP 500: Internal Server Error", True),
        (Answer(b"<html>", 502), "HTTP 502 Bad Gateway", True),
        (Answer(b"", 504), "HTTP 504", False),
        (Answer(is_dropped=True), "closed", False),
        (Answer(b"<html>hello</html>", 200), "unexpected body", True),
        (Answer(b'{"status":"scheduled"}', 201), "it has no id", True),
        (Answer(b"{", 201, promised_length=100), "IncompleteRead", False),
    ],
)
def test_an_unknown_outcome_is_never_asked_for_again_by_the_client(
    answer: Answer, said: str, *, is_answered: bool
) -> None:
    with scripted_server(answer) as server:
        with pytest.raises(OutcomeUnknownError, match=said) as raised:
            asking(server, Ticking()).create({})
        assert len(server.heard) == 1
    assert raised.value.is_answered is is_answered


def test_who_does_not_answer_in_time_is_given_up(sandbox: Sandbox) -> None:
    """The limit is for the whole answer. What was asked for may have been done."""
    sandbox.faults.add("statuspage:hang")
    environment = sandbox.environment
    settings = StatuspageSettings(
        environment["STATUSPAGE_API_KEY"], environment["STATUSPAGE_PAGE_ID"], environment["STATUSPAGE_BASE_URL"]
    )
    time = Ticking()
    page = Statuspage(settings, Timing(time.clock, time.pause), print, patience=Patience(call_seconds=0.3))
    with pytest.raises(OutcomeUnknownError, match=r"no (whole )?answer within") as raised:
        page.create({})
    assert not raised.value.is_answered


def test_repetitions_have_the_time_of_one_call() -> None:
    """What fails slowly is not asked as often as what fails at once."""
    time = Ticking()

    def slowly(_: float) -> None:
        time.now += 50

    with scripted_server(Answer(b"", 503)) as server:
        page = Statuspage(StatuspageSettings("key", "page", server.url), Timing(time.clock, slowly), lambda _: None)
        with pytest.raises(RemoteError, match="HTTP 503"):
            page.components()
        assert len(server.heard) == 2


@pytest.mark.parametrize("answer", [Answer(b"<html>"), Answer(b""), Answer(b"[]"), Answer(b"{}")])
def test_a_deletion_counts_when_the_page_answers_with_the_incident(answer: Answer) -> None:
    """A proxy's page is no answer of the status page's, whatever its status says."""
    with scripted_server(answer, Answer(INCIDENT)) as server:
        page = asking(server, Ticking(), [])
        with pytest.raises(OutcomeUnknownError):
            page.delete("inc1")
        page.delete("inc1")


def test_reading_is_repeated_and_said() -> None:
    said: list[str] = []
    with scripted_server(Answer(b"", 503), Answer(is_dropped=True), Answer(INCIDENT)) as server:
        incident = asking(server, Ticking(), said).incident("inc1")
        assert incident is not None
        assert len(server.heard) == 3
    assert len(said) == 2
    assert said[0].endswith("HTTP 503 Service Unavailable; asking again")
    with scripted_server(Answer(b"", 503)) as server, pytest.raises(RemoteError, match="HTTP 503"):
        asking(server, Ticking()).components()
    assert len(server.heard) == 3


@pytest.mark.parametrize("status", [420, 429])
def test_throttling_is_waited_for_longer_each_time(status: int) -> None:
    slower = Answer(b'{"error":"rate limit"}', status)
    said: list[str] = []
    time = Ticking()
    with scripted_server(*[slower] * 8, CREATED) as server:
        asking(server, time, said).create({})
        assert len(server.heard) == 9
    assert [pause for pause in time.pauses if pause >= 1.0][:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert said[0] == f"statuspage: POST pages/page1/incidents: HTTP {status}: rate limit; waiting 1 s"


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("0", 1), ("90", 90), ("soon", 1), ("-1", 1)])
def test_it_waits_as_long_as_it_is_asked_to(header: str, seconds: float) -> None:
    time = Ticking()
    with scripted_server(Answer(b"", 429, {"Retry-After": header}), CREATED) as server:
        asking(server, time).create({})
    assert time.pauses == [seconds]


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "0"}, {"Retry-After": "200"}])
def test_throttling_without_end_ends_all_the_same(headers: dict[str, str]) -> None:
    time = Ticking()
    with scripted_server(Answer(b"", 420, headers)) as server, pytest.raises(ThrottledError, match="s of waiting"):
        asking(server, time).create({})
    assert sum(time.pauses) <= 320


def test_requests_begin_a_second_after_the_answer_before() -> None:
    time = Ticking()
    with scripted_server(Answer(INCIDENT)) as server:
        page = asking(server, time)
        page.incident("inc1")
        page.incident("inc1")
        time.now += 5
        page.incident("inc1")
    assert time.pauses == [1.0]


def rows(*ids: object) -> Answer:
    return Answer(json.dumps([{"id": each} for each in ids]).encode())


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([EMPTY], []),
        ([rows("a", "b"), EMPTY], ["a", "b"]),
        ([rows("a"), rows("b"), rows("c"), EMPTY], ["a", "b", "c"]),
        ([rows("a", "b")], ["a", "b"]),
        ([rows("a", "b"), rows("b", "c"), rows("c")], ["a", "b", "c"]),
    ],
)
def test_every_page_is_read_however_long_pages_are(answers: list[Answer], found: list[str]) -> None:
    """Also where the page number is ignored, or rows shift from page to page."""
    with scripted_server(*answers) as server:
        assert [incident.id for incident in asking(server, Ticking()).incidents("incidents")] == found
        assert server.heard[0].path == "/v1/pages/page1/incidents?page=1&limit=100"


@pytest.mark.parametrize("body", [b"<html>", b"", b"{}", b'[{"name":"x"}]', b"[1]", b"[" * 5000, b'{"incidents":[]}'])
def test_a_list_that_cannot_be_read_is_one_line(body: bytes) -> None:
    with scripted_server(Answer(body)) as server, pytest.raises(RemoteError, match="unexpected body") as raised:
        list(asking(server, Ticking()).incidents("incidents/scheduled"))
    assert "\n" not in str(raised.value)


def test_an_id_is_never_taken_for_a_path() -> None:
    with scripted_server(Answer(b"{}", 404)) as server:
        assert asking(server, Ticking()).incident("../../x?y") is None
    assert server.heard[0].path == "/v1/pages/page1/incidents/..%2F..%2Fx%3Fy"
