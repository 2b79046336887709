"""What an operator may ask of an apply. Pure."""

from dataclasses import dataclass, field

from fleet.inventory import ServiceInstance
from notifier.affected import Selection


@dataclass(frozen=True)
class ApplyOptions:
    selection: Selection = field(default_factory=Selection)
    only_instances: frozenset[str] = frozenset()
    """Guids; empty means every one."""
    groups: frozenset[str] = frozenset()
    """Ids of groups that no instance claims, to be touched beside the tenants' own."""
    canaries: int = 1
    max_in_flight: int = 20
    max_failures: int = 0
    outside_window_reason: str | None = None
    include_untold_reason: str | None = None

    def names(self, group_id: str, instance: ServiceInstance | None) -> bool:
        """Whether exactly this one was asked for, which takes up even what has failed in the window before."""
        return group_id in self.groups or (instance is not None and instance.guid in self.only_instances)

    def has_group(self, group_id: str, instance: ServiceInstance | None) -> bool:
        """Whether it is among those asked for. What nobody claims is, unless orgs or instances were chosen."""
        if group_id in self.groups:
            return True
        if instance is None:
            return not (self.selection.only_orgs or self.only_instances)
        if self.only_instances and instance.guid not in self.only_instances:
            return False
        return self.selection.has_org(instance)
