"""How a region's settings say whose a replication group is."""

from dataclasses import dataclass

from fleet.tenants.group_id import GroupIds


@dataclass(frozen=True, slots=True)
class Words:
    """What the platform calls the two levels above an instance. JSON and metrics have names of their own."""

    org: str = "organisation"
    space: str = "space"


@dataclass(frozen=True, slots=True)
class Tenancy:
    group_ids: GroupIds = GroupIds()  # noqa: RUF009 — a value that never changes

    @property
    def words(self) -> Words:
        return Words()
