"""An org that does not exist, to see what a mail looks like before anybody's real one is touched."""

from fleet.inventory import ServiceInstance, ServiceUpdate
from notifier.affected import AffectedInstance, AffectedOrg

_UPDATE = ServiceUpdate(
    name="elasticache-example-update",
    status="available",
    severity="important",
    type="security-update",
    engine="redis, valkey",
    description="An example of what AWS says about a service update",
)


def invented_org() -> AffectedOrg:
    return AffectedOrg(
        guid="00000000-0000-4000-8000-000000000000",
        name="example-org",
        instances=(
            _instance("00000000-0000-4000-8000-000000000001", "example-cache", "tiny-ha", is_highly_available=True),
            _instance("00000000-0000-4000-8000-000000000002", "example-queue", "tiny", is_highly_available=False),
        ),
    )


def _instance(guid: str, name: str, plan_name: str, *, is_highly_available: bool) -> AffectedInstance:
    return AffectedInstance(
        ServiceInstance(
            guid=guid,
            name=name,
            plan_name=plan_name,
            space_guid="00000000-0000-4000-8000-000000000003",
            space_name="example-space",
            org_guid="00000000-0000-4000-8000-000000000000",
            org_name="example-org",
        ),
        is_highly_available,
        (_UPDATE,),
    )
