"""What of a window is to be applied, as the operator gave it on the command line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from fleet.inventory import ServiceInstance
from fleet.program.aws_settings import agreed_apply_role
from fleet.region import Region
from notifier.affected import Selection
from notifier.apply.options import ApplyOptions
from notifier.instance_names import named_instance


@dataclass(frozen=True)
class ApplyArguments:
    canaries: int
    max_in_flight: int
    max_failures: int
    only_instance: tuple[str, ...]
    group: tuple[str, ...]
    include_untold: str | None
    outside_window: str | None
    status_page: bool
    poll_interval: float
    aws_apply_role_arn: str | None

    def options(self, selection: Selection, instances: Sequence[ServiceInstance]) -> ApplyOptions:
        """Raises ConfigurationError for an instance that there is not, or not one only."""
        return ApplyOptions(
            selection=selection,
            only_instances=frozenset(named_instance(n, instances, "--only-instance").guid for n in self.only_instance),
            groups=frozenset(self.group),
            canaries=self.canaries,
            max_in_flight=self.max_in_flight,
            max_failures=self.max_failures,
            outside_window_reason=self.outside_window,
            include_untold_reason=self.include_untold,
        )

    def acting(self, region: Region) -> Region:
        """With the role that applies. Raises ConfigurationError where it is no role, or not the region's."""
        role = agreed_apply_role(self.aws_apply_role_arn, region.aws_apply_role_arn, region.name)
        return replace(region, aws_apply_role_arn=role)

    @property
    def interval(self) -> timedelta:
        return timedelta(seconds=self.poll_interval)
