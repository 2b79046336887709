"""The notifier as operators run it: a process of its own, against a sandbox, with a ledger of the test's."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from sandbox.notify.mails import Mail
from sandbox.server import Sandbox
from sandbox.state import required
from sandbox.truth import Account, Organization, Role, ServiceInstance, Space, Truth, User

_DEADLINE_SECONDS = 110
WINDOW_DATE = datetime.now(UTC).date() + timedelta(days=40)
WINDOW = (
    *("--region", "Ireland"),
    *("--maintenance-window-date", WINDOW_DATE.isoformat()),
    *("--maintenance-window-time-range", "0900-1100"),
)


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = msgspec.json.decode(self.out)
        return document


@dataclass(frozen=True)
class Program:
    """`environment` is the whole of what the sandbox and the test say; the rest is the machine's."""

    environment: Mapping[str, str]
    preexec: Callable[[], None] | None = None
    """Runs in the new process first."""

    def with_environment(self, **variables: str) -> "Program":
        return replace(self, environment={**self.environment, **variables})

    def without(self, *names: str) -> "Program":
        return replace(self, environment={n: v for n, v in self.environment.items() if n not in names})

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "notifier", *arguments],
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=self.preexec,  # noqa: PLW1509 — it only sets a limit
        )

    def run(self, *arguments: str) -> Ended:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=_DEADLINE_SECONDS)
        return Ended(process.returncode, out, err)

    def email(self, *arguments: str) -> Ended:
        return self.run("email", "--yes", *WINDOW, *arguments)


def program(sandbox: Sandbox, ledger_url: str, **variables: str) -> Program:
    return Program({**sandbox.environment, "LEDGER_URL": ledger_url, "NOTIFY_SETTLE_SECONDS": "0.4", **variables})


def kill_when(process: "subprocess.Popen[str]", is_time: Callable[[], bool], then_seconds: float = 0.0) -> bool:
    """SIGKILL so many seconds after it was time. False if the process ended before."""
    kill_at: float | None = None
    while process.poll() is None:
        if kill_at is None and is_time():
            kill_at = time.monotonic() + then_seconds
        if kill_at is not None and time.monotonic() >= kill_at:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            return True
        time.sleep(0.001)
    process.communicate()
    return False


def sends(sandbox: Sandbox) -> int:
    """Requests to send a mail that have arrived, whatever came of them."""
    return sum(entry.method == "POST" for entry in sandbox.journal.entries("notify"))


def mails_by_org_and_address(sandbox: Sandbox) -> Counter[tuple[str, str]]:
    """The orgs' names in these platforms are plain, so that they stand in the mail as they are."""
    return Counter((_org_named_in(mail), mail.email_address) for mail in sandbox.notify.mails)


def _org_named_in(mail: Mail) -> str:
    contents = str(mail.personalisation["contents"])
    return contents.partition("manage the organisation ")[2].partition(" on our platform")[0]


def expected_mails(truth: Truth) -> dict[tuple[str, str], set[str]]:
    """From the sandbox's own truth: for each org and address, the names of the instances that wait."""
    waiting: dict[str, set[str]] = defaultdict(set)
    for row in required(truth):
        guid = row["service_instance_guid"]
        update = truth.service_updates[str(row["service_update_name"])]
        if guid is not None and update.type != "engine-major-version-update":
            instance = truth.service_instances[str(guid)]
            waiting[truth.spaces[instance.space_guid].organization_guid].add(instance.name)
    mails: dict[tuple[str, str], set[str]] = {}
    for role in truth.roles.values():
        organization = truth.organizations[role.organization_guid]
        account = truth.accounts.get(role.user_guid)
        is_manager = role.type == "organization_manager" and not organization.is_suspended
        if is_manager and account and account.user_email and organization.guid in waiting:
            mails[organization.name, account.user_email] = waiting[organization.guid]
    return mails


def crowded(managers: int, orgs: int) -> Callable[[Truth], Truth]:
    """
    The platform with so many people added, who manage so many new orgs in turn; every org has one instance that waits.

    The instances take over the groups of those that were there, so that AWS's side stays as it is.
    """

    def changed(truth: Truth) -> Truth:
        moment = datetime(2024, 1, 1, tzinfo=UTC)
        numbers = range(orgs)
        organizations = {f"org-{n}": Organization(f"org-{n}", f"org-{n:04}", moment) for n in numbers}
        spaces = {f"space-{n}": Space(f"space-{n}", "production", f"org-{n}", moment) for n in numbers}
        people = [f"00000000-0000-4000-8000-{n:012}" for n in range(managers)]
        users = {guid: User(guid, f"person.{n}@example.org", "uaa", moment) for n, guid in enumerate(people)}
        roles = {
            f"role-{n}": Role(f"role-{n}", "organization_manager", guid, f"org-{n % orgs}", moment)
            for n, guid in enumerate(people)
        }
        accounts = {guid: Account(guid, f"person.{n}@example.org", None) for n, guid in enumerate(people)}
        instances = [i for i in truth.service_instances.values() if _waits(truth, i)]
        moved = {i.guid: replace(i, space_guid=f"space-{n % orgs}") for n, i in enumerate(instances)}
        return replace(
            truth,
            organizations=organizations,
            spaces=spaces,
            users=users,
            roles=roles,
            accounts=accounts,
            service_instances=moved,
        )

    return changed


def _waits(truth: Truth, instance: ServiceInstance) -> bool:
    """For an update that a maintenance is about."""
    if instance.plan_guid is None:
        return False
    waiting = (
        truth.service_updates[action.service_update_name]
        for action in truth.update_actions.values()
        if action.target_id == instance.replication_group_id and action.status in ("not-applied", "stopped")
    )
    return any(
        update.status == "available" and update.type != "engine-major-version-update" and update.engine != "memcached"
        for update in waiting
    )
