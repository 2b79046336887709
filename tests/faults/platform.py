"""
A platform of three instances whose every answer is written out here: one update waits for one of them.

It shares nothing with the sandbox, and answers fast, so that it can be asked thousands of times.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from fleet.tenants.group_id import GroupIds
from tests.faults.announced import GITHUB_TOKEN, PAGE, REPOSITORY, STATUSPAGE_KEY, StatusPage, Tracker
from tests.faults.faulty_server import Conversation, FaultyServer, Heard, faulty_server

SYSTEMS = ("elasticache", "sts", "cloudfoundry", "uaa", "accounts", "notify", "statuspage", "github")
UUID = "11111111-2222-4333-8444-55555555555{}"
INSTANCES = [UUID.format(number) for number in range(3)]
USERS = [UUID.format(number) for number in range(5, 7)]
GROUPS = [GroupIds().id_of(guid) for guid in INSTANCES]
ADDRESSES = ["ada@example.org", "grace@example.org"]
NOTIFY_KEY = f"key-{UUID.format(8)}-{UUID.format(9)}"
ROLE = "arn:aws:iam::123456789012:role/reader"


def xml(operation: str, inner: str) -> bytes:
    name = f"{operation}Response"
    return f'<{name} xmlns="http://example.org/"><{operation}Result>{inner}</{operation}Result></{name}>'.encode()


def group(number: int, id_: str = "", status: str = "available") -> str:
    member = f"<ClusterId>c{number}</ClusterId>"
    return (
        f"<ReplicationGroup><ReplicationGroupId>{id_ or GROUPS[number]}</ReplicationGroupId><Status>{status}</Status>"
        f"<MemberClusters>{member}</MemberClusters><Engine>redis</Engine></ReplicationGroup>"
    )


def groups_page(rows: str, marker: str = "") -> bytes:
    end = f"<Marker>{marker}</Marker>" if marker else ""
    return xml("DescribeReplicationGroups", f"<ReplicationGroups>{rows}</ReplicationGroups>{end}")


def service_update(
    released: str = "2026-05-01T00:00:00Z", severity: str = "important", status: str = "available"
) -> bytes:
    return xml(
        "DescribeServiceUpdates",
        "<ServiceUpdates><ServiceUpdate><ServiceUpdateName>redis-1</ServiceUpdateName>"
        f"<ServiceUpdateReleaseDate>{released}</ServiceUpdateReleaseDate><Engine>redis</Engine>"
        f"<ServiceUpdateSeverity>{severity}</ServiceUpdateSeverity><ServiceUpdateStatus>{status}</ServiceUpdateStatus>"
        "<ServiceUpdateType>security-update</ServiceUpdateType></ServiceUpdate></ServiceUpdates>",
    )


def operation_of(heard: Heard) -> str:
    return parse_qs(heard.body.decode())["Action"][0]


def path_of(heard: Heard) -> str:
    return urlsplit(heard.line.split()[1]).path


def update_actions(status: str, of: str = "redis-1") -> bytes:
    return xml(
        "DescribeUpdateActions",
        f"<UpdateActions><UpdateAction><ReplicationGroupId>{GROUPS[0]}</ReplicationGroupId>"
        f"<ServiceUpdateName>{of}</ServiceUpdateName><UpdateActionStatus>{status}</UpdateActionStatus>"
        "<EstimatedUpdateTime>30 minutes per node</EstimatedUpdateTime></UpdateAction></UpdateActions>",
    )


def _fault(code: str) -> bytes:
    return f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no such</Message></Error></ErrorResponse>".encode()


@dataclass
class Updates:
    """The one update on the one group: it has begun once it is applied, and is complete as soon as somebody looks."""

    status: str = "not-applied"
    applied: int = 0

    def answer(self, conversation: Conversation) -> None:
        operation = operation_of(conversation.heard)
        is_ours = "ServiceUpdateName=redis-1" in conversation.heard.body.decode()
        if operation.startswith("Batch") and not is_ours:
            conversation.answer(_fault("ServiceUpdateNotFoundFault"), "404 Not Found")
        elif operation == "BatchApplyUpdateAction":
            self.applied += 1
            self.status = "complete"
            row = (
                f"<UpdateAction><ReplicationGroupId>{GROUPS[0]}</ReplicationGroupId>"
                "<ServiceUpdateName>redis-1</ServiceUpdateName>"
                "<UpdateActionStatus>waiting-to-start</UpdateActionStatus></UpdateAction>"
            )
            conversation.answer(xml(operation, f"<ProcessedUpdateActions>{row}</ProcessedUpdateActions>"))
        else:
            conversation.answer(self._read(operation))

    def _read(self, operation: str) -> bytes:
        answers: dict[str, Callable[[], bytes]] = {
            "DescribeServiceUpdates": service_update,
            "DescribeReplicationGroups": lambda: groups_page("".join(group(number) for number in range(3))),
            "DescribeUpdateActions": lambda: update_actions(self.status),
            "DescribeCacheClusters": lambda: xml(operation, "<CacheClusters/>"),
            "DescribeCacheParameterGroups": lambda: xml(operation, "<CacheParameterGroups/>"),
        }
        return answers.get(operation, lambda: xml(operation, ""))()


def _sts(heard: Heard) -> bytes:
    """Credentials that are about to expire, so that each survey asks for new ones."""
    if operation_of(heard) == "GetCallerIdentity":
        return xml("GetCallerIdentity", "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/a</Arn>")
    expires = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return xml(
        "AssumeRole",
        "<Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken>"
        f"<Expiration>{expires}</Expiration></Credentials>",
    )


def rows(*resources: Mapping[str, object], **included: object) -> bytes:
    pagination = {"total_results": len(resources), "next": None}
    return json.dumps({"pagination": pagination, "resources": resources, "included": included}).encode()


def instance(number: int, **more: object) -> dict[str, object]:
    related = {"space": {"data": {"guid": "space"}}, "service_plan": {"data": {"guid": "plan"}}}
    return {"guid": INSTANCES[number], "name": f"cache-{number}", "relationships": related, **more}


SPACE = {"guid": "space", "name": "production", "relationships": {"organization": {"data": {"guid": "org"}}}}
ORG = {"guid": "org", "name": "brave-buses"}


def instances(**more: object) -> bytes:
    return rows(*(instance(number, **more) for number in range(3)), spaces=[SPACE], organizations=[ORG])


def _role(user: str) -> dict[str, object]:
    related = {"user": {"data": {"guid": user}}, "organization": {"data": {"guid": "org"}}}
    return {"guid": f"role-{user}", "type": "organization_manager", "relationships": related}


def _cloudfoundry(uaa_url: str, heard: Heard) -> bytes:
    answers: dict[str, Callable[[], bytes]] = {
        "/": lambda: json.dumps({"links": {"uaa": {"href": uaa_url}}}).encode(),
        "/v3/service_offerings": lambda: rows({"guid": "offering", "name": "redis"}),
        "/v3/service_plans": lambda: rows({"guid": "plan", "name": "tiny"}),
        "/v3/service_instances": instances,
        "/v3/organizations": lambda: rows({**ORG, "suspended": False}),
        "/v3/roles": lambda: rows(*(_role(user) for user in USERS)),
    }
    return answers[path_of(heard)]()


def token(**more: object) -> bytes:
    """Used up as soon as it is there, so that each survey asks for a new one."""
    claims = {"access_token": "the-token", "expires_in": 0.001, "scope": "cloud_controller.admin"}
    return json.dumps({**claims, **more}).encode()


def users(**more: object) -> bytes:
    pairs = zip(USERS, ADDRESSES, strict=True)
    return json.dumps({"users": [{"user_uuid": uuid, "user_email": email} for uuid, email in pairs], **more}).encode()


def _accounts(heard: Heard) -> bytes:
    """It knows nobody but our two."""
    (asked,) = parse_qs(urlsplit(heard.line.split()[1]).query)["uuids"]
    return users() if USERS[0] in asked else json.dumps({"users": [None] * len(asked.split(","))}).encode()


TEMPLATE = {"id": UUID.format(7), "type": "email", "subject": "((maintenance_window_date))", "body": "((contents))"}


@dataclass
class Inbox:
    """The mails that Notify has accepted: each reference's id, and how often it was accepted."""

    accepted: Counter[str] = field(default_factory=Counter)

    def answer(self, conversation: Conversation) -> None:
        heard = conversation.heard
        if heard.line.startswith("POST"):
            reference = json.loads(heard.body)["reference"]
            self.accepted[reference] += 1
            conversation.answer(json.dumps({"id": f"id-of-{reference}"}).encode(), "201 Created")
            return
        if "/template" in heard.line:
            conversation.answer(json.dumps(TEMPLATE).encode())
            return
        asked = parse_qs(urlsplit(heard.line.split()[1]).query).get("reference", list(self.accepted))
        known = [{"id": f"id-of-{r}", "reference": r, "status": "delivered"} for r in asked if r in self.accepted]
        conversation.answer(json.dumps({"notifications": known, "links": {}}).encode())


@dataclass
class Platform:
    servers: dict[str, FaultyServer]
    inbox: Inbox = field(default_factory=Inbox)
    updates: Updates = field(default_factory=Updates)
    page: StatusPage = field(default_factory=StatusPage)
    tracker: Tracker = field(default_factory=Tracker)

    def good(self, system: str) -> Callable[[Conversation], None]:
        uaa_url = self.servers["uaa"].url if "uaa" in self.servers else ""
        bodies: dict[str, Callable[[Heard], bytes]] = {
            "sts": _sts,
            "cloudfoundry": lambda heard: _cloudfoundry(uaa_url, heard),
            "uaa": lambda _: token(),
            "accounts": _accounts,
        }
        kept: dict[str, Callable[[Conversation], None]] = {
            "notify": self.inbox.answer,
            "elasticache": self.updates.answer,
            "statuspage": self.page.answer,
            "github": self.tracker.answer,
        }
        if system in kept:
            return kept[system]
        return lambda conversation: conversation.answer(bodies[system](conversation.heard))

    def forget(self) -> None:
        """Whatever was done to it."""
        self.inbox.accepted.clear()
        self.updates.status, self.updates.applied = "not-applied", 0
        self.page.incidents.clear()
        self.page.created = 0
        self.tracker.issues.clear()

    def heal(self) -> None:
        for system, server in self.servers.items():
            server.behaviours[:] = [self.good(system)]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "id",
            "AWS_SECRET_ACCESS_KEY": "key",
            "AWS_ENDPOINT_URL_ELASTICACHE": self.servers["elasticache"].url,
            "AWS_ENDPOINT_URL_STS": self.servers["sts"].url,
            "CF_API_ADDRESS": self.servers["cloudfoundry"].url,
            "CF_CLIENT_ID": "client",
            "CF_CLIENT_SECRET": "secret",
            "PAAS_ACCOUNTS_URL": self.servers["accounts"].url,
            "PAAS_ACCOUNTS_USERNAME": "user",
            "PAAS_ACCOUNTS_PASSWORD": "password",
            "NOTIFY_BASE_URL": self.servers["notify"].url,
            "NOTIFY_API_KEY": NOTIFY_KEY,
            "STATUSPAGE_BASE_URL": self.servers["statuspage"].url,
            "STATUSPAGE_API_KEY": STATUSPAGE_KEY,
            "STATUSPAGE_PAGE_ID": PAGE,
            "GITHUB_API_URL": self.servers["github"].url,
            "GITHUB_TOKEN": GITHUB_TOKEN,
            "GITHUB_REPOSITORY": REPOSITORY,
        }


@contextmanager
def running_platform() -> Iterator[Platform]:
    """All its systems, each at an address of its own, and each well."""
    with ExitStack() as stack:
        servers = {system: stack.enter_context(faulty_server(lambda _: None)) for system in SYSTEMS}
        platform = Platform(servers)
        platform.heal()
        yield platform


def regions_toml(platform: Platform, *, with_role: bool) -> str:
    role = f'aws_role_arn = "{ROLE}"\n' if with_role else ""
    return (
        f'[[regions]]\nname = "Ireland"\naws_region = "eu-west-1"\ncf_api_address = "{platform.servers["cloudfoundry"].url}"\n'
        f'aws_endpoint_url_elasticache = "{platform.servers["elasticache"].url}"\n{role}'
    )
