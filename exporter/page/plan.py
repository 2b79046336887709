"""What a window could take of what the view chooses, how long that takes, by when, and what is planned. Pure."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exporter.page.choice import Choice
from exporter.page.commands import (
    CommandLine,
    NoSelectionError,
    command_lines,
    planned_lines,
    selection,
    stop_line,
)
from exporter.page.duration import group_seconds, in_words, window_seconds
from exporter.page.facts import RegionFacts
from exporter.page.rows import InstanceRow
from exporter.page.updates import UpdateRow
from exporter.page.windows import ChosenWindow, WindowRow, chosen_window, flags_of, warnings
from fleet.inventory import ServiceUpdate
from ledger.deferral import Deferral
from ledger.maintenance_key import MaintenanceKey
from ledger.outlook import PlannedWindow, planned_window


@dataclass(frozen=True, slots=True)
class RegionPlan:
    region: RegionFacts
    waiting: int
    """The instances for which something waits that the filters choose; the next ones are part of them."""
    schedulable: int
    orgs: int
    """How many orgs the schedulable instances belong to."""
    deferred: int
    """0 also where that is not known."""
    major_only: int
    """Nothing but major versions waits for them."""
    not_available: int
    """Schedulable, but their group is not `available` at the moment, so that AWS would refuse it now."""
    under_way: int
    scheduled: int
    """AWS will apply something to them by itself."""
    seconds: float
    due: tuple[UpdateRow, ...]
    """Those with a date that the schedulable instances wait for, by their dates: overdue ones first."""
    windows: tuple[WindowRow, ...]
    chosen: ChosenWindow
    """The window in the commands."""
    warnings: tuple[str, ...]
    commands: tuple[CommandLine, ...]
    """Empty where there is nothing to do, and where `no_commands` says why."""
    no_commands: str
    """Why what the filters choose cannot be said to the notifier; empty if it can."""
    planned_commands: tuple[CommandLine, ...]
    """What there is to do about a window that is planned, or that has something under way."""

    @property
    def duration(self) -> str:
        return in_words(self.seconds)

    @property
    def overdue(self) -> Sequence[UpdateRow]:
        return [row for row in self.due if row.is_overdue]

    @property
    def deadline(self) -> UpdateRow | None:
        """The first one that can still be kept."""
        return next((row for row in self.due if not row.is_overdue), None)

    @property
    def is_example(self) -> bool:
        """True if nobody has planned or asked for a window: the date in the commands is then only an example."""
        return self.chosen.is_example_day


def region_plan(choice: Choice, region: RegionFacts) -> RegionPlan:
    """For the window in the commands: who asked to wait may ask so today and not then. An example goes by today."""
    code, now = region.status.aws_region, choice.facts.now
    waiting, schedulable, left_alone = choice.waiting[code], choice.schedulable[code], region.deferred
    takeable = [update for update in choice.takeable if update.name in region.joined.bits]
    seconds = window_seconds(schedulable, group_seconds(schedulable, takeable, region.joined))
    chosen = chosen_window(choice.view, region, seconds, now)
    if not chosen.is_example_day:
        left_alone = _left_alone(choice, region, planned_window(MaintenanceKey(chosen.key, code)))
        schedulable = _taken(choice, region, takeable, left_alone)
        seconds = window_seconds(schedulable, group_seconds(schedulable, takeable, region.joined))
    due = _due(schedulable, takeable, region)
    deferred = sum(row.instance.guid in left_alone for row in waiting)
    commands, no_commands = _commands(choice, region, takeable, chosen, is_needed=bool(schedulable))
    return RegionPlan(
        region=region,
        waiting=len(waiting),
        schedulable=len(schedulable),
        orgs=len({row.instance.org_guid for row in schedulable}),
        deferred=deferred,
        major_only=len(waiting) - len(schedulable) - deferred,
        not_available=sum(row.group is None or row.group.status != "available" for row in schedulable),
        under_way=len(choice.under_way[code]),
        scheduled=len(choice.scheduled[code]),
        seconds=seconds,
        due=due,
        windows=tuple(_window_row(choice, region, takeable, window) for window in region.windows),
        chosen=chosen,
        warnings=tuple(warnings(chosen, seconds, due, now)),
        commands=commands,
        no_commands=no_commands,
        planned_commands=tuple(_planned_commands(choice, region, chosen)),
    )


def _due(
    schedulable: Iterable[InstanceRow], takeable: Iterable[ServiceUpdate], region: RegionFacts
) -> tuple[UpdateRow, ...]:
    bits = functools.reduce(lambda found, row: found | row.waiting, schedulable, 0) & region.joined.update_set(takeable)
    dated = [
        (row.update.recommended_apply_by, row)
        for row in region.updates
        if row.update.recommended_apply_by is not None and bits & region.joined.bits[row.update.name]
    ]
    return tuple(row for _, row in sorted(dated, key=lambda pair: pair[0]))


def _left_alone(choice: Choice, region: RegionFacts, window: PlannedWindow) -> Mapping[str, Deferral]:
    """By the guid of each instance whose tenant asks to be left out of the window."""
    outlook = choice.facts.ledger and choice.facts.ledger.outlook
    return outlook.deferred_in(window, region.survey.service_instances) if outlook else {}


def _taken(
    choice: Choice, region: RegionFacts, takeable: Sequence[ServiceUpdate], left_alone: Mapping[str, Deferral]
) -> list[InstanceRow]:
    bits = region.joined.update_set(takeable)
    rows = choice.waiting[region.status.aws_region]
    return [row for row in rows if row.waiting & bits and row.instance.guid not in left_alone]


def _window_row(
    choice: Choice, region: RegionFacts, takeable: Sequence[ServiceUpdate], window: PlannedWindow
) -> WindowRow:
    taken = _taken(choice, region, takeable, _left_alone(choice, region, window))
    told = window.told_instance_guids
    count = None if told is None else sum(row.instance.guid in told for row in taken)
    return WindowRow(window, window.starts_at <= choice.facts.now, len(taken), count)


def _commands(
    choice: Choice, region: RegionFacts, takeable: Sequence[ServiceUpdate], chosen: ChosenWindow, *, is_needed: bool
) -> tuple[tuple[CommandLine, ...], str]:
    """None of them where the filters choose nothing, because without filters they would be about everything."""
    code = region.status.aws_region
    try:
        what = selection(choice.view, takeable, choice.orgs[code], has_matches=bool(choice.matching[code]))
    except NoSelectionError as error:
        return (), str(error)
    is_needed = is_needed or bool(region.windows or choice.under_way[code])
    return command_lines(region.status, what, chosen.flags) if is_needed else (), ""


def _planned_commands(choice: Choice, region: RegionFacts, chosen: ChosenWindow) -> Iterable[CommandLine]:
    if chosen.is_planned:
        yield from planned_lines(region.status, chosen.flags)
    running = [window for window in region.windows if window.starts_at <= choice.facts.now]
    if not running and region.joined.under_way_groups:
        running.extend(region.unfinished)
    for window in running:
        yield stop_line(region.status, flags_of(window))
