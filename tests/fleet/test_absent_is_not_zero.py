"""Nothing that is missing looks as if nothing waited: a wrong setting, another platform's instances, an empty list."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace

import pytest

from fleet.errors import ConfigurationError, RemoteError
from fleet.survey import Survey
from fleet.surveyor import Surveyor
from fleet.tenants.belonging import refuse_mismatch
from fleet.tenants.claims import Claims
from fleet.tenants.tags import TenantTags
from fleet.tenants.tenancy import Tenancy
from sandbox.server import Options, Sandbox
from sandbox.truth import ServiceInstance
from tests.builders import action, group, group_of, service_instance, service_update, survey
from tests.exporter_process import environment_of
from tests.region_of import region_of


def surveyed(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, **settings: str) -> Survey:
    monkeypatch.setenv("AWS_ENDPOINT_URL_ELASTICACHE", sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"])
    return Surveyor(region_of(sandbox, settings=settings)).survey()


def add_offering_of_another_broker(sandbox: Sandbox, name: str = "redis") -> tuple[str, int]:
    """An offering of the same name, whose instances are none of ElastiCache's. Its broker, and how many there are."""
    truth = sandbox.world.truth
    offering = next(o for o in truth.service_offerings.values() if o.name == "redis")
    plan = next(p for p in truth.service_plans.values() if p.offering_guid == offering.guid)
    other = replace(offering, guid="other", name=name, broker_name="shared, redis", broker_guid="other-broker")
    other_plan = replace(plan, guid="other-plan", offering_guid=other.guid)
    known = next(i for i in truth.service_instances.values() if i.plan_guid == plan.guid)
    instances = [replace(known, guid=f"other-{number}", plan_guid=other_plan.guid) for number in range(20)]
    sandbox.world.change(
        lambda truth: replace(
            truth,
            service_offerings={**truth.service_offerings, other.guid: other},
            service_plans={**truth.service_plans, other_plan.guid: other_plan},
            service_instances={**truth.service_instances, **{i.guid: i for i in instances}},
        )
    )
    return other.broker_name, len(instances)


def without_instances(sandbox: Sandbox) -> None:
    sandbox.world.change(lambda truth: replace(truth, service_instances={}))


WRONG_SETTINGS = [
    ({"cf_service_offerings": "rediss"}, "CF_SERVICE_OFFERINGS 'rediss': Cloud Foundry has no such service offering"),
    ({"cf_service_offerings": "rediss"}, "it has postgres, redis"),
    ({"cf_service_offerings": "redis,Valkey"}, "CF_SERVICE_OFFERINGS 'Valkey'"),
    ({"cf_service_offerings": "postgres"}, "do not seem to belong together"),
    (
        {"cf_service_brokers": "elasticache"},
        "CF_SERVICE_BROKERS 'elasticache': Cloud Foundry has no such service broker",
    ),
    ({"cf_service_brokers": "rds-broker"}, "that broker offers postgres"),
    ({"cf_service_brokers": "elasticache-broker,typo"}, "CF_SERVICE_BROKERS 'typo'"),
    ({"cf_service_brokers": "elasticache-broker", "cf_service_offerings": "redis,postgres"}, "'postgres'"),
]


@pytest.mark.parametrize(("settings", "message"), WRONG_SETTINGS)
def test_a_setting_that_means_nobodys_instances_is_a_wrong_one(
    settings: dict[str, str], message: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken as it is, it finds no instance, and nothing waits for none: an all-clear above groups that wait."""
    with pytest.raises(ConfigurationError, match=message):
        surveyed(sandbox, monkeypatch, **settings)


def test_an_offering_without_plans_is_there_all_the_same(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker may bring its plans later."""
    truth = sandbox.world.truth
    bare = replace(next(iter(truth.service_offerings.values())), guid="bare", name="valkey")
    sandbox.world.change(lambda t: replace(t, service_offerings={**t.service_offerings, "bare": bare}))
    both = surveyed(sandbox, monkeypatch, cf_service_offerings="redis,valkey")
    assert both.service_instances == surveyed(sandbox, monkeypatch).service_instances


def test_a_list_without_instances_is_not_believed_while_their_groups_wait(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS still has the groups of a broker like ours, so somebody's instances are behind them."""
    without_instances(sandbox)
    with pytest.raises(ConfigurationError, match=r"has no instances .* wait for \d+ replication groups that a broker"):
        surveyed(sandbox, monkeypatch)


def test_a_list_without_groups_is_not_believed_while_there_are_instances(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of the two lists it is that is empty."""
    sandbox.world.change(lambda truth: replace(truth, replication_groups={}, update_actions={}))
    with pytest.raises(ConfigurationError, match="do not seem to belong together"):
        surveyed(sandbox, monkeypatch)


def test_another_brokers_instances_are_left_out_where_ours_is_named(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Two brokers may have an offering of one name; the other's instances never wait, and dilute the share that does."""
    before = surveyed(sandbox, monkeypatch)
    broker, count = add_offering_of_another_broker(sandbox)
    diluted = surveyed(sandbox, monkeypatch)
    assert len(diluted.service_instances) == len(before.service_instances) + count
    assert diluted.waiting_fraction < before.waiting_fraction
    assert "CF_SERVICE_BROKERS" in caplog.text

    caplog.clear()
    ours = surveyed(sandbox, monkeypatch, cf_service_brokers="elasticache-broker")
    assert ours.service_instances == before.service_instances
    assert ours.waiting_fraction == before.waiting_fraction
    usual = region_of(sandbox)
    assert usual.cloudfoundry is not None
    of_both = replace(usual.cloudfoundry, service_brokers=("elasticache-broker", broker))
    region = replace(usual, cloudfoundry=of_both)
    assert Surveyor(region).survey().service_instances == diluted.service_instances
    assert caplog.text == ""


def test_an_instance_of_a_kind_that_is_new_does_not_vanish(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has a plan of ours, so it is one of ours, whatever Cloud Foundry calls its type one day."""
    before = surveyed(sandbox, monkeypatch)
    monkeypatch.setattr(ServiceInstance, "type", property(lambda instance: "hosted" if instance.plan_guid else "x"))
    assert surveyed(sandbox, monkeypatch).service_instances == before.service_instances


WAITING = service_update("redis-1")


@pytest.mark.parametrize("tags", [TenantTags(org="owner"), TenantTags()])
def test_lists_of_awss_that_contradict_each_other_are_refused(tags: TenantTags) -> None:
    """Groups for which updates wait exist: a list of groups without them is not whole, whoever says whose they are."""
    waiting = tuple(f"group-{number}" for number in range(10))
    for known, is_refused in ((0, True), (1, True), (2, False), (10, False)):
        found = survey(
            service_updates=(WAITING,),
            update_actions=tuple(action("redis-1", group_id) for group_id in waiting),
            replication_groups=tuple(group(group_id) for group_id in waiting[:known]),
        )
        nobodys = Claims(instances=(), groups_count=0)
        if is_refused:
            with pytest.raises(RemoteError, match=f"it lists {known} groups, but updates wait for {10 - known} others"):
                refuse_mismatch(found, Tenancy(tags=tags), nobodys)
        else:
            refuse_mismatch(found, Tenancy(tags=tags), nobodys)


def seen(instances: int, known: int, waiting: tuple[str, ...] = (), unclaimed: int = 0) -> Survey:
    there = tuple(service_instance(f"guid-{number}") for number in range(instances))
    return survey(
        service_updates=(WAITING,),
        update_actions=tuple(action("redis-1", group_id) for group_id in waiting),
        replication_groups=(
            *(group_of(instance) for instance in there[:known]),
            *(group(f"other-{number}") for number in range(unclaimed)),
        ),
        service_instances=there,
    )


OURS, SOMEBODYS = "cf-ux4xkdjccy5em", "sessions"


@pytest.mark.parametrize(
    ("found", "what"),
    [
        (seen(0, 0), "a platform that is new"),
        (seen(0, 0, waiting=(SOMEBODYS,)), "groups that no broker like ours has named"),
        (seen(2, 0), "instances that are just being made"),
        (seen(2, 0, waiting=(SOMEBODYS,)), "the same, beside others' groups"),
        (seen(2, 1, waiting=(OURS,)), "one that is just being made"),
        (seen(5, 1, waiting=(OURS,)), "a fifth"),
        (seen(100, 90, waiting=(OURS,)), "a platform with some orphans"),
    ],
)
def test_what_can_be_one_fleet_is_taken_for_one(found: Survey, what: str) -> None:
    """An exporter must not fail because a platform is small, or new."""
    assert what
    refuse_mismatch(found, Tenancy(), Claims(found.service_instances))


@pytest.mark.parametrize(
    "found",
    [
        seen(0, 0, waiting=(OURS,)),
        seen(1, 0, waiting=(OURS,)),
        seen(2, 0, waiting=(OURS, SOMEBODYS)),
        seen(3, 0),
        seen(9, 0, unclaimed=9),
        seen(6, 1),
        seen(100, 19, waiting=(OURS,)),
    ],
)
def test_what_cannot_be_one_fleet_is_refused(found: Survey) -> None:
    """The wrong people would be told, or nobody."""
    with pytest.raises(ConfigurationError):
        refuse_mismatch(found, Tenancy(), Claims(found.service_instances))


def ended(program: str, *arguments: str, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", program, *arguments],
        env=environment_of(environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("settings", [{"CF_SERVICE_OFFERINGS": "rediss"}, {"CF_SERVICE_OFFERINGS": "postgres"}, {}])
def test_neither_program_gives_an_all_clear(settings: dict[str, str], sandbox: Sandbox) -> None:
    """The exporter has no survey to publish, and says why; the notifier does nothing, and says the same."""
    if not settings:
        without_instances(sandbox)
    environment = {**sandbox.environment, **settings, "NOTIFY_API_KEY": ""}
    once = ended("exporter", "--once", environment=environment)
    assert once.returncode == 3
    assert "paas_aws_elasticache_" not in once.stdout
    assert "elasticache_update_exporter_last_survey_success" in once.stdout
    window = ("--maintenance-window-date", "2030-06-18", "--maintenance-window-time-range", "0900-1100")
    printed = ended("notifier", "print", *window, environment=environment)
    assert printed.returncode == 2
    assert printed.stdout == ""
    (line,) = printed.stderr.strip().splitlines()[-1:]
    assert "CF_SERVICE_OFFERINGS" in line or "belong together" in line
    assert "Traceback" not in once.stderr + printed.stderr


@pytest.mark.parametrize(
    ("platform", "settings", "said"),
    [
        ("csb", {"REPLICATION_GROUP_ID": "cf-{fnv1a}", "TENANT_TAGS": ""}, "; set it to csb{guid}"),
        ("tags", {"TENANT_TAGS": "org=ownr"}, "has the tag 'ownr'; tags there are application, "),
    ],
)
def test_settings_for_another_platform_are_no_all_clear_either(
    platform: str, settings: dict[str, str], said: str
) -> None:
    """The exporter's survey fails, and the notifier does nothing; both propose what would be right."""
    with Sandbox(Options(platform=platform, instances=10)) as sandbox:
        environment = {**sandbox.environment, **settings, "NOTIFY_API_KEY": ""}
        once = ended("exporter", "--once", environment=environment)
        window = ("--maintenance-window-date", "2030-06-18", "--maintenance-window-time-range", "0900-1100")
        printed = ended("notifier", "print", *window, environment=environment)
    assert once.returncode == 3
    assert "paas_aws_elasticache_" not in once.stdout
    assert "survey: none of " in once.stderr
    assert printed.returncode == 2
    assert printed.stdout == ""
    assert said in printed.stderr
    assert "Traceback" not in once.stderr + printed.stderr
