"""UAA gives out tokens, and Cloud Foundry honours them for as long as they live."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from sandbox import Sandbox, credentials

Start = Callable[..., Sandbox]
Ask = Callable[..., requests.Response]
CLIENT = (credentials.CF_CLIENT_ID, credentials.CF_CLIENT_SECRET)
CLI = ("cf", "")


def grant(sandbox: Sandbox, auth: tuple[str, str] | None = CLIENT, **form: str) -> requests.Response:
    return requests.post(f"{sandbox.origins['uaa']}/oauth/token", form, auth=auth, timeout=5)


def test_a_client_gets_a_token_without_a_refresh_token(sandbox: Sandbox) -> None:
    """The access token is a JWT whose claims say for whom, for what and until when."""
    document = grant(sandbox, grant_type="client_credentials").json()
    claims = json.loads(base64.urlsafe_b64decode(document["access_token"].split(".")[1] + "=="))
    assert document["token_type"] == "bearer"
    assert document["expires_in"] == 1200
    assert document["scope"] == "cloud_controller.global_auditor"
    assert "refresh_token" not in document
    assert claims["client_id"] == credentials.CF_CLIENT_ID
    assert claims["authorities"] == claims["scope"] == ["cloud_controller.global_auditor"]
    assert claims["exp"] - claims["iat"] == 1200


@pytest.mark.parametrize(("headers", "status"), [({"X-CF-ENCODED-CREDENTIALS": "true"}, 200), ({}, 401)])
def test_encoded_credentials_are_decoded_where_a_header_says_so(
    headers: dict[str, str], status: int, sandbox: Sandbox
) -> None:
    """As UAA does in its mode for older clients: both are form values then, and otherwise taken as they are."""
    encoded = "".join(f"%{byte:02X}" for byte in CLIENT[1].encode())
    url = f"{sandbox.origins['uaa']}/oauth/token"
    form = {"grant_type": "client_credentials"}
    assert requests.post(url, form, auth=(CLIENT[0], encoded), headers=headers, timeout=5).status_code == status


def test_client_and_secret_may_be_in_the_body(sandbox: Sandbox) -> None:
    """UAA documents both ways."""
    form = {"client_id": CLIENT[0], "client_secret": CLIENT[1], "grant_type": "client_credentials"}
    assert grant(sandbox, auth=None, **form).status_code == 200


def test_an_operator_logs_in_and_refreshes_as_the_cli_does(sandbox: Sandbox, ask: Ask) -> None:
    """With the client `cf`, whose secret is empty."""
    login = grant(
        sandbox, CLI, grant_type="password", username=credentials.CF_USERNAME, password=credentials.CF_PASSWORD
    ).json()
    refreshed = grant(sandbox, CLI, grant_type="refresh_token", refresh_token=login["refresh_token"]).json()
    assert refreshed["access_token"] != login["access_token"]
    for token in (login["access_token"], refreshed["access_token"]):
        assert ask(sandbox, "/v3/organizations", token=token).status_code == 200


@pytest.mark.parametrize(
    ("auth", "form", "status", "error"),
    [
        ((CLIENT[0], "wrong"), {"grant_type": "client_credentials"}, 401, "invalid_client"),
        (("unknown", ""), {"grant_type": "client_credentials"}, 401, "invalid_client"),
        (CLI, {"grant_type": "password", "username": "a", "password": "b"}, 401, "unauthorized"),
        (CLI, {"grant_type": "refresh_token", "refresh_token": "stale"}, 401, "invalid_token"),
        (CLI, {"grant_type": "client_credentials"}, 401, "invalid_client"),
        (CLIENT, {"grant_type": "magic"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_bad_grant_is_refused_with_an_error_and_its_description(
    sandbox: Sandbox, auth: tuple[str, str], form: dict[str, str], status: int, error: str
) -> None:
    """In JSON, as OAuth says."""
    reply = grant(sandbox, auth, **form)
    assert (reply.status_code, reply.json()["error"]) == (status, error)
    assert reply.json()["error_description"]


def test_an_access_token_expires(
    start: Start, token_of: Callable[[Sandbox], str], ask: Ask, time: SimpleNamespace
) -> None:
    """After `expires_in` Cloud Foundry answers 401 with CF-InvalidAuthToken."""
    sandbox = start(machine=lambda: time.now, token_seconds=60)
    token = token_of(sandbox)
    time.now += 59
    assert ask(sandbox, "/v3/organizations", token=token).status_code == 200
    time.now += 1
    reply = ask(sandbox, "/v3/organizations", token=token)
    assert reply.status_code == 401
    assert reply.json()["errors"][0]["title"] == "CF-InvalidAuthToken"
    assert reply.json()["errors"][0]["code"] == 1000


def test_tokens_can_be_made_invalid_before_their_time(
    start: Start, token_of: Callable[[Sandbox], str], ask: Ask
) -> None:
    """The access tokens go, and refresh tokens too if asked."""
    sandbox = start()
    login = sandbox.tokens.issue("cf", "someone")
    sandbox.tokens.invalidate()
    assert ask(sandbox, "/v3/organizations", token=login.value).status_code == 401
    assert grant(sandbox, CLI, grant_type="refresh_token", refresh_token=str(login.refresh_value)).status_code == 200
    sandbox.tokens.invalidate(with_refresh=True)
    assert grant(sandbox, CLI, grant_type="refresh_token", refresh_token=str(login.refresh_value)).status_code == 401
    assert token_of(sandbox)


def test_a_cf_login_is_written_as_the_cli_writes_it(start: Start, ask: Ask, tmp_path: Path) -> None:
    """The access token with the word `bearer`, a refresh token, and where to take them."""
    sandbox = start()
    sandbox.write_cf_login(tmp_path)
    config: dict[str, Any] = json.loads((tmp_path / ".cf" / "config.json").read_text())
    kind, _, token = config["AccessToken"].partition(" ")
    assert kind == "bearer"
    assert ask(sandbox, config["Target"] + "/v3/organizations", token=token).status_code == 200
    refreshed = requests.post(
        config["UaaEndpoint"] + "/oauth/token",
        {"grant_type": "refresh_token", "refresh_token": config["RefreshToken"]},
        auth=(config["UAAOAuthClient"], config["UAAOAuthClientSecret"]),
        timeout=5,
    )
    assert refreshed.status_code == 200
