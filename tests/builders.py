"""Values for tests, with defaults, so that each test shows only what it is about."""

from dataclasses import replace
from datetime import UTC, date, datetime

from fleet.inventory import QuotaUse, ReplicationGroup, ServiceInstance, ServiceUpdate, UpdateAction
from fleet.survey import Survey
from ledger.deferral import Deferral, Target
from ledger.maintenance_key import MaintenanceKey
from ledger.outlook import Outlook, planned_window
from ledger.update_record import UpdateState

TAKEN_AT = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def service_update(name: str = "redis-1", **changes: object) -> ServiceUpdate:
    facts: dict[str, object] = {
        "status": "available",
        "severity": "important",
        "type": "security-update",
        "engine": "redis, valkey",
        "released_at": datetime(2026, 5, 1, tzinfo=UTC),
        "recommended_apply_by": datetime(2026, 6, 15, tzinfo=UTC),
        "ends_at": datetime(2026, 12, 1, tzinfo=UTC),
        "estimated_update_time": "30 minutes per node",
    }
    return ServiceUpdate(name, **(facts | changes))  # type: ignore[arg-type] # fields by name


def service_instance(guid: str, name: str = "cache", org: str = "org", space: str = "space") -> ServiceInstance:
    return ServiceInstance(
        guid=guid,
        name=name,
        plan_name="tiny-5.x",
        space_guid=f"{org}-{space}-guid",
        space_name=space,
        org_guid=f"{org}-guid",
        org_name=org,
    )


def group_of(instance: ServiceInstance, nodes: int = 1) -> ReplicationGroup:
    return group(instance.replication_group_id, nodes)


def group(id_: str, nodes: int = 1, *, engine: str = "redis", failover: bool = True) -> ReplicationGroup:
    return ReplicationGroup(id_, "available", engine, nodes, failover, aws_account_id="123456789012")


def action(update: str, group_id: str, status: str = "not-applied") -> UpdateAction:
    return UpdateAction(update, group_id, status, 0, 1, datetime(2026, 5, 2, tzinfo=UTC))


def survey(**parts: object) -> Survey:
    facts: dict[str, object] = {
        "aws_region": "eu-west-1",
        "taken_at": TAKEN_AT,
        "service_updates": (),
        "update_actions": (),
        "replication_groups": (),
        "service_instances": (),
        "quota_use": QuotaUse(cache_nodes_count=0, cache_parameter_groups_count=0),
    }
    return Survey(**(facts | parts))  # type: ignore[arg-type] # fields by name


def small_survey(aws_region: str = "eu-west-1") -> Survey:
    """
    Three instances: one with two updates waiting and two nodes, one up to date, one that AWS does not know.
    Beside them a group of no tenant that waits, a memcached node, and an update for memcached only.
    """
    waiting = service_instance("guid-1", 'say "cheese"\nplease', org="back\\slash", space="café ☕")
    done = service_instance("guid-10", org="b")
    unknown = service_instance("00000000-0000-0000-0000-000000000001", org="b", space="<script>alert(1)</script>")
    updates = (
        service_update("memcached-1", engine="memcached"),
        service_update("redis-1"),
        service_update(
            "redis-2",
            severity="critical",
            engine="Redis",
            auto_update_after_recommended_apply_by=True,
            ends_at=None,
        ),
    )
    return survey(
        aws_region=aws_region,
        service_updates=updates,
        update_actions=(
            action("memcached-1", done.replication_group_id),
            action("redis-1", waiting.replication_group_id),
            action("redis-1", done.replication_group_id, "complete"),
            action("redis-1", "cf-nobodys"),
            action("redis-2", waiting.replication_group_id, "stopped"),
            action("redis-2", done.replication_group_id, "in-progress"),
        ),
        replication_groups=(group_of(waiting, 2), group_of(done), group("cf-nobodys", 3, engine="valkey")),
        quota_use=QuotaUse(cache_nodes_count=8, cache_parameter_groups_count=2),
        service_instances=(unknown, waiting, done),
    )


def deferral(guid: str, aws_region: str = "eu-west-1", **changes: object) -> Deferral:
    """Of an instance, until 1 July 2026."""
    facts: dict[str, object] = {
        "id": 1,
        "aws_region": aws_region,
        "target": Target.INSTANCE,
        "guid": guid,
        "name": "as it was called then",
        "org_guid": "the org's guid then",
        "org_name": "as the org was called then",
        "until": date(2026, 7, 1),
        "time_zone": "Europe/London",
        "window_key": None,
        "reason": "an election",
        "ticket": None,
        "added_at": TAKEN_AT,
        "added_by": "ada",
    }
    return Deferral(**(facts | changes))  # type: ignore[arg-type] # fields by name


def small_outlook() -> Outlook:
    """Of the small survey's instances the one for which updates wait is deferred, and a window is planned."""
    key = MaintenanceKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1")
    return Outlook((deferral("guid-1"),), (replace(planned_window(key), updates={UpdateState.COMPLETE: 11}),))
