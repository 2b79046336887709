"""The sandbox itself: binds a port for each system, serves them all from one thread, and knows their addresses."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import uvicorn
from uvicorn.server import ServerState

from sandbox import credentials
from sandbox.accounts import Accounts
from sandbox.applying import Applying
from sandbox.applying import Settings as ApplySettings
from sandbox.aws.actions import Actions
from sandbox.aws.elasticache import ElastiCache, PageSizes
from sandbox.aws.query import MOST_RECORDS
from sandbox.aws.rights import Rights
from sandbox.aws.signatures import Signatures
from sandbox.aws.tagging import Tagging
from sandbox.brokers import BROKERS, on_platform
from sandbox.cf.cloudfoundry import CloudFoundry
from sandbox.cf.login import cli_config
from sandbox.cf.tokens import Tokens
from sandbox.cf.uaa import CLI_CLIENT_ID, Uaa
from sandbox.clock import Clock
from sandbox.control.api import Control
from sandbox.control.asked import Part
from sandbox.control.aws import Aws
from sandbox.control.github import GitHubPart
from sandbox.control.mails import MailsPart
from sandbox.control.readings import Readings
from sandbox.control.statuspage import StatuspagePart
from sandbox.control.tags import TagsPart
from sandbox.control.tenants import TenantsPart
from sandbox.faults import Faults
from sandbox.front import DroppingProtocol, Front, System
from sandbox.generate.platform import generate
from sandbox.generate.updates import Backlog
from sandbox.github.api import GitHub
from sandbox.groups import Groups
from sandbox.journal import Journal
from sandbox.notify.api import Notify, Settings
from sandbox.statuspage.api import Statuspage
from sandbox.tenants import Tenants
from sandbox.updates import Updates
from sandbox.world import World

HOST = "127.0.0.1"
KEEP_ALIVE_SECONDS = 75
BACKLOG = 512
PORTS = ("control", "elasticache", "uaa", "cloudfoundry", "accounts", "notify", "statuspage", "github", "tagging")


class PortInUse(Exception):  # noqa: N818 — the name says it
    """A fixed port is taken by another program."""


@dataclass(frozen=True)
class Options:
    """
    `port` is the first of a run of ports, or 0 for any that are free. `page_size` caps every page of ElastiCache and
    Cloud Foundry; AWS gives `actions_page_size` update actions at once unless it is asked for more or fewer. An update
    that is applied over the API takes `update_seconds` on each group, or `node_seconds` for each of its nodes. The
    dates of updates are counted from `today`, which is the present day unless given. `speed` is how many seconds of
    the platform's pass in one of the machine's. `platform` is one of
    `sandbox.brokers`.
    """

    instances: int = 57
    seed: int = 1
    region: str = "eu-west-1"
    port: int = 0
    platform: str = "paas"
    page_size: int | None = None
    actions_page_size: int = 50
    backlog: Backlog = field(default_factory=Backlog)
    account: str = credentials.AWS_ACCOUNT
    speed: float = 1
    token_seconds: float = 1200
    scopes: tuple[str, ...] = ("cloud_controller.global_auditor",)
    update_seconds: float = 10
    node_seconds: float | None = None
    unavailable: str = "unprocessed"
    older_updates: str = "complete"
    faults: tuple[str, ...] = ()
    today: date | None = None
    notify: Settings = field(default_factory=Settings)


class Sandbox:
    """
    Serves while it is entered. `machine` answers seconds since the epoch: the machine's time, by which `clock`, the
    platform's, goes until it is advanced or sped up.
    """

    def __init__(self, options: Options, machine: Callable[[], float] = time.time) -> None:
        today = options.today or datetime.now(UTC).date()
        self.clock = Clock(machine, options.speed)
        truth = generate(options.instances, options.seed, options.region, today, options.backlog)
        self.broker = BROKERS[options.platform]
        truth = on_platform(truth, self.broker)
        self.world = World(replace(truth, account=options.account), self.clock.now)
        self.updates = Updates(self.world)
        self.applying = Applying(self.world, _apply_settings(options))
        self.groups = Groups(self.world, self.applying)
        self.tenants = Tenants(self.world, options.seed, self.broker)
        self.journal = Journal()
        self.faults = Faults(options.seed)
        for fault in options.faults:
            self.faults.add(fault)
        self.rights = Rights()
        self.unindexed: set[str] = set()
        self.signatures = Signatures(options.region, machine)
        self.tokens = Tokens(self.clock.now, options.token_seconds, options.scopes)
        self.notify = Notify(options.notify, machine)
        self.statuspage = Statuspage(self.clock.now, machine)
        self.github = GitHub(self.clock.now, machine)
        self.options = options

    def __enter__(self) -> Self:
        self._sockets = _bound(self.options.port)
        self.origins = {
            name: f"http://{HOST}:{bound.getsockname()[1]}" for name, bound in zip(PORTS, self._sockets, strict=True)
        }
        self._is_serving = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="sandbox", daemon=True)
        self._thread.start()
        self._is_serving.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._is_over.set)
        self._thread.join()

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which programs use this sandbox."""
        of_cloudfoundry = {
            "CF_API_ADDRESS": self.origins["cloudfoundry"],
            "CF_CLIENT_ID": credentials.CF_CLIENT_ID,
            "CF_CLIENT_SECRET": credentials.CF_CLIENT_SECRET,
            "PAAS_ACCOUNTS_URL": self.origins["accounts"],
            "PAAS_ACCOUNTS_USERNAME": credentials.PAAS_ACCOUNTS_USERNAME,
            "PAAS_ACCOUNTS_PASSWORD": credentials.PAAS_ACCOUNTS_PASSWORD,
        }
        of_tags = {"AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": self.origins["tagging"]}
        return {
            "AWS_REGION": self.options.region,
            "AWS_ACCESS_KEY_ID": credentials.AWS_ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": credentials.AWS_SECRET_ACCESS_KEY,
            "AWS_ENDPOINT_URL_ELASTICACHE": self.origins["elasticache"],
            "AWS_ENDPOINT_URL_STS": self.origins["elasticache"],
            **(of_tags if "TENANT_TAGS" in self.broker.settings else {}),
            **(of_cloudfoundry if self.broker.has_cloudfoundry else {}),
            **self.broker.settings,
            "NOTIFY_API_KEY": credentials.NOTIFY_KEYS["live"],
            "NOTIFY_BASE_URL": self.origins["notify"],
            "STATUSPAGE_API_KEY": credentials.STATUSPAGE_API_KEY,
            "STATUSPAGE_PAGE_ID": credentials.STATUSPAGE_PAGE_ID,
            "STATUSPAGE_BASE_URL": f"{self.origins['statuspage']}/v1",
            "GITHUB_TOKEN": credentials.GITHUB_TOKEN,
            "GITHUB_REPOSITORY": credentials.GITHUB_REPOSITORY,
            "GITHUB_API_URL": self.origins["github"],
            "SANDBOX_CONTROL_URL": self.origins["control"],
        }

    @property
    def inbox_url(self) -> str:
        """Where people read in a browser what was sent."""
        return f"{self.origins['control']}/inbox"

    def write_cf_login(self, home: Path) -> None:
        """Log an operator in as `cf login` would: programs find the login where `CF_HOME` is `home`."""
        token = self.tokens.issue(CLI_CLIENT_ID, credentials.CF_USERNAME)
        config = cli_config(self.origins["cloudfoundry"], self.origins["uaa"], token)
        folder = home / ".cf"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_bytes(msgspec.json.encode(config))

    def _application(self) -> Front:
        ports = dict(zip(PORTS, (bound.getsockname()[1] for bound in self._sockets), strict=True))
        page_size = self.options.page_size
        page_sizes = PageSizes(page_size or MOST_RECORDS, self.options.actions_page_size)
        actions = Actions(self.world, self.applying)
        systems: dict[int, System] = {
            ports["elasticache"]: ElastiCache(self.world, actions, self.signatures, self.rights, page_sizes),
            ports["tagging"]: Tagging(self.world, self.signatures, self.rights, self.unindexed),
            ports["uaa"]: Uaa(self.tokens),
            ports["cloudfoundry"]: CloudFoundry(self.world, self.tokens, self.origins["uaa"], page_size),
            ports["accounts"]: Accounts(self.world),
            ports["notify"]: self.notify,
            ports["statuspage"]: self.statuspage,
            ports["github"]: self.github,
        }
        control = Control(self._control_parts())
        return Front(systems, control, self.clock, self.faults, self.journal, foreign_origin=self.origins["accounts"])

    def _control_parts(self) -> list[Part]:
        return [
            Readings(self.world, self.clock, self.faults, self.journal, self.tokens, self.signatures),
            Aws(self.world, self.updates, self.applying, self.groups, self.rights),
            TagsPart(self.groups, self.unindexed),
            TenantsPart(self.tenants),
            MailsPart(self.notify),
            StatuspagePart(self.statuspage),
            GitHubPart(self.github),
        ]

    async def _serve(self) -> None:
        """Serve until told that it is over, then drop every connection: nobody waits for a stand-in to say goodbye."""
        config = uvicorn.Config(
            self._application(),
            log_config=None,
            log_level="critical",
            access_log=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        config.load()
        state = ServerState()
        self._loop, self._is_over = asyncio.get_running_loop(), asyncio.Event()
        servers = [
            await self._loop.create_server(lambda: DroppingProtocol(config, state, {}), sock=bound)
            for bound in self._sockets
        ]
        self._is_serving.set()
        await self._is_over.wait()
        for server in servers:
            server.close()
        for _ in range(_ROUNDS_TO_DROP):
            for connection in list(state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)


_ROUNDS_TO_DROP = 20
"""Of the loop: a connection that was just accepted appears a moment later, and its socket closes after that."""


def _apply_settings(options: Options) -> ApplySettings:
    return ApplySettings(options.update_seconds, options.node_seconds, options.unavailable, options.older_updates)


def _bound(first_port: int) -> list[socket.socket]:
    """All sockets, listening, or none."""
    sockets: list[socket.socket] = []
    try:
        for offset in range(len(PORTS)):
            # asyncio turns Nagle's algorithm off only where the protocol is named: else each reply takes 40 ms.
            bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            sockets.append(bound)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((HOST, first_port + offset if first_port else 0))
            bound.listen(BACKLOG)
    except OSError as error:
        for bound in sockets:
            bound.close()
        raise PortInUse(f"port {first_port + len(sockets) - 1} cannot be used: {error.strerror}") from error
    return sockets
