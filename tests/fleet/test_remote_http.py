"""How a remote system is asked: retries, `Retry-After`, and errors that say what was wrong."""

import msgspec
import pytest

from fleet.errors import RemoteError
from fleet.remote_http import NoAuth, RemoteHttp, Request, StatusError
from fleet.tally import Tally
from tests.scripted_server import Answer, ScriptedServer, scripted_server


class Thing(msgspec.Struct):
    name: str


class Asker:
    """Asks a scripted server and remembers how long it would have waited."""

    def __init__(self, server: ScriptedServer) -> None:
        self.pauses: list[float] = []
        self.tally = Tally()
        self.url = f"{server.url}/thing"
        self._http = RemoteHttp("cloudfoundry", self.tally, sleep=self.pauses.append)

    def ask(self) -> Thing:
        return self._http.ask(Request("GET", self.url, "GET /thing", NoAuth()), Thing)

    @property
    def counted(self) -> tuple[int, int]:
        return self.tally.requests["cloudfoundry"], self.tally.failures["cloudfoundry"]


GOOD = Answer(b'{"name": "x", "unheard of": 1}')


@pytest.mark.parametrize(
    "bad",
    [
        Answer(status=500),
        Answer(status=502, body=b"<html>Bad gateway</html>"),
        Answer(status=503),
        Answer(status=504),
        Answer(status=429),
        Answer(is_dropped=True),
        Answer(b'{"name"', promised_length=100),
    ],
    ids=lambda answer: f"{answer.status}{' dropped' * answer.is_dropped}{' half' * bool(answer.promised_length)}",
)
def test_what_may_pass_is_tried_again(bad: Answer) -> None:
    """One bad answer costs a pause and no survey; both attempts are counted, the bad one as a failure."""
    with scripted_server(bad, GOOD) as server:
        asker = Asker(server)
        assert asker.ask() == Thing("x")
    assert asker.counted == (2, 1)
    assert len(asker.pauses) == 1


def test_attempts_are_bounded_and_pauses_grow() -> None:
    """A system that stays down is given up, and the error names the system, the call and the status."""
    with scripted_server(Answer(status=503)) as server:
        asker = Asker(server)
        with pytest.raises(RemoteError, match=r"^cloudfoundry: GET /thing: HTTP 503"):
            asker.ask()
    assert asker.counted == (4, 4)
    for pause, least_seconds in zip(asker.pauses, (0.25, 0.5, 1.0), strict=True):
        assert least_seconds <= pause <= least_seconds + 0.5  # of jitter


@pytest.mark.parametrize(("header", "least_seconds"), [("7", 7), ("0", 0), ("soon", 0)])
def test_retry_after_is_honoured(header: str, least_seconds: float) -> None:
    """The pause is never shorter than what the system asked for."""
    with scripted_server(Answer(status=429, headers={"Retry-After": header}), GOOD) as server:
        asker = Asker(server)
        asker.ask()
    assert least_seconds <= asker.pauses[0] < least_seconds + 2


def test_a_system_that_wants_a_long_pause_is_left_alone() -> None:
    """It is neither waited for, which would hold up the survey, nor asked again before its time."""
    with scripted_server(Answer(status=429, headers={"Retry-After": "3600"})) as server:
        asker = Asker(server)
        with pytest.raises(StatusError, match="asks to be left alone for 300 s"):
            asker.ask()
        with pytest.raises(RemoteError, match=r"not asked: it wants to be left alone for (300|299)"):
            asker.ask()
    assert len(server.heard) == 1
    assert asker.pauses == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(b"<html>hello</html>", headers={"Content-Type": "text/html"}), r"unexpected body \(text/html\)"),
        (Answer(b'{"name": 5}'), r"Expected `str`, got `int` - at `\$.name`"),
        (Answer(b"{}"), "missing required field `name`"),
        (Answer(b""), "unexpected body"),
        (Answer(b"\xff\xfe"), "unexpected body"),
        (Answer(status=404, body=b"404 Not Found: Requested route does not exist."), "HTTP 404"),
        (
            Answer(status=400, body=b'{"errors": [{"code": 10005, "title": "CF-BadQueryParameter", "detail": "no"}]}'),
            "HTTP 400: CF-BadQueryParameter: no",
        ),
        (
            Answer(status=401, body=b'{"error": "unauthorized", "error_description": "Bad credentials"}'),
            "Bad credentials",
        ),
        (
            Answer(status=302, headers={"Location": "http://other.example/"}),
            "redirects to http://other.example/, which",
        ),
    ],
)
def test_an_answer_that_is_not_what_was_promised_is_an_error_in_words(answer: Answer, message: str) -> None:
    """It is asked once: another attempt would be answered alike."""
    with scripted_server(answer) as server:
        asker = Asker(server)
        with pytest.raises(RemoteError, match=message):
            asker.ask()
    assert asker.counted == (1, 1)


def test_a_refused_connection_is_told_in_a_few_words() -> None:
    """Not in the names of the library's objects."""
    with scripted_server(GOOD) as server:
        asker = Asker(server)
    with pytest.raises(RemoteError, match=r"GET /thing: \[Errno 111\] Connection refused$"):
        asker.ask()
