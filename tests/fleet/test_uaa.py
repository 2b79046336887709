"""What tokens are asked for, and where credentials are never sent."""

import base64
import json
import logging
import time
from urllib.parse import unquote_plus

import pytest

from fleet.cloudfoundry.credentials import ClientCredentials
from fleet.cloudfoundry.login import CfLogin
from fleet.cloudfoundry.uaa import UaaTokens
from fleet.errors import InsufficientScopeError, RemoteError
from fleet.tally import Tally
from tests.scripted_server import Answer, scripted_server

CLIENT = ClientCredentials("exporter", "hush")


def root(uaa: str | None) -> Answer:
    return Answer(json.dumps({"links": {"uaa": {"href": uaa} if uaa else None, "login": None}}).encode())


def jwt(**claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.sig"


def token(access_token: str, **more: object) -> Answer:
    return Answer(
        json.dumps({"access_token": access_token, "token_type": "bearer", "expires_in": 600, **more}).encode()
    )


@pytest.mark.parametrize(
    "reply",
    [
        token("opaque", scope="uaa.none cloud_controller.global_auditor"),
        token(jwt(scope=["cloud_controller.admin_read_only"], exp=4e9)),
        token(jwt(authorities=["cloud_controller.admin"], exp=4e9)),
    ],
    ids=["in the reply", "in the token", "as authorities"],
)
def test_the_scope_is_read_wherever_uaa_states_it(reply: Answer) -> None:
    """A client's rights are its authorities; a user's are its scope."""
    with scripted_server(reply) as uaa, scripted_server(root(uaa.url)) as api:
        assert UaaTokens(api.url, CLIENT, Tally()).token().access_token
        assert uaa.heard[0].path == "/oauth/token"
        assert uaa.heard[0].body == b"grant_type=client_credentials"
        assert uaa.heard[0].headers["Authorization"].startswith("Basic ")


def test_a_scope_that_sees_less_is_refused() -> None:
    """The remedy names the authority that is missing."""
    with (
        scripted_server(token("opaque", scope="cloud_controller.read")) as uaa,
        scripted_server(root(uaa.url)) as api,
        pytest.raises(InsufficientScopeError, match=r"client 'exporter' does not see every org .*global_auditor"),
    ):
        UaaTokens(api.url, CLIENT, Tally()).token()


def test_a_token_that_states_no_scope_is_used_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """An opaque token cannot be checked, and a platform may issue such; silence would hide the risk."""
    with (
        caplog.at_level(logging.WARNING),
        scripted_server(token("2YotnFZFEjr1zCsicMWpAA")) as uaa,
        scripted_server(root(uaa.url)) as api,
    ):
        assert UaaTokens(api.url, CLIENT, Tally()).token().access_token == "2YotnFZFEjr1zCsicMWpAA"
    assert [record.message for record in caplog.records] == ["token scope unknown"]


@pytest.mark.parametrize("answer", [root(None), root("not an address"), Answer(b'{"links": {}}')])
def test_a_root_document_without_a_uaa_is_an_error(answer: Answer) -> None:
    """Every link in it may be null."""
    with scripted_server(answer) as api, pytest.raises(RemoteError, match="its root document names no UAA"):
        UaaTokens(api.url, CLIENT, Tally()).token()


def test_a_token_is_kept_until_it_is_discarded() -> None:
    """One request for the root and one for the token, however often it is used."""
    reply = token("opaque", scope="cloud_controller.admin")
    with scripted_server(reply) as uaa, scripted_server(root(uaa.url)) as api:
        tokens = UaaTokens(api.url, CLIENT, Tally())
        assert tokens.token() == tokens.token()
        assert len(uaa.heard) == len(api.heard) == 1
        tokens.discard()
        tokens.token()
        assert len(uaa.heard) == 2


def as_uaa_reads(headers: dict[str, str], *, is_compatible: bool) -> tuple[str, str]:
    """The client's id and secret by the rules of UAA's own filter; `is_compatible` is its mode for older clients."""
    decoded = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
    client_id, colon, secret = decoded.partition(":")
    assert colon
    if is_compatible and headers.get("X-CF-ENCODED-CREDENTIALS", "").lower() != "true":
        return client_id, secret
    return unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")


@pytest.mark.parametrize("is_compatible", [True, False])
@pytest.mark.parametrize(
    ("client_id", "secret"),
    [
        ("exporter", "hush"),
        ("exporter", "pa£ss"),
        ("ünïcode", "€ 汉字 🔑"),
        ("a:b", "c:d:e"),
        ("50%", "100%25+1 & more=less;?/#"),
        ("a b", ' "quotes" \\ `ticks` '),
        ("exporter", ""),
    ],
)
def test_uaa_reads_the_client_as_it_was_set(client_id: str, secret: str, *, is_compatible: bool) -> None:
    """Latin-1 made a 401 of a pound sign and a traceback of a euro's; a form's decoding changes plus and percent."""
    with scripted_server(token("t", scope="cloud_controller.admin")) as uaa:
        UaaTokens("https://api.example.org", ClientCredentials(client_id, secret, uaa.url), Tally()).token()
    assert as_uaa_reads(uaa.heard[0].headers, is_compatible=is_compatible) == (client_id, secret)


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("http://uaa.other.example", "names http://uaa.other.example:80 as UAA, which is outside of the API's domain"),
        ("https://10.0.0.7", "outside of the API's domain: nothing is sent there; if it is yours, set CF_UAA_ADDRESS"),
        ("http://127.0.0.1\\@other.example", "its root document names no UAA: it holds a space or a character"),
        ("http://other.example@127.0.0.1", "its root document names no UAA: it holds a user name"),
        ("/oauth", "its root document names no UAA"),
    ],
)
def test_the_secret_goes_to_no_uaa_of_another_domain(named: str, message: str) -> None:
    """Whoever can change the root document would have it otherwise."""
    with scripted_server(root(named)) as api, pytest.raises(RemoteError, match=message):
        UaaTokens(api.url, CLIENT, Tally()).token()


def test_a_configured_uaa_is_asked_without_looking_at_the_root() -> None:
    """Where it is elsewhere, the operator says so."""
    with scripted_server(token("t", scope="cloud_controller.admin")) as uaa:
        assert UaaTokens("https://api.invalid", ClientCredentials("a", "b", uaa.url), Tally()).token()
    assert [heard.path for heard in uaa.heard] == ["/oauth/token"]


def test_the_uaa_of_cf_login_is_right_wherever_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CLI has sent its refresh token there before."""
    monkeypatch.setattr("fleet.remote_address.RemoteAddress.is_in_the_domain_of", lambda *_: False)
    with scripted_server(token("t", scope="cloud_controller.admin")) as uaa, scripted_server(root(uaa.url)) as api:
        elsewhere = CfLogin(api.url, "", "refresh", "cf", "", "https://uaa.elsewhere.example")
        with pytest.raises(RemoteError, match="outside of the API's domain"):
            UaaTokens(api.url, elsewhere, Tally()).token()
        assert UaaTokens(api.url, CfLogin(api.url, "", "refresh", "cf", "", uaa.url), Tally()).token()


@pytest.mark.parametrize("access_token", ["", "two words", "line\nend", "€"])
def test_a_token_that_fits_into_no_header_is_none(access_token: str) -> None:
    """It is refused where it comes from, instead of in the middle of the next request."""
    with (
        scripted_server(token(access_token, scope="cloud_controller.admin")) as uaa,
        pytest.raises(RemoteError, match="its access_token is none"),
    ):
        UaaTokens("https://api.invalid", ClientCredentials("a", "b", uaa.url), Tally()).token()


@pytest.mark.parametrize(
    ("credentials", "remedy"),
    [(CLIENT, "check CF_CLIENT_ID and CF_CLIENT_SECRET"), (CfLogin("", "", "old", "cf", ""), "run cf login again")],
)
def test_a_refusal_says_what_to_do(credentials: ClientCredentials | CfLogin, remedy: str) -> None:
    """For a client and for a login that has expired."""
    refusal = Answer(status=401, body=b'{"error": "unauthorized", "error_description": "Bad credentials"}')
    with (
        scripted_server(refusal) as uaa,
        scripted_server(root(uaa.url)) as api,
        pytest.raises(RemoteError, match=remedy),
    ):
        UaaTokens(api.url, credentials, Tally()).token()


@pytest.mark.parametrize("hours", [-1, 1000])
def test_a_clock_that_is_set_does_not_matter(hours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token lasts as long as UAA said, by a clock that nobody sets."""
    reply = token("opaque", scope="cloud_controller.admin")
    with scripted_server(reply) as uaa:
        tokens = UaaTokens("https://api.invalid", ClientCredentials("a", "b", uaa.url), Tally())
        tokens.token()
        now = time.time()
        monkeypatch.setattr("time.time", lambda: now + hours * 3600)
        tokens.token()
        assert len(uaa.heard) == 1
