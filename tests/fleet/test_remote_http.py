"""How a remote system is asked: retries, `Retry-After`, and errors that say what was wrong."""

from pathlib import Path

import msgspec
import pytest

from fleet.errors import RemoteError
from fleet.patience import Patience, with_patience
from fleet.remote_http import NoAuth, RemoteHttp, Request, StatusError
from fleet.tally import Tally
from fleet.time_limit import TimeLimit
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
        (Answer(status=401, body=b'{"errors": [{"code": 10002}]}'), r"HTTP 401( \w+)?$"),
        (Answer(status=401, body=b'{"error": "unauthorized"}'), "HTTP 401: unauthorized$"),
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


def test_a_pause_that_does_not_fit_into_the_calls_time_is_not_waited_for() -> None:
    """The call fails, and the system is left alone as it asked."""
    answer = Answer(status=503, headers={"Retry-After": "25"})
    with with_patience(Patience(call_seconds=20.0)), scripted_server(answer) as server:
        asker = Asker(server)
        with pytest.raises(RemoteError, match="HTTP 503"):
            asker.ask()
        with pytest.raises(RemoteError, match=r"left alone for 2[45] s more"):
            asker.ask()
    assert len(server.heard) == 1


@pytest.mark.parametrize("status", [202, 203, 204, 206])
def test_a_read_that_is_answered_with_another_success_has_failed(status: int) -> None:
    """206 is a part of the answer, and the others promise none."""
    with scripted_server(Answer(b"" if status == 204 else b'{"name": "x"}', status)) as server:
        asker = Asker(server)
        with pytest.raises(RemoteError, match=f"HTTP {status}"):
            asker.ask()


def test_nothing_is_asked_once_the_survey_has_had_its_time() -> None:
    """And a request before that gets no more time than is left."""
    moment = 0.0
    with with_patience(Patience(survey_seconds=10)), scripted_server(GOOD) as server:
        limit = TimeLimit(lambda: moment)
        http = RemoteHttp("cloudfoundry", Tally(), limit=limit)
        request = Request("GET", server.url, "GET /thing", NoAuth())
        http.ask(request, Thing)
        moment = 10.0
        with pytest.raises(RemoteError, match="GET /thing: not asked: the survey was not complete after 10 s"):
            http.ask(request, Thing)
        limit.begin()
        http.ask(request, Thing)
    assert len(server.heard) == 2


def test_cookies_are_neither_kept_nor_sent() -> None:
    """One system's answer must not change the next request, least of all by a value that fits into no header."""
    with scripted_server(Answer(b'{"name": "x"}', headers={"Set-Cookie": "a=\xe9; Path=/"}), GOOD) as server:
        asker = Asker(server)
        asker.ask()
        asker.ask()
    assert not [heard for heard in server.heard if "Cookie" in heard.headers]


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("REQUESTS_CA_BUNDLE", "/no/such.pem", "Could not find a suitable TLS CA certificate bundle"),
        ("HTTPS_PROXY", "http://me:hush@proxy:99999", "it cannot be asked .*the proxy's in HTTPS_PROXY"),
        ("HTTPS_PROXY", "foo://me:hush@127.0.0.1:1", "it cannot be asked"),
        ("HTTPS_PROXY", "http://me:hush@[::1", "it cannot be asked"),
        ("HTTPS_PROXY", "socks5://me:hush@127.0.0.1:1", "it cannot be asked|SOCKS"),
    ],
)
def test_what_the_libraries_cannot_use_is_an_error_in_words(
    variable: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They raise errors of five families for it; a proxy's password is not among the words."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(variable, value)
    http = RemoteHttp("cloudfoundry", Tally(), sleep=lambda _: None)
    with pytest.raises(RemoteError, match=message) as raised:
        http.ask(Request("GET", "https://localhost:1/thing", "GET /thing", NoAuth()), Thing)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://[::1", "http://" + "a" * 300, "http://\udcff/", "http://x:y/", "nonsense"])
def test_an_address_that_is_none_is_an_error_in_words(url: str) -> None:
    """Settings are checked before; this is the second line."""
    with pytest.raises(RemoteError, match="GET /thing: "):
        RemoteHttp("cloudfoundry", Tally(), sleep=lambda _: None).ask(
            Request("GET", url, "GET /thing", NoAuth()), Thing
        )
