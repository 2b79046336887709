"""The same conduct over HTTP and on a real ledger: a whole window in seconds, because the sandbox's clock is advanced."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fleet.aws.client import elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.region import Region
from fleet.surveyor import Surveyor
from fleet.tally import Tally
from ledger.check import problems
from ledger.deferral import Deferral, Target
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.updates import Overrides, WindowUpdates, region_hold, update_records
from ledger.who_was_told import Notice, Told
from notifier.apply.actions import Actions
from notifier.apply.conduct import Conduct
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import LedgerFacts, apply_plan
from notifier.apply.result import Conducted
from notifier.apply.surroundings import Surroundings
from notifier.window import MaintenanceWindow
from sandbox.applying import APPLY
from sandbox.generate.updates import Backlog
from sandbox.server import Options, Sandbox
from tests.notifier.apply.simulated_aws import Killed
from tests.region_of import region_of

TOO_EARLY = timedelta(days=30)


@dataclass
class OnSandbox:
    sandbox: Sandbox
    ledger_url: str
    deferred: tuple[str, ...] = ()
    kill_after: int | None = None
    before_call: Callable[[], None] | None = None
    """Done once, between AWS's listing and a call."""

    def __post_init__(self) -> None:
        starts_at = self.now().astimezone(ZoneInfo("Europe/London")) - timedelta(minutes=1)
        self.window = MaintenanceWindow(starts_at, starts_at + timedelta(hours=4))
        self.key = MaintenanceKey(self.window.key, "eu-west-1")
        endpoint = self.sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"]
        region = region_of(self.sandbox)
        self.region: Region = replace(region, aws=replace(region.aws, elasticache_endpoint_url=endpoint))
        self.instances = Surveyor(self.region).survey().service_instances

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.sandbox.clock.now(), UTC)

    def run(self, options: ApplyOptions | None = None) -> Conducted:
        """One run of the command: a survey, a plan, and carrying it out."""
        chosen = options or ApplyOptions(max_failures=2)
        tally = Tally()
        with (
            Ledger(self.ledger_url, self.now) as ledger,
            ledger.run("apply", "ada", holds=region_hold("eu-west-1")) as run,
        ):
            survey = Surveyor(self.region).survey()
            facts = LedgerFacts(self.deferrals(), self.told(), update_records(ledger, self.key))
            plan = apply_plan(survey, facts, self.window, self.now(), chosen)
            around = Surroundings(
                listings=ElastiCache(elasticache_client(self.region.aws, tally), tally),
                acting=Actions(self.region.aws, tally),
                book=WindowUpdates(ledger, run, self.key, Overrides()),
                deferrals=self.deferrals_now,
                told=self.told,
                now=self.now,
                pause=self.pause,
            )
            conduct = Conduct(plan, chosen, around, timedelta(seconds=30))
            for _ in conduct.pictures():
                pass
            return conduct.conducted()

    def pause(self, seconds: float) -> None:
        if self.kill_after is not None:
            self.kill_after -= 1
            if self.kill_after < 0:
                raise Killed
        self.sandbox.clock.advance(seconds)

    def told(self) -> Told:
        return Told(tuple(Notice(i.org_guid, frozenset({i.guid}), self.now() - TOO_EARLY) for i in self.instances))

    def deferrals_now(self) -> list[Deferral]:
        before_call, self.before_call = self.before_call, None
        if before_call is not None:
            before_call()
        return self.deferrals()

    def deferrals(self) -> list[Deferral]:
        return [
            Deferral(
                id=number,
                aws_region="eu-west-1",
                target=Target.INSTANCE,
                guid=instance.guid,
                name=instance.name,
                org_guid=instance.org_guid,
                org_name=instance.org_name,
                until=date(2999, 1, 1),
                time_zone="Europe/London",
                window_key=None,
                reason="election",
                ticket=None,
                added_at=self.now(),
                added_by="ada",
            )
            for number, instance in enumerate(self.instances)
            if instance.replication_group_id in self.deferred
        ]

    def begun(self) -> Counter[str]:
        """How often AWS began an update on each group at our call."""
        attempts = [a for a in self.sandbox.applying.attempts if a.call == APPLY and a.refused is None]
        return Counter(attempt.target_id for attempt in attempts)

    def claimed_waiting(self) -> list[str]:
        """Groups of tenants that an update waits for and that nothing else keeps busy."""
        truth = self.sandbox.world.truth
        claimed = {instance.replication_group_id for instance in self.instances}
        busy = {a.target_id for a in truth.update_actions.values() if a.status not in ("not-applied", "complete")}
        return sorted(
            {
                action.target_id
                for action in truth.update_actions.values()
                if action.target_id in claimed - busy
                and action.status == "not-applied"
                and truth.service_updates[action.service_update_name].status == "available"
                and truth.service_updates[action.service_update_name].type == "security-update"
                and truth.replication_groups[action.target_id].status == "available"
            }
        )


@pytest.fixture
def patient_sandbox() -> Iterator[Sandbox]:
    """Ten minutes a node; its clock stands still unless it is advanced."""
    with Sandbox(Options(instances=20, node_seconds=600, backlog=Backlog(share=1, each=2), speed=0)) as running:
        yield running


@pytest.fixture
def window(patient_sandbox: Sandbox, ledger_url: str) -> OnSandbox:
    return OnSandbox(patient_sandbox, ledger_url)


def test_a_whole_window_over_http(window: OnSandbox) -> None:
    """With a deferral, an update that stops by itself, and a group that is being saved."""
    deferred, failing, busy, *_ = window.claimed_waiting()
    window.deferred = (deferred,)
    window.sandbox.applying.fates.add("stops", target_id=failing)
    window.sandbox.groups.set_status(busy, "snapshotting")
    conducted = window.run()
    found = {group.subject.replication_group_id: (group.outcome, group.reason) for group in conducted.groups}
    assert (found[deferred], found[busy]) == (("skipped", "deferred"), ("skipped", "not_available"))
    assert found[failing] == ("failed", None)
    begun = window.begun()
    assert set(begun.values()) == {1}
    assert not {deferred, busy} & begun.keys()
    truth = window.sandbox.world.truth
    complete = {group for group, (outcome, _) in found.items() if outcome == "complete"}
    assert complete == begun.keys() - {failing}
    assert len(complete) > 5
    for result in conducted.groups:
        if result.outcome == "complete":
            assert truth.update_actions[result.subject.key[::-1]].status == "complete"
    with Ledger(window.ledger_url, window.now) as ledger:
        assert problems(ledger) == []


def test_killed_again_and_again_nothing_begins_twice(window: OnSandbox) -> None:
    """With lost answers beside it."""
    window.sandbox.faults.add("elasticache/BatchApplyUpdateAction:accepted-then-dropped,next=2")
    window.sandbox.faults.add("elasticache/BatchApplyUpdateAction:status:500,next=1")
    for kill_after in (0, 1, 3, 2, 5):
        window.kill_after = kill_after
        with pytest.raises(Killed):
            window.run()
    window.kill_after = None
    conducted = window.run()
    assert {group.outcome.value for group in conducted.groups} <= {"complete", "skipped"}
    assert set(window.begun().values()) == {1}
    assert len(window.begun()) > 5


@pytest.mark.parametrize(
    ("unavailable", "expected"), [("unprocessed", "refused"), ("refused", "skipped"), ("waits", "complete")]
)
def test_a_group_that_is_busy_suddenly_keeps_nobody_back(
    patient_sandbox: Sandbox, sqlite_url: str, unavailable: str, expected: str
) -> None:
    """Between the listing and the call, in each of the ways in which AWS may answer for it."""
    window = OnSandbox(patient_sandbox, sqlite_url)
    busy = window.claimed_waiting()[3]
    patient_sandbox.applying.change(unavailable=unavailable)
    window.before_call = lambda: patient_sandbox.groups.set_status(busy, "snapshotting", 60)
    conducted = window.run(ApplyOptions(canaries=0, max_in_flight=200, max_failures=2))
    found = {group.subject.replication_group_id: group.outcome.value for group in conducted.groups}
    assert found.pop(busy) == expected
    assert Counter(found.values())["complete"] > 5
    assert not {"failed", "refused", "not_reached"} & set(found.values())


def test_two_hundred_groups_take_ten_calls_and_a_poll_is_one_listings_pages(sqlite_url: str) -> None:
    """Whatever the number of groups: no call is made for a single one."""
    options = Options(instances=230, node_seconds=60, backlog=Backlog(share=1, each=1), speed=0)
    with Sandbox(options) as large:
        window = OnSandbox(large, sqlite_url)
        polls: list[Counter[str]] = []
        asked = Counter[str]()

        def pause(seconds: float) -> None:
            nonlocal asked
            now = Counter(entry.call for entry in large.journal.entries("elasticache"))
            polls.append(now - asked)
            asked = now
            large.clock.advance(seconds)

        window.pause = pause  # type: ignore[method-assign] # this stand-in behaves otherwise
        conducted = window.run(ApplyOptions(canaries=0, max_in_flight=230, max_failures=9))
        begun = window.begun()
        assert len(begun) > 150
        assert set(begun.values()) == {1}
        updates = {group.subject.service_update for group in conducted.groups}
        actions = len([a for a in large.world.truth.update_actions.values() if a.service_update_name in updates])
        pages = actions // 100 + len(updates)
        for poll in polls[1:]:
            assert poll.keys() <= {"DescribeUpdateActions"}
            assert poll["DescribeUpdateActions"] <= pages
        calls = sum(entry.call == APPLY for entry in large.journal.entries("elasticache"))
        by_update = Counter(group.subject.service_update for group in conducted.groups if group.run_id is not None)
        assert calls <= sum(-(-count // 20) for count in by_update.values())
