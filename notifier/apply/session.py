"""One run of `apply`: what is asked, what it finds, its plan, and carrying it out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Self

from fleet.errors import RemoteError
from fleet.region import Region
from fleet.survey import Survey
from fleet.surveyor import Surveyor
from ledger.ledger import Ledger
from ledger.run import AlreadyHeldError, Run
from ledger.update_record import UpdateState
from ledger.updates import region_hold
from notifier.affected import Selection, affected_orgs
from notifier.apply import guards
from notifier.apply.carry_out import Applying
from notifier.apply.facts import ledger_facts, window_state
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import LedgerFacts, Plan, apply_plan
from notifier.apply.result import Conducted, GroupResult, Outcome, Picture, planned_groups
from notifier.apply.surroundings import Wish
from notifier.apply.task import Phase, Task
from notifier.apply.wishes import Wishes
from notifier.maintenance import Maintenance
from notifier.options.applying import ApplyArguments
from notifier.options.connections import opened_ledger


@dataclass(frozen=True)
class Asked:
    maintenance: Maintenance
    selection: Selection
    arguments: ApplyArguments
    operator: str
    is_stop: bool


class Session:
    """Raises ConfigurationError where the window may not be applied, RemoteError, and what the ledger raises."""

    def __init__(self, region: Region, asked: Asked) -> None:
        self._region = region
        self._asked = asked
        self._surveyor = Surveyor(region, with_quota_use=False)
        self._ledger: Ledger
        self.run: Run | None = None

    @contextmanager
    def opened(self) -> Iterator[Self]:
        with opened_ledger() as self._ledger:
            self._guard()
            yield self

    @cached_property
    def survey(self) -> Survey:
        survey = self._surveyor.survey()
        affected_orgs(survey, self._asked.selection)  # refuses names that there are not
        return survey

    @cached_property
    def options(self) -> ApplyOptions:
        return self._asked.arguments.options(self._asked.selection, self.survey.service_instances)

    @cached_property
    def plan(self) -> Plan:
        guards.refuse_wrong_groups(self.survey, self.options)
        return self._made(self._facts)

    @property
    def planned(self) -> Sequence[GroupResult]:
        return planned_groups(self.plan)

    def stop_text(self) -> str:
        groups = [earlier.subject.replication_group_id for earlier in self.plan.earlier]
        return (
            f"{len(groups)} groups to look at: {', '.join(groups) or 'none'}."
            " Nodes under way are finished; updated nodes stay updated; stopped groups still wait"
        )

    def carry_out(
        self, wish: Wish, on_change: Callable[[Task, datetime], None], on_begun: Callable[[], None]
    ) -> Conducted:
        """Holds the region while it runs."""
        asked = self._asked

        def on_picture(picture: Picture) -> None:
            for task in picture.changes:
                on_change(task, picture.at)
                if task.phase is Phase.UNDER_WAY and task.aws_says == "waiting-to-start":
                    on_begun()

        key, hold = asked.maintenance.key, region_hold(asked.maintenance.aws_region)
        try:
            with self._ledger.run("apply", asked.operator, holds=hold) as run:
                self.run = run
                self._ledger.record_window(key, asked.maintenance.window.time_zone, "apply", asked.operator)
                applying = Applying(
                    access=self._region.aws,
                    ledger=self._ledger,
                    run=run,
                    key=key,
                    options=self.options,
                    poll_interval=asked.arguments.interval,
                    wishes=Wishes(wish),
                )
                return applying.carry_out(self._plan_with_what_is_known_now(), on_picture)
        except AlreadyHeldError as error:
            other = error.run
            since = other.started_at.astimezone(asked.maintenance.window.starts_at.tzinfo)
            raise guards.already_running(asked.maintenance.region_name, other.host, since, other.id) from error

    def _plan_with_what_is_known_now(self) -> Plan:
        """The pairs that were confirmed, without those that another run has begun since, and with what it began."""
        confirmed = {step.subject.key for step in self.plan.steps}
        facts = ledger_facts(self._ledger, self._asked.maintenance.key)
        again = self._made(facts)
        return replace(again, steps=tuple(step for step in again.steps if step.subject.key in confirmed))

    def _made(self, facts: LedgerFacts) -> Plan:
        plan = apply_plan(self.survey, facts, self._asked.maintenance.window, datetime.now(UTC), self.options)
        return self._only_to_stop(plan) if self._asked.is_stop else plan

    def still_listed(self, conducted: Conducted) -> list[tuple[str, str]]:
        """What AWS lists as waiting on the groups that are complete."""
        if self._survey_afterwards is None:
            return []
        complete = {g.subject.replication_group_id for g in conducted.groups if g.outcome is Outcome.COMPLETE}
        return sorted(
            (action.replication_group_id, action.service_update_name)
            for action in self._survey_afterwards.our_update_actions
            if action.is_required and action.replication_group_id in complete
        )

    def newer_updates(self) -> list[str]:
        """Released since the plan."""
        if self._survey_afterwards is None:
            return []
        before = {update.name for update in self.survey.service_updates}
        return sorted(u.name for u in self._survey_afterwards.our_service_updates if u.name not in before)

    @cached_property
    def _survey_afterwards(self) -> Survey | None:
        """None where it cannot be had: what was done is reported all the same."""
        try:
            return self._surveyor.survey()
        except RemoteError:
            return None

    @cached_property
    def _facts(self) -> LedgerFacts:
        return ledger_facts(self._ledger, self._asked.maintenance.key)

    def _guard(self) -> None:
        maintenance = self._asked.maintenance
        state, moved_to = window_state(self._ledger, maintenance.key)
        guards.refuse_settled(maintenance, state, moved_to)
        if self._asked.is_stop:
            return
        arguments = self._asked.arguments
        given = ApplyOptions(
            outside_window_reason=arguments.outside_window, include_untold_reason=arguments.include_untold
        )
        guards.refuse_closed(maintenance, datetime.now(UTC), given)
        guards.refuse_unannounced(maintenance, self._facts.told, given, is_known=state is not None)

    def _only_to_stop(self, plan: Plan) -> Plan:
        """What the window may have under way, of the instances that were named."""
        over = (UpdateState.COMPLETE, UpdateState.REFUSED)
        named = self.options.only_instances
        chosen = [
            earlier
            for earlier in plan.earlier
            if earlier.record.state not in over and (not named or earlier.record.instance_guid in named)
        ]
        return replace(plan, steps=(), skips=(), earlier=tuple(chosen))
