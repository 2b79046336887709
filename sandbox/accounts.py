"""PaaS Accounts: users' e-mail addresses, with every oddity of the real one."""

import base64
import hmac
from urllib.parse import parse_qsl
from uuid import UUID

from sandbox import credentials
from sandbox.truth import Account, Truth
from sandbox.wire import Reply, Request, json_reply
from sandbox.world import World

JSON = "application/json; charset=UTF-8"
_BASIC = base64.b64encode(
    f"{credentials.PAAS_ACCOUNTS_USERNAME}:{credentials.PAAS_ACCOUNTS_PASSWORD}".encode()
).decode()


class Accounts:
    name = "accounts"

    def __init__(self, world: World) -> None:
        self._world = world

    def call(self, request: Request) -> str:
        return "/users/:uuid" if request.path.startswith("/users/") else request.path

    def answer(self, request: Request) -> Reply:
        if request.path == "/":
            return _reply({"ok": True})
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "basic" or not hmac.compare_digest(value, _BASIC):
            return self.unauthorized()
        truth = self._world.truth
        match request.path.strip("/").split("/"):
            case ["users"] if request.method == "GET":
                return _users(truth, request.query)
            case ["users", uuid] if request.method == "GET":
                return _user(truth, uuid)
        return _reply({"message": "Not Found"}, 404)

    def throttled(self, retry_after: str) -> Reply:
        headers = {"Retry-After": retry_after} if retry_after else {}
        return Reply(429, "text/plain; charset=utf-8", b"429 Too Many Requests\n", headers)

    def failed(self, status: int) -> Reply:
        """The service itself says nothing with a 500; other failures come from the router in front."""
        if status == 500:  # noqa: PLR2004 — HTTP's own number
            return Reply(500, "text/plain", b"")
        text = f"{status} Bad Gateway: Registered endpoint failed to handle the request.\n"
        return Reply(status, "text/plain; charset=utf-8", text.encode(), {"X-Cf-RouterError": "endpoint_failure"})

    def unauthorized(self) -> Reply:
        document = {"message": "Unauthorized"}
        return json_reply(document, 401, content_type=JSON, headers={"WWW-Authenticate": "basic realm=Restricted"})


def _user(truth: Truth, uuid: str) -> Reply:
    """Found in any spelling, for the database casts it; what is no uuid makes the database fail."""
    try:
        account = truth.accounts.get(str(UUID(uuid)))
    except ValueError:
        return Reply(500, "text/plain", b"")
    return _reply(account) if account else _reply({"message": "user not found"}, 404)


def _users(truth: Truth, query: str) -> Reply:
    """Only the first `uuids` is read, and it wins over `email`."""
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query):
        parameters.setdefault(name, value)
    if "uuids" in parameters:
        return _users_by_uuid(truth, parameters["uuids"].split(","))
    if "email" in parameters:
        email = parameters["email"].lower()
        return _reply({"users": [account for account in truth.accounts.values() if account.user_email == email]})
    return _reply("Requires either a uuids or email query param", 400)


def _users_by_uuid(truth: Truth, asked: list[str]) -> Reply:
    """In the order asked, with null for the unknown; matched by the exact text, so an upper-case uuid is unknown."""
    found: list[Account | None] = []
    for uuid in asked:
        try:
            UUID(uuid)
        except ValueError:
            return _reply(f"bad uuid: {uuid}", 400)
        found.append(truth.accounts.get(uuid))
    return _reply({"users": found})


def _reply(document: object, status: int = 200) -> Reply:
    return json_reply(document, status, content_type=JSON)
