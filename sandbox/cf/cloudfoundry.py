"""Cloud Foundry: the root document, and v3's lists for whoever shows a token of UAA's."""

from collections import Counter
from dataclasses import replace

import msgspec

from sandbox.cf import errors
from sandbox.cf.listing import COLLECTIONS, Question, listing, page
from sandbox.cf.tokens import Token, Tokens
from sandbox.memory import Memory
from sandbox.truth import Truth
from sandbox.wire import Reply, Request, json_reply
from sandbox.world import World

JSON = "application/json; charset=utf-8"
GLOBAL_SCOPES = frozenset({"admin", "admin_read_only", "global_auditor"})
REQUESTS_PER_HOUR = 60_000
HOUR = 3600
TOO_MANY_REQUESTS = 429


class CloudFoundry:
    """`uaa_origin` is where the root document sends clients for tokens."""

    name = "cloudfoundry"

    def __init__(self, world: World, tokens: Tokens, uaa_origin: str, largest_page: int | None) -> None:
        self._world = world
        self._tokens = tokens
        self._uaa_origin = uaa_origin
        self._largest_page = largest_page
        self._memory = Memory()
        self._requests_in: Counter[tuple[str, int]] = Counter()

    def call(self, request: Request) -> str:
        return request.path

    def answer(self, request: Request) -> Reply:
        match request.path:
            case "/":
                return json_reply(_root(request.origin, self._uaa_origin))
            case "/v3/info":
                return json_reply(_info())
        try:
            token = self._token(request)
            limits = self._rate_limit(token.client_id)
            return replace(self._list(request, token), headers=limits)
        except errors.RefusalError as refusal:
            return refusal.reply

    def throttled(self, retry_after: str) -> Reply:
        headers = {"X-RateLimit-Remaining": "0"}
        return errors.rate_limited({**headers, "Retry-After": retry_after} if retry_after else headers)

    def failed(self, status: int) -> Reply:
        return self.throttled("") if status == TOO_MANY_REQUESTS else errors.failed(status)

    def unauthorized(self) -> Reply:
        return errors.invalid_token().reply

    def _token(self, request: Request) -> Token:
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        if not value:
            raise errors.not_authenticated()
        if kind.lower() != "bearer" or (token := self._tokens.valid(value)) is None:
            raise errors.invalid_token()
        return token

    def _rate_limit(self, client_id: str) -> dict[str, str]:
        """The headers of every counted reply; what remains is told in steps of a tenth."""
        hour = int(self._world.now().timestamp()) // HOUR
        self._requests_in[client_id, hour] += 1
        step = REQUESTS_PER_HOUR // 10
        remaining = max(0, REQUESTS_PER_HOUR - self._requests_in[client_id, hour]) // step * step
        return {
            "X-RateLimit-Limit": str(REQUESTS_PER_HOUR),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": str((hour + 1) * HOUR),
        }

    def _list(self, request: Request, token: Token) -> Reply:
        collection = COLLECTIONS.get(request.path)
        if collection is None or request.method != "GET":
            raise errors.unknown_request()
        question = Question.of(collection, f"{request.origin}{request.path}", request.query)
        whole = self._world.truth
        sees_everything = _sees_everything(token)

        def body() -> bytes:
            truth = whole if sees_everything else self._memory.of(whole, "part", lambda: _visible_part(whole))
            filters = (request.path, question.filters, sees_everything)
            things = self._memory.of(whole, filters, lambda: listing(truth, question))
            return msgspec.json.encode(page(truth, question, things, self._largest_page))

        return Reply(200, JSON, self._memory.of(whole, (request.url, sees_everything), body))


def _sees_everything(token: Token) -> bool:
    granted = {
        scope.removeprefix("cloud_controller.") for scope in token.scopes if scope.startswith("cloud_controller.")
    }
    if not granted:
        raise errors.not_authorized()
    return bool(granted & GLOBAL_SCOPES)


def _visible_part(truth: Truth) -> Truth:
    """What a token without a global scope is shown, without a word of warning: every second organisation."""
    organizations = dict(list(truth.organizations.items())[::2])
    spaces = {guid: space for guid, space in truth.spaces.items() if space.organization_guid in organizations}
    roles = {guid: role for guid, role in truth.roles.items() if role.organization_guid in organizations}
    holders = {role.user_guid for role in roles.values()}
    instances = truth.service_instances.items()
    return replace(
        truth,
        organizations=organizations,
        spaces=spaces,
        roles=roles,
        users={guid: user for guid, user in truth.users.items() if guid in holders},
        service_instances={guid: instance for guid, instance in instances if instance.space_guid in spaces},
    )


def _root(origin: str, uaa_origin: str) -> dict[str, object]:
    return {
        "links": {
            "self": {"href": origin},
            "cloud_controller_v3": {"href": f"{origin}/v3", "meta": {"version": "3.195.0"}},
            "login": {"href": uaa_origin},
            "uaa": {"href": uaa_origin},
            "credhub": None,
        }
    }


def _info() -> dict[str, object]:
    return {
        "build": "",
        "cli_version": {"minimum": "", "recommended": ""},
        "name": "sandbox",
        "version": 0,
        "rate_limits": {"enabled": True, "general_limit": REQUESTS_PER_HOUR, "reset_interval_in_minutes": 60},
    }
