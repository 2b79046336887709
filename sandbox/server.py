"""The sandbox itself: binds a port for each system, serves them all from one thread, and knows their addresses."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import uvicorn
from uvicorn.server import ServerState

from sandbox import credentials
from sandbox.accounts import Accounts
from sandbox.aws.elasticache import ElastiCache
from sandbox.aws.signatures import Signatures
from sandbox.cf.cloudfoundry import CloudFoundry
from sandbox.cf.login import cli_config
from sandbox.cf.tokens import Tokens
from sandbox.cf.uaa import CLI_CLIENT_ID, Uaa
from sandbox.control import Control
from sandbox.faults import Faults
from sandbox.front import DroppingProtocol, Front, System
from sandbox.generate.platform import generate
from sandbox.journal import Journal
from sandbox.notify.api import Notify, Settings
from sandbox.tenants import Tenants
from sandbox.updates import Updates
from sandbox.world import World

HOST = "127.0.0.1"
KEEP_ALIVE_SECONDS = 75
BACKLOG = 512
PORTS = ("control", "elasticache", "uaa", "cloudfoundry", "accounts", "notify")


class PortInUse(Exception):  # noqa: N818 — the name says it
    """A fixed port is taken by another program."""


@dataclass(frozen=True)
class Options:
    """
    `port` is the first of a run of ports, or 0 for any that are free. `page_size` caps every page of ElastiCache and
    Cloud Foundry. An update that is applied over the API takes `update_seconds` on each group. The dates of updates
    are counted from `today`, which is the present day unless given.
    """

    instances: int = 57
    seed: int = 1
    region: str = "eu-west-1"
    port: int = 0
    page_size: int | None = None
    token_seconds: float = 1200
    scopes: tuple[str, ...] = ("cloud_controller.global_auditor",)
    update_seconds: float = 10
    faults: tuple[str, ...] = ()
    today: date | None = None
    notify: Settings = field(default_factory=Settings)


class Sandbox:
    """Serves while it is entered. `clock` answers seconds since the epoch; expiry and signatures go by it."""

    def __init__(self, options: Options, clock: Callable[[], float] = time.time) -> None:
        today = options.today or datetime.now(UTC).date()
        self.world = World(generate(options.instances, options.seed, options.region, today), clock)
        self.updates = Updates(self.world, options.update_seconds)
        self.tenants = Tenants(self.world, options.seed)
        self.journal = Journal()
        self.faults = Faults(options.seed)
        for fault in options.faults:
            self.faults.add(fault)
        self.signatures = Signatures(options.region, clock)
        self.tokens = Tokens(clock, options.token_seconds, options.scopes)
        self.notify = Notify(options.notify, clock)
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
        return {
            "AWS_REGION": self.options.region,
            "AWS_ACCESS_KEY_ID": credentials.AWS_ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": credentials.AWS_SECRET_ACCESS_KEY,
            "AWS_ENDPOINT_URL_ELASTICACHE": self.origins["elasticache"],
            "AWS_ENDPOINT_URL_STS": self.origins["elasticache"],
            "CF_API_ADDRESS": self.origins["cloudfoundry"],
            "CF_CLIENT_ID": credentials.CF_CLIENT_ID,
            "CF_CLIENT_SECRET": credentials.CF_CLIENT_SECRET,
            "PAAS_ACCOUNTS_URL": self.origins["accounts"],
            "PAAS_ACCOUNTS_USERNAME": credentials.PAAS_ACCOUNTS_USERNAME,
            "PAAS_ACCOUNTS_PASSWORD": credentials.PAAS_ACCOUNTS_PASSWORD,
            "NOTIFY_API_KEY": credentials.NOTIFY_KEYS["live"],
            "NOTIFY_BASE_URL": self.origins["notify"],
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
        systems: dict[int, System] = {
            ports["elasticache"]: ElastiCache(self.world, self.updates, self.signatures, page_size),
            ports["uaa"]: Uaa(self.tokens),
            ports["cloudfoundry"]: CloudFoundry(self.world, self.tokens, self.origins["uaa"], page_size),
            ports["accounts"]: Accounts(self.world),
            ports["notify"]: self.notify,
        }
        control = Control(
            self.world, self.updates, self.tenants, self.faults, self.journal, self.tokens, self.signatures, self.notify
        )
        return Front(systems, control, foreign_origin=self.origins["accounts"])

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
        for connection in list(state.connections):
            connection.transport.abort()


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
