"""UAA: tokens for the sandbox's one client, and for its one user through the CLI's client `cf` with no secret."""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus

from sandbox import credentials
from sandbox.cf.tokens import Token, Tokens
from sandbox.wire import Reply, Request, json_reply

CLI_CLIENT_ID = "cf"
TOO_MANY_REQUESTS = 429
CLIENTS = {credentials.CF_CLIENT_ID: credentials.CF_CLIENT_SECRET, CLI_CLIENT_ID: ""}
GRANTS = {credentials.CF_CLIENT_ID: {"client_credentials"}, CLI_CLIENT_ID: {"password", "refresh_token"}}


class Uaa:
    name = "uaa"

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def call(self, request: Request) -> str:
        return request.path

    def answer(self, request: Request) -> Reply:
        if (request.method, request.path) != ("POST", "/oauth/token"):
            return _refusal(404, "not_found", "The requested resource was not found")
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        is_encoded = request.headers.get("x-cf-encoded-credentials") == "true"
        client_id, secret = _client(request.headers.get("authorization"), form, is_encoded=is_encoded)
        if client_id not in CLIENTS or CLIENTS[client_id] != secret:
            return _refusal(401, "invalid_client", "Bad credentials")
        grant = form.get("grant_type", "")
        if grant not in {"client_credentials", "password", "refresh_token"}:
            return _refusal(400, "unsupported_grant_type", f"Unsupported grant type: {grant}")
        if grant not in GRANTS[client_id]:
            return _refusal(401, "invalid_client", f"Unauthorized grant type: {grant}")
        return self._granted(grant, client_id, form)

    def throttled(self, retry_after: str) -> Reply:
        error = "429 - Too Many Requests - Request limited by Rate Limiter configuration: sandbox"
        return json_reply({"error": error}, 429, headers={"Retry-After": retry_after} if retry_after else {})

    def failed(self, status: int) -> Reply:
        if status == TOO_MANY_REQUESTS:
            return self.throttled("")
        return _refusal(status, "server_error", "The request could not be served")

    def unauthorized(self) -> Reply:
        return _refusal(401, "invalid_token", "The token expired, was revoked, or the token ID is incorrect")

    def _granted(self, grant: str, client_id: str, form: Mapping[str, str]) -> Reply:
        match grant:
            case "client_credentials":
                return self._reply(self._tokens.issue(client_id))
            case "password":
                if (form.get("username"), form.get("password")) != (credentials.CF_USERNAME, credentials.CF_PASSWORD):
                    return _refusal(401, "unauthorized", "Bad credentials")
                return self._reply(self._tokens.issue(client_id, credentials.CF_USERNAME))
        token = self._tokens.refreshed(form.get("refresh_token", ""), client_id)
        return self._reply(token) if token else self.unauthorized()

    def _reply(self, token: Token) -> Reply:
        document = {
            "access_token": token.value,
            "token_type": "bearer",
            "expires_in": int(self._tokens.lifetime_seconds),
            "scope": " ".join(token.scopes),
            "jti": token.id,
        }
        if token.refresh_value:
            document["refresh_token"] = token.refresh_value
        return json_reply(document, headers={"Cache-Control": "no-store"})


def _client(authorization: str | None, form: Mapping[str, str], *, is_encoded: bool) -> tuple[str, str]:
    """The client's id and secret, from HTTP Basic, as form values if a header says so, or else from the body."""
    if authorization and authorization.lower().startswith("basic "):
        try:
            client_id, _, secret = base64.b64decode(authorization[6:]).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return (unquote_plus(client_id), unquote_plus(secret)) if is_encoded else (client_id, secret)
    return form.get("client_id", ""), form.get("client_secret", "")


def _refusal(status: int, error: str, description: str) -> Reply:
    return json_reply({"error": error, "error_description": description}, status)
