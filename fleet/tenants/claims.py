"""Finds each service instance's replication group. A pure join."""

import sys
from collections.abc import Iterable
from dataclasses import replace

from fleet.inventory import ServiceInstance
from fleet.tenants.tenancy import Tenancy


def claimed(tenancy: Tenancy, instances: Iterable[ServiceInstance]) -> tuple[ServiceInstance, ...]:
    """
    The instances with the ids of their groups, whether AWS knows these groups or not.

    To be called once a survey: deriving the ids takes longer than everything else that we do with instances.
    """
    id_of = tenancy.group_ids.id_of
    return tuple(replace(instance, replication_group_id=sys.intern(id_of(instance.guid))) for instance in instances)
