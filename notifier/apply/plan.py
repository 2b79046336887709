"""What a window will do: which groups get which update when, and which are left alone and why. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from fleet.estimates import ASSUMED_PER_NODE, has_estimate
from fleet.inventory import SCHEDULED
from fleet.survey import Survey
from ledger.deferral import Deferral, idle_warnings
from ledger.update_record import UpdateRecord, UpdateState
from ledger.who_was_told import Told
from notifier.apply.choice import Choice, choices
from notifier.apply.options import ApplyOptions
from notifier.apply.steps import Reason, Skip, Step, Subject, subject, why_untold
from notifier.apply.timetable import Times, canary_order, timetable, wave_order
from notifier.deferrals import counting, in_force
from notifier.window import MaintenanceWindow

_HAS_BEGUN = (UpdateState.STOPPED, UpdateState.FAILED)
"""And may be taken up again, but no other update in its stead."""
_BY_AWS = frozenset({"scheduling", SCHEDULED})


@dataclass(frozen=True)
class LedgerFacts:
    """What the ledger knows of the window and the region."""

    deferrals: Sequence[Deferral] = ()
    told: Told = field(default_factory=Told)
    records: Sequence[UpdateRecord] = ()
    """Of the updates that earlier runs of the window began, or meant to."""


@dataclass(frozen=True)
class Earlier:
    """What an earlier run of the window did. Whether it is under way still, AWS's listing says."""

    subject: Subject
    record: UpdateRecord


@dataclass(frozen=True)
class Plan:
    window: MaintenanceWindow
    made_at: datetime
    steps: tuple[Step, ...]
    """Canaries first, then the longest estimate first; the order in which they are started."""
    skips: tuple[Skip, ...]
    """By group."""
    earlier: tuple[Earlier, ...]
    """All that the window has in the ledger, by group; a step may be the next attempt at one of them."""
    warnings: tuple[str, ...]

    @cached_property
    def earlier_by_key(self) -> Mapping[tuple[str, str], Earlier]:
        return {earlier.subject.key: earlier for earlier in self.earlier}

    @property
    def fits(self) -> bool:
        return all(step.fits for step in self.steps)

    @property
    def ends_at(self) -> datetime | None:
        """When the last is expected to end; None where there is nothing to do."""
        return max((step.ends_at for step in self.steps), default=None)


def apply_plan(
    survey: Survey, facts: LedgerFacts, window: MaintenanceWindow, now: datetime, options: ApplyOptions
) -> Plan:
    """A window that has not begun is planned from its start on."""
    is_bound = options.outside_window_reason is None
    begins_at = max(now, window.starts_at) if is_bound else now
    ends_at = window.ends_at if is_bound else None
    earlier = tuple(_earlier(record, survey) for record in facts.records)
    closed = _closed_groups(earlier, survey, options)
    begun = {e.record.replication_group_id: e.record.service_update for e in earlier if e.record.state in _HAS_BEGUN}
    announced = {i.replication_group_id for i in survey.service_instances if facts.told.has_instance(i)}
    found = [
        choice
        for choice in choices(survey, options.selection, announced)
        if choice.group_id not in closed
        and begun.get(choice.group_id, choice.update.name) == choice.update.name
        and options.has_group(choice.group_id, choice.instance)
    ]
    judge = _Judge(survey, facts, window, options, begins_at, ends_at)
    judged = [(choice, _subject_of(choice, survey), judge.skip(choice)) for choice in found]
    wanted = {subject.key: (choice, subject) for choice, subject, skip in judged if skip is None}
    canaries = _canaries([subject for _, subject in wanted.values()], earlier, options.canaries)
    others = sorted((s for _, s in wanted.values() if s not in canaries), key=wave_order)
    running = [max(now, e.record.attempted_at + e.subject.estimate) for e in earlier if _may_be_under_way(e.record)]
    times = timetable(canaries, others, begins_at, options.max_in_flight, running)
    steps = tuple(
        _step(*wanted[key], when, facts.told, ends_at, is_canary=wanted[key][1] in canaries)
        for key, when in times.items()
    )
    return Plan(
        window=window,
        made_at=now,
        steps=steps,
        skips=tuple(skip for _, _, skip in judged if skip is not None),
        earlier=earlier,
        warnings=(*_estimate_warnings(survey, steps), *_idle_warnings(survey, facts, window)),
    )


@dataclass(frozen=True)
class _Judge:
    survey: Survey
    facts: LedgerFacts
    window: MaintenanceWindow
    options: ApplyOptions
    begins_at: datetime
    ends_at: datetime | None

    @cached_property
    def deferrals(self) -> Mapping[str, Deferral]:
        return counting(self.facts.deferrals, self.survey.service_instances, self.window)

    def skip(self, choice: Choice) -> Skip | None:
        """
        The first reason to leave it alone, in the order of Reason; None where there is none.

        That nobody was told is none where only AWS will act: no mail names such a group.
        """
        what = _subject_of(choice, self.survey)
        if choice.instance is None and choice.group_id not in self.options.groups:
            return Skip(what, Reason.UNCLAIMED)
        if choice.is_only_major:
            return Skip(what, Reason.MAJOR_VERSION)
        return self._skip_of_tenant(choice, what) or self._skip_of_aws(choice, what)

    def _skip_of_tenant(self, choice: Choice, what: Subject) -> Skip | None:
        instance = choice.instance
        if instance is None:
            return None
        if (deferral := self.deferrals.get(instance.guid)) is not None:
            return Skip(what, Reason.DEFERRED, deferral=deferral)
        is_awss_own = choice.busy is not None and choice.busy.status in _BY_AWS and not choice.is_applicable
        if self.options.include_untold_reason is not None or is_awss_own:
            return None
        reason = why_untold(instance, self.facts.told)
        return None if reason is None else Skip(what, reason)

    def _skip_of_aws(self, choice: Choice, what: Subject) -> Skip | None:
        group = self.survey.groups_by_id.get(choice.group_id)
        if group is None or group.status != "available":
            return Skip(what, Reason.NOT_AVAILABLE, aws_says=group.status if group else "not listed")
        if choice.busy is not None:
            update = next(u for u in self.survey.our_service_updates if u.name == choice.busy.service_update_name)
            what = subject(choice.group_id, group, update, choice.instance)
            return Skip(what, Reason.UNDER_WAY, choice.busy.status, is_by_aws=choice.busy.status in _BY_AWS)
        if self.ends_at is not None and self.begins_at + what.estimate > self.ends_at:
            return Skip(what, Reason.NO_TIME)
        return None


def _subject_of(choice: Choice, survey: Survey) -> Subject:
    return subject(choice.group_id, survey.groups_by_id.get(choice.group_id), choice.update, choice.instance)


def _step(  # noqa: PLR0913 — what one line of the plan is made of
    choice: Choice, what: Subject, when: Times, told: Told, window_ends_at: datetime | None, *, is_canary: bool
) -> Step:
    told_at = told.last_told(choice.instance) if choice.instance else None
    released_at = choice.update.released_at
    note = None
    if told_at is not None and released_at is not None and released_at > told_at:
        note = f"update {choice.update.name} was released after the mail"
    return Step(
        subject=what,
        is_canary=is_canary,
        starts_at=when[0],
        ends_at=when[1],
        fits=window_ends_at is None or when[1] <= window_ends_at,
        note=note,
        still_waiting=choice.still_waiting,
    )


def _earlier(record: UpdateRecord, survey: Survey) -> Earlier:
    group = survey.groups_by_id.get(record.replication_group_id)
    update = next((u for u in survey.service_updates if u.name == record.service_update), None)
    instance = next((i for i in survey.service_instances if i.guid == record.instance_guid), None)
    if update is not None:
        return Earlier(subject(record.replication_group_id, group, update, instance), record)
    unknown = Subject(
        replication_group_id=record.replication_group_id,
        service_update=record.service_update,
        instance=instance,
        nodes=group.nodes_count if group else 0,
        is_highly_available=group is not None and group.is_highly_available,
        estimate=ASSUMED_PER_NODE * (group.nodes_in_turn if group else 1),
    )
    return Earlier(unknown, record)


def _closed_groups(earlier: Iterable[Earlier], survey: Survey, options: ApplyOptions) -> frozenset[str]:
    """One interruption a window and tenant: groups on which this window has begun something, and may not again."""
    applicable = {
        (action.replication_group_id, action.service_update_name)
        for action in survey.our_update_actions
        if action.is_required or action.is_scheduled
    }
    return frozenset(e.record.replication_group_id for e in earlier if not _may_begin_again(e, applicable, options))


def _may_begin_again(earlier: Earlier, applicable: set[tuple[str, str]], options: ApplyOptions) -> bool:
    what, state = earlier.subject, earlier.record.state
    match state:
        case UpdateState.REFUSED | UpdateState.STOPPED | UpdateState.STARTING:
            return what.key in applicable  # else it may have begun, whatever AWS answered
        case UpdateState.FAILED:
            return options.names(what.replication_group_id, what.instance)
    return False


def _may_be_under_way(record: UpdateRecord) -> bool:
    return record.state in (UpdateState.STARTING, UpdateState.STARTED)


def _canaries(subjects: Iterable[Subject], earlier: Iterable[Earlier], wanted: int) -> list[Subject]:
    """Those that earlier runs of the window brought to their end, or have under way, count."""
    known = {e.record.replication_group_id for e in earlier if e.record.state is UpdateState.COMPLETE}
    known |= {e.record.replication_group_id for e in earlier if e.record.state is UpdateState.STARTED}
    return sorted(subjects, key=canary_order)[: max(0, wanted - len(known))]


def _idle_warnings(survey: Survey, facts: LedgerFacts, window: MaintenanceWindow) -> Iterable[str]:
    return idle_warnings(in_force(facts.deferrals, window), survey.service_instances, survey.groups_by_id.keys())


def _estimate_warnings(survey: Survey, steps: Iterable[Step]) -> Iterable[str]:
    names = {step.subject.service_update for step in steps}
    for update in survey.our_service_updates:
        if update.name in names and not has_estimate(update):
            said = f"its estimate '{update.estimated_update_time}' cannot be read"
            yield (
                f"update {update.name}: {said if update.estimated_update_time else 'AWS gives no estimate'};"
                f" {ASSUMED_PER_NODE // timedelta(minutes=1)} minutes a node are assumed"
            )
