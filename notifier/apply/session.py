"""One run of `apply`: what is asked, what it finds, its plan, and carrying it out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Self

from fleet.aws.client import elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.errors import ConfigurationError, RemoteError
from fleet.program.threads import interruptible
from fleet.region import Region
from fleet.survey import Survey
from fleet.surveyor import Surveyor
from fleet.tally import Tally
from ledger.accounts import record_account, recorded_accounts
from ledger.ledger import Ledger
from ledger.run import AlreadyHeldError, Run
from ledger.updates import region_hold
from notifier.affected import Selection, affected_orgs
from notifier.apply import guards
from notifier.apply.account import checked_account
from notifier.apply.announcing import Announcing, StatusPage
from notifier.apply.arguments import ApplyArguments
from notifier.apply.carry_out import Applying
from notifier.apply.choice import by_other_words, newer_than_applicable
from notifier.apply.extent import CANNOT_BE_STOPPED, is_all_of_it, only_to_stop
from notifier.apply.facts import is_made_known, ledger_facts
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import LedgerFacts, Plan, apply_plan
from notifier.apply.result import Conducted, GroupResult, Outcome, Picture, planned_groups
from notifier.apply.steering import Panel, steered
from notifier.apply.surroundings import Wish
from notifier.apply.wishes import Wishes
from notifier.maintenance import Maintenance, recorded_window, refuse_called_off, why_called_off


@dataclass(frozen=True)
class Asked:
    maintenance: Maintenance
    selection: Selection
    arguments: ApplyArguments
    operator: str
    is_stop: bool
    is_dry: bool
    status_page: Callable[[Ledger, Maintenance], StatusPage] | None
    """What moves the window's incident along; None where that was not asked for."""


class Session:
    """Raises ConfigurationError where the window may not be applied, RemoteError, and what the ledger raises."""

    def __init__(self, region: Region, asked: Asked, ledger: Ledger, warn: Callable[[str], None]) -> None:
        self._region = asked.arguments.acting(region)
        self._asked = asked
        self._warn = warn
        self._surveyor = Surveyor(self._region, with_quota_use=False)
        self.ledger = ledger
        self.account: str | None = None
        self.run: Run | None = None

    def guard(self) -> Self:
        """Before anything else; asks only the ledger, and AWS whose credentials these are."""
        self._guard()
        known = recorded_accounts(self.ledger, self._asked.maintenance.aws_region)
        self.account = checked_account(self._region, known, self._warn)
        return self

    @cached_property
    def survey(self) -> Survey:
        survey = interruptible(self._surveyor.survey)
        begun = {record.service_update for record in self._facts.records}  # AWS may have withdrawn it since
        selection = self._asked.selection
        words = self._asked.maintenance.words
        chosen = replace(selection, only_updates=selection.only_updates - begun)
        affected_orgs(survey, chosen, words.org_in_short)  # refuses wrong names
        return self._with_other_words(survey)

    def _with_other_words(self, survey: Survey) -> Survey:
        """A survey does not ask for statuses that it does not know; AWS may be at an update by such a word."""
        names, tally = newer_than_applicable(survey), Tally()
        if not names:
            return survey
        listed = ElastiCache(elasticache_client(self._region.aws, tally), tally).update_actions(names)
        known = {(action.replication_group_id, action.service_update_name) for action in survey.update_actions}
        more = [a for a in by_other_words(listed) if (a.replication_group_id, a.service_update_name) not in known]
        return replace(survey, update_actions=(*survey.update_actions, *more))

    @cached_property
    def options(self) -> ApplyOptions:
        return self._asked.arguments.options(self._asked.selection, self.survey.service_instances)

    @cached_property
    def plan(self) -> Plan:
        if self._asked.is_stop:
            guards.refuse_unknown_groups(self.survey, self._facts.records, self.options)
        else:
            guards.refuse_wrong_groups(self.survey, self.options)
            guards.refuse_other_orgs(self.ledger, self._asked.maintenance.key, self._region)
        plan = self._made(self._facts)
        guards.refuse_unnamed_majors(plan.skips, self.options)
        return plan

    @property
    def planned(self) -> Sequence[GroupResult]:
        return planned_groups(self.plan)

    def carry_out(
        self,
        count: Callable[[str, str], None],
        show: Callable[[Picture], None],
        panel: Panel,
        note: Callable[[str], None],
    ) -> Conducted:
        """
        Holds the region while it runs. `panel` is what the operator looks at; any thread may call `note`.

        `count` gets the words for one and for many of each thing that was done.
        """
        announcing, asked = self._announcing(note), self._asked
        wishes = Wishes(Wish.STOP if asked.is_stop else Wish.GO_ON)

        def on_picture(picture: Picture) -> None:
            show(picture)
            if announcing is not None:
                announcing.take(picture)

        conducted: Conducted | None = None
        key, hold = asked.maintenance.key, region_hold(asked.maintenance.aws_region)
        try:
            with self.ledger.run("apply", asked.operator, holds=hold) as run:
                self.run = run
                self._refuse_called_off()
                self.ledger.record_window(key, asked.maintenance.window.time_zone, "apply", asked.operator)
                if self.account is not None:
                    record_account(self.ledger, key, self.account)
                plan = self._plan_with_what_is_known_now()
                applying = Applying(
                    reading=self._region.aws,
                    acting=self._region.acting_aws,
                    ledger=self.ledger,
                    run=run,
                    key=key,
                    options=self.options,
                    poll_interval=asked.arguments.interval,
                    wishes=wishes,
                    why_called_off=self._why_called_off,
                    count=count,
                )
                conducted = steered(lambda: applying.carry_out(plan, on_picture), wishes, panel)
        except AlreadyHeldError as error:
            raise self._already_running(error.run) from error
        except (ConfigurationError, RemoteError) as error:  # the ledger cannot even record the run's end
            if conducted is None:
                raise
            return replace(conducted, stopped_by=conducted.stopped_by or error)
        if announcing is not None:
            announcing.finish(conducted, is_whole=self._is_whole())
        return conducted

    def _is_whole(self) -> bool:
        return is_all_of_it(self.survey, self._facts, self.plan, self.options)

    def _announcing(self, note: Callable[[str], None]) -> Announcing | None:
        asked = self._asked
        return Announcing(asked.status_page(self.ledger, asked.maintenance), note) if asked.status_page else None

    def _why_called_off(self) -> str | None:
        return why_called_off(recorded_window(self.ledger, self._asked.maintenance), self._asked.maintenance)

    def _plan_with_what_is_known_now(self) -> Plan:
        """The pairs that were confirmed, without those that another run has begun since, and with what it began."""
        confirmed = {step.subject.key for step in self.plan.steps}
        facts = ledger_facts(self.ledger, self._asked.maintenance.key)
        again = self._made(facts)
        return replace(again, steps=tuple(step for step in again.steps if step.subject.key in confirmed))

    def _made(self, facts: LedgerFacts) -> Plan:
        plan = apply_plan(self.survey, facts, self._asked.maintenance.window, datetime.now(UTC), self.options)
        return only_to_stop(plan, self.options) if self._asked.is_stop else plan

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

    def called_off(self) -> str | None:
        """One line that says so, if somebody moved or cancelled the window; None too where the ledger is gone."""
        try:
            return self._why_called_off()
        except (ConfigurationError, RemoteError):
            return None

    @cached_property
    def _survey_afterwards(self) -> Survey | None:
        """None where it cannot be had: what was done is reported all the same."""
        try:
            return interruptible(self._surveyor.survey)
        except (RemoteError, ConfigurationError) as error:
            self._warn(f"warning: what AWS lists now is not known: {error}")
            return None

    @cached_property
    def _facts(self) -> LedgerFacts:
        return ledger_facts(self.ledger, self._asked.maintenance.key)

    def _guard(self) -> None:
        maintenance = self._asked.maintenance
        self._refuse_called_off()
        if not self._asked.is_dry and (other := self.ledger.holder(region_hold(maintenance.aws_region))) is not None:
            raise self._already_running(other)
        if self._asked.is_stop:
            return
        arguments = self._asked.arguments
        given = ApplyOptions(
            outside_window_reason=arguments.outside_window, include_untold_reason=arguments.include_untold
        )
        guards.refuse_closed(maintenance, datetime.now(UTC), given)
        is_known = is_made_known(self.ledger, maintenance.key)
        guards.refuse_unannounced(maintenance, self._facts.told, given, is_known=is_known)

    def _refuse_called_off(self) -> None:
        """What a window began before it was called off can be stopped all the same."""
        records = ledger_facts(self.ledger, self._asked.maintenance.key).records
        if not (self._asked.is_stop and any(record.state not in CANNOT_BE_STOPPED for record in records)):
            refuse_called_off(self.ledger, self._asked.maintenance)

    def _already_running(self, other: Run) -> ConfigurationError:
        maintenance = self._asked.maintenance
        since = other.started_at.astimezone(maintenance.window.zone)
        return guards.already_running(maintenance.region_name, other.host, since, other.id)
