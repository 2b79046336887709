"""How much of an update is done: the groups that it is for, without those on which something is left to do."""

import pytest

from exporter.collectors.update_groups import is_for
from fleet.survey import Survey
from tests.builders import action, group, service_update, survey
from tests.exporter.test_collectors import exposed, samples

FOR = "paas_aws_elasticache_service_update_replication_groups"
BY_STATUS = "paas_aws_elasticache_update_actions"


@pytest.mark.parametrize(
    ("update", "of_group", "expected"),
    [
        ("redis", "redis", True),
        ("redis", "valkey", False),
        ("valkey", "redis", False),
        ("redis, valkey", "valkey", True),
        ("Redis, Memcached", "redis", True),
        ("Redis OSS", "redis", True),
        ("redis-oss,valkey", "redis", True),
        ("Redis OSS", "valkey", False),
        ("", "redis", True),
        ("ElastiCache", "redis", True),
        ("redis", "", True),
    ],
)
def test_an_update_is_for_the_groups_of_its_engines(update: str, of_group: str, *, expected: bool) -> None:
    """AWS writes an update's engine as free text; what it leaves open may be for the group."""
    assert is_for(service_update(engine=update), group("cf-1", engine=of_group)) is expected


@pytest.mark.parametrize("listed", [True, False], ids=["settled actions are listed", "settled actions are not listed"])
def test_done_is_the_same_whether_or_not_settled_actions_are_listed(*, listed: bool) -> None:
    """Nine groups of the update's engine: one waits, one is under way, one is planned by AWS, six are done."""
    unsettled = [
        action("redis-1", "cf-1"),
        action("redis-1", "cf-2", "in-progress"),
        action("redis-1", "cf-3", "scheduled"),
    ]
    settled = [action("redis-1", "cf-4", "complete"), action("redis-1", "cf-5", "not-applicable")]
    taken = survey(
        service_updates=(service_update("redis-1", engine="redis"),),
        update_actions=(*unsettled, *(settled if listed else ())),
        replication_groups=(
            *(group(f"cf-{number}", engine="redis") for number in range(1, 10)),
            group("cf-valkey", engine="valkey"),
        ),
    )
    assert done(taken) == {"redis-1": 6}
    statuses = {dict(labels)["status"]: value for name, labels, value in samples(exposed(taken)) if name == BY_STATUS}
    assert {status for status, value in statuses.items() if value} == {"not-applied", "in-progress", "scheduled"}
    assert not statuses.keys() & {"complete", "not-applicable"}


def test_done_is_never_below_zero() -> None:
    """AWS lists actions on groups that are of another engine, or deleted meanwhile; each is one of the update's groups."""
    taken = survey(
        service_updates=(service_update("redis-1", engine="redis"),),
        update_actions=(action("redis-1", "cf-valkey"), action("redis-1", "cf-gone", "stopped")),
        replication_groups=(group("cf-valkey", engine="valkey"),),
    )
    assert done(taken) == {"redis-1": 0}


def test_a_word_for_a_status_that_we_do_not_know_is_not_done() -> None:
    """A group in it counts under AWS's own word."""
    taken = survey(
        service_updates=(service_update("redis-1"),),
        update_actions=(action("redis-1", "cf-1", "paused"),),
        replication_groups=(group("cf-1"), group("cf-2")),
    )
    assert done(taken) == {"redis-1": 1}


def done(taken: Survey) -> dict[str, float]:
    """By update, as the dashboard asks for it."""
    found = samples(exposed(taken))
    groups = {dict(labels)["elasticache_service_update"]: value for name, labels, value in found if name == FOR}
    left = [(dict(labels)["elasticache_service_update"], value) for name, labels, value in found if name == BY_STATUS]
    return {update: count - sum(value for name, value in left if name == update) for update, count in groups.items()}
