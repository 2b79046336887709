"""Options that say what of a window is applied, how much at once, and when it is halted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import cloup

from fleet.inventory import ServiceInstance
from fleet.program.grouping import grouped
from fleet.program.numbers import DecimalNumber, WholeNumber
from notifier.affected import Selection
from notifier.apply.options import ApplyOptions
from notifier.instance_names import named_instance

_LONGEST_POLL_SECONDS = 3600


@dataclass(frozen=True)
class ApplyArguments:
    canaries: int
    max_in_flight: int
    max_failures: int
    only_instance: tuple[str, ...]
    group: tuple[str, ...]
    include_untold: str | None
    outside_window: str | None
    poll_interval: float

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

    @property
    def interval(self) -> timedelta:
        return timedelta(seconds=self.poll_interval)


apply_options = grouped(
    "applying",
    ApplyArguments,
    cloup.option(
        "--canaries",
        type=WholeNumber(min=0),
        default=1,
        show_default=True,
        help="So many groups first, alone; the others only when all of them are complete.",
    ),
    cloup.option(
        "--max-in-flight",
        type=WholeNumber(min=1),
        default=20,
        show_default=True,
        help="So many groups under way at once.",
    ),
    cloup.option(
        "--max-failures",
        type=WholeNumber(min=0),
        default=0,
        show_default=True,
        help="Halt when more than so many failed or were refused; a failed canary always halts.",
    ),
    cloup.option("--only-instance", multiple=True, metavar="INSTANCE", help="Only this one; may be repeated."),
    cloup.option(
        "--group", multiple=True, metavar="ID", help="Also this group, which no instance claims; may be repeated."
    ),
    cloup.option(
        "--include-untold", metavar="REASON", help="Also whoever was not told of the window; the reason is kept."
    ),
    cloup.option("--outside-window", metavar="REASON", help="Before its start or after its end; the reason is kept."),
    cloup.option(
        "--poll-interval",
        type=DecimalNumber(min=1, max=_LONGEST_POLL_SECONDS),
        default=30,
        show_default=True,
        metavar="SECONDS",
        help="How often AWS is asked where everything stands.",
    ),
    heading="Whom",
)
