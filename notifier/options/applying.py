"""Options that say what of a window is applied, how much at once, and when it is halted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import click
import cloup

from fleet.errors import ConfigurationError
from fleet.inventory import ServiceInstance
from fleet.program.aws_settings import checked_role_arn
from fleet.program.grouping import grouped
from fleet.program.numbers import DecimalNumber, WholeNumber
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
        if self.aws_apply_role_arn is None:
            return region
        role = checked_role_arn("--aws-apply-role-arn", self.aws_apply_role_arn)
        if region.aws_apply_role_arn not in (None, role):
            raise ConfigurationError(
                f"--aws-apply-role-arn '{role}': REGIONS_FILE gives '{region.name}' another one,"
                f" {region.aws_apply_role_arn}; change one of them"
            )
        return replace(region, aws_apply_role_arn=role)

    @property
    def interval(self) -> timedelta:
        return timedelta(seconds=self.poll_interval)


class _Reason(click.types.StringParamType):
    name = "reason"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 — as click has it
        reason = " ".join(super().convert(value, param, ctx).split())
        if not reason:
            self.fail("say why; the ledger and the report keep it.", param, ctx)
        return reason


apply_options = grouped(
    "applying",
    ApplyArguments,
    cloup.option(
        "--canaries",
        type=WholeNumber(0, 100_000),
        metavar="COUNT",
        default=1,
        show_default=True,
        help="So many groups first, alone; the others only when all of them are complete.",
    ),
    cloup.option(
        "--max-in-flight",
        type=WholeNumber(1, 100_000),
        metavar="COUNT",
        default=20,
        show_default=True,
        help="So many groups under way at once.",
    ),
    cloup.option(
        "--max-failures",
        type=WholeNumber(0, 100_000),
        metavar="COUNT",
        default=0,
        show_default=True,
        help="Halt when more than so many failed or were refused; a failed canary always halts.",
    ),
    cloup.option("--only-instance", multiple=True, metavar="INSTANCE", help="Only this one; may be repeated."),
    cloup.option(
        "--group", multiple=True, metavar="ID", help="Also this group, which no instance claims; may be repeated."
    ),
    cloup.option(
        "--include-untold",
        type=_Reason(),
        metavar="REASON",
        help="Also whoever was not told of the window; the reason is kept.",
    ),
    cloup.option(
        "--outside-window",
        type=_Reason(),
        metavar="REASON",
        help="Before its start or after its end; the reason is kept.",
    ),
    cloup.option(
        "--poll-interval",
        type=DecimalNumber(1, 3600),
        default=30,
        show_default=True,
        metavar="SECONDS",
        help="How often AWS is asked where everything stands.",
    ),
    cloup.option(
        "--status-page",
        is_flag=True,
        help="Move the status page's incident along, silently: in progress, verifying, completed.",
    ),
    cloup.option(
        "--aws-apply-role-arn",
        envvar="AWS_APPLY_ROLE_ARN",
        show_envvar=True,
        metavar="ARN",
        help="A role to assume for starting and stopping updates. Without it, the credentials that read do that too.",
    ),
    heading="Applying",
)
