"""What tokens are asked for, and where credentials are never sent."""

import base64
import json
import logging

import pytest

from fleet.cloudfoundry.uaa import ClientCredentials, UaaTokens
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
