"""The alert fires in two regions, a window is carried through in each, and what is left is what was asked to be left."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from sandbox.server import Options, Sandbox
from sandbox.truth import ServiceInstance, Truth
from tests.alerts.promtool import ALERTS
from tests.exporter_process import running_exporter
from tests.journeys.hurried_rules import hurried_rules
from tests.notifier_program import Program, crowded
from tests.servers import Prometheus, listening_receiver, running_alertmanager, running_prometheus, wait_until

UPDATE = "elasticache-urgent"
BACKLOG = "ElastiCacheUpdateBacklogAboveThreshold"
RATIO = "aws_region:paas_aws_elasticache_update_required:ratio"
SCHEDULABLE = "aws_region:paas_aws_elasticache_update_schedulable:ratio"
INHIBIT_RULES = yaml.safe_load((ALERTS / "alertmanager.example.yml").read_text())["inhibit_rules"]
REGIONS = {"Ireland": "eu-west-1", "London": "eu-west-2"}
DAY = datetime.now(UTC).date() + timedelta(days=20)
"""Before the update's apply-by date, which is 30 days after its release."""
ORGS = 6
BY_TELEPHONE, UNTOLD, SKIPPING, BUSY, FAILING = (f"org-{number:04}" for number in (5, 4, 1, 2, 3))


@dataclass(frozen=True)
class Region:
    """A sandbox with six orgs: one told by telephone, one not at all, one that skips the window."""

    name: str
    sandbox: Sandbox

    @property
    def window(self) -> tuple[str, ...]:
        when = ("--maintenance-window-date", DAY.isoformat(), "--maintenance-window-time-range", "0900-1100")
        return ("--region", self.name, *when)

    def instances(self, org: str) -> list[ServiceInstance]:
        truth = self.sandbox.world.truth
        spaces = {s.guid for s in truth.spaces.values() if truth.organizations[s.organization_guid].name == org}
        found = [i for i in truth.service_instances.values() if i.space_guid in spaces]
        return sorted(found, key=lambda instance: instance.guid)

    def group(self, org: str) -> str:
        return self.instances(org)[0].replication_group_id

    @property
    def asked_to_wait(self) -> ServiceInstance:
        return self.instances("org-0000")[0]

    @property
    def to_be_applied(self) -> set[str]:
        """The groups of all instances but those that are to be left alone."""
        left = {i.guid for org in (UNTOLD, SKIPPING) for i in self.instances(org)} | {self.asked_to_wait.guid}
        everybody = self.sandbox.world.truth.service_instances.values()
        return {i.replication_group_id for i in everybody if i.guid not in left} - {self.group(BUSY)}


@contextmanager
def region(name: str, seed: int) -> Iterator[Region]:
    options = Options(instances=24, seed=seed, region=REGIONS[name], node_seconds=0.4)
    with Sandbox(options) as sandbox:
        sandbox.updates.complete()
        sandbox.updates.release(UPDATE, severity="critical", estimated_update_time="1 minute per node")
        sandbox.world.change(crowded(managers=8, orgs=ORGS))
        sandbox.world.change(_nobody_manages({BY_TELEPHONE, UNTOLD}))
        found = Region(name, sandbox)
        sandbox.groups.set_status(found.group(BUSY), "snapshotting")
        sandbox.applying.fates.add("stops", target_id=found.group(FAILING))
        yield found


def _nobody_manages(orgs: set[str]) -> Callable[[Truth], Truth]:
    def changed(truth: Truth) -> Truth:
        roles = {g: r for g, r in truth.roles.items() if truth.organizations[r.organization_guid].name not in orgs}
        return replace(truth, roles=roles)

    return changed


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Region, Region]]:
    with region("Ireland", 1) as ireland, region("London", 2) as london:
        tables = [
            f"[[regions]]\nname = '{r.name}'\naws_region = '{REGIONS[r.name]}'\n"
            f"cf_api_address = '{r.sandbox.environment['CF_API_ADDRESS']}'\n"
            f"aws_endpoint_url_elasticache = '{r.sandbox.environment['AWS_ENDPOINT_URL_ELASTICACHE']}'\n"
            for r in (ireland, london)
        ]
        (tmp_path / "regions.toml").write_text("\n".join(tables))
        yield ireland, london


def accepted(of: Region) -> Counter[str]:
    """How often AWS took each group's update."""
    return Counter(
        a.target_id for a in of.sandbox.applying.attempts if a.call.startswith("BatchApply") and a.refused is None
    )


def share_waiting(of: Region) -> float:
    """Of the tenants' instances."""
    truth = of.sandbox.world.truth
    waiting = {key[1] for key, action in truth.update_actions.items() if action.status in ("not-applied", "stopped")}
    instances = truth.service_instances.values()
    return sum(i.replication_group_id in waiting for i in instances) / len(instances)


def plan_and_tell(notifier: Program, of: Region) -> None:
    printed = notifier.run("print", *of.window, "--format", "json")
    assert printed.status == 0, printed.err
    assert len(printed.document["orgs"]) == ORGS
    told = notifier.run("email", "--yes", *of.window)
    assert told.status == 1, told.err  # two orgs have nobody
    assert UNTOLD in told.out
    by_telephone = notifier.run("told", BY_TELEPHONE, "--how", "by telephone", *of.window)
    assert by_telephone.status == 0, by_telephone.err
    scheduled = notifier.run("schedule", *of.window)
    assert scheduled.status == 0, scheduled.err
    instance = of.asked_to_wait
    until = (DAY + timedelta(days=9)).isoformat()
    for wish in ((instance.guid, "--until", until), ("--org", SKIPPING, "--skip-window")):
        deferred = notifier.run("defer", "add", *wish, "--reason", "an election", *of.window)
        assert deferred.status == 0, deferred.err


def apply_and_crash(notifier: Program, of: Region) -> None:
    """Killed after the third group has begun, run again until nothing of ours is under way."""
    command = ("apply", "--yes", *of.window, "--outside-window", "the test's clock is yours", "--poll-interval", "1")
    command = (*command, "--canaries", "0", "--max-in-flight", "3", "--max-failures", "1", "--format", "json")
    first = notifier.start(*command)
    wait_until(lambda: len(accepted(of)) >= 3 or first.poll() is not None, first.poll)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert len(accepted(of)) < len(of.to_be_applied)
    second = notifier.run(*command)
    assert second.status == 1, second.err
    outcomes = Counter(group["outcome"] for group in second.document["groups"])
    assert outcomes["failed"] == 1, second.out
    assert outcomes["complete"] == len(of.to_be_applied) - 1
    reasons = Counter(group["reason"] for group in second.document["groups"] if group["outcome"] == "skipped")
    assert reasons["deferred"] == len(of.instances(SKIPPING)) + 1
    assert reasons["not_told"] == len(of.instances(UNTOLD))
    assert reasons["not_available"] == 1


def assert_told_as_it_was(notifier: Program, of: Region) -> None:
    checklist = notifier.run("checklist", *of.window, "--format", "json")
    assert checklist.status == 0, checklist.err
    states = {step["name"]: step["state"] for step in checklist.document["steps"]}
    assert states == {
        "chosen": "done",
        "told": "partly",
        "status_page": "done",
        "deferrals": "done",
        "applied": "problem",
        "left_over": "open",
    }, checklist.out


def wait_for(prometheus: Prometheus, expression: str, of: Region, value: float) -> None:
    of_region = f'{expression}{{aws_region="{REGIONS[of.name]}"}}'
    wait_until(
        lambda: prometheus.values(of_region) == pytest.approx([value], abs=1e-4),
        lambda: (expression, of.name, value, prometheus.series(expression)),
    )


def test_from_the_alert_to_two_windows_closed(both: tuple[Region, Region], tmp_path: Path) -> None:
    """No group is started twice or against anybody's wish; alert, fraction and checklist follow what is true at AWS."""
    environment = {
        **both[0].sandbox.environment,
        "REGIONS_FILE": str(tmp_path / "regions.toml"),
        "LEDGER_URL": f"sqlite:///{tmp_path}/ledger.sqlite3",
        "NOTIFY_SETTLE_SECONDS": "0.4",
    }
    for name in ("AWS_REGION", "CF_API_ADDRESS", "AWS_ENDPOINT_URL_ELASTICACHE"):
        del environment[name]
    notifier = Program(environment)
    assert notifier.run("ledger", "check").status == 0
    with ExitStack() as stack:
        exporter = stack.enter_context(running_exporter(tmp_path, environment, {"POLL_INTERVAL": "1"}))
        receiver = stack.enter_context(listening_receiver())
        alertmanager = stack.enter_context(running_alertmanager(tmp_path, receiver, INHIBIT_RULES))
        rules = hurried_rules(tmp_path, times=300)
        target = exporter.url.removeprefix("http://")
        prometheus = stack.enter_context(running_prometheus(tmp_path, [target], rules, alertmanager))

        for of in both:
            receiver.wait_for_region(BACKLOG, "firing", REGIONS[of.name])
            wait_for(prometheus, RATIO, of, share_waiting(of))
        for of in both:
            plan_and_tell(notifier, of)
        for of in both:  # a window is planned that begins in time
            receiver.wait_for_region(BACKLOG, "resolved", REGIONS[of.name])
        for of in both:
            apply_and_crash(notifier, of)
            assert accepted(of) == Counter(of.to_be_applied), of.name
            wait_for(prometheus, RATIO, of, share_waiting(of))
            assert_told_as_it_was(notifier, of)
            left = {UNTOLD: len(of.instances(UNTOLD)), BUSY: 1, FAILING: 1}
            instances = len(of.sandbox.world.truth.service_instances)
            wait_for(prometheus, SCHEDULABLE, of, sum(left.values()) / instances)
    assert len(both[0].sandbox.statuspage.page.incidents) == len(REGIONS)
    assert not both[0].sandbox.statuspage.page.notices
