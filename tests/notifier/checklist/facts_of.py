"""Facts about one window of two orgs for tests, with defaults, so that each test shows only what it is about."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from fleet.inventory import ServiceInstance
from fleet.survey import Survey
from ledger.deferral import Deferral, Target
from ledger.incident_record import IncidentRecord, IncidentState
from ledger.mail_record import Kind, MailKey, MailRecord, State
from ledger.telling import Telling
from ledger.update_record import UpdateRecord, UpdateState
from ledger.who_was_told import who_was_told
from ledger.window_record import WindowRecord, WindowState
from notifier.checklist.checklist import checklist
from notifier.checklist.facts import Facts
from notifier.checklist.step import Step
from notifier.maintenance import Maintenance, why_called_off
from notifier.window import maintenance_window
from tests import builders

WINDOW = maintenance_window("Tuesday 16 June 2026", "0900-1100", ZoneInfo("Europe/London"))
MAINTENANCE = Maintenance("Ireland", "eu-west-1", WINDOW)
BEFORE = datetime(2026, 6, 10, 12, tzinfo=UTC)
OPEN = datetime(2026, 6, 16, 8, 30, tzinfo=UTC)
OVER = datetime(2026, 6, 16, 12, tzinfo=UTC)
TOLD_AT = datetime(2026, 6, 8, 9, tzinfo=UTC)
A = builders.service_instance("a", "cache", org="brave-buses")
B = builders.service_instance("b", "queue", org="calm-canals")
ADA, BO = "ada@example.org", "bo@example.org"
RUN, DEAD_RUN = 7, 8


def survey(*waiting: ServiceInstance, status: str = "not-applied", **changes: object) -> Survey:
    """Of both instances; redis-1 waits for the given ones."""
    return builders.survey(
        service_updates=(builders.service_update("redis-1", **changes),),
        service_instances=(A, B),
        replication_groups=(builders.group_of(A), builders.group_of(B)),
        update_actions=tuple(builders.action("redis-1", i.replication_group_id, status) for i in waiting),
    )


def mail(
    of: ServiceInstance, address: str = ADA, *, delivery: str | None = "delivered", **changes: object
) -> MailRecord:
    key = MailKey(WINDOW.key, "eu-west-1", of.org_guid, address, kind=changes.pop("kind", Kind.ANNOUNCEMENT))  # type: ignore[arg-type] # a Kind
    record = MailRecord(
        key=key,
        org_name=of.org_name,
        instance_guids=(of.guid,),
        contents_digest="",
        state=State.SENT,
        run_id=RUN,
        key_fingerprint="",
        attempted_at=TOLD_AT,
        attempts=1,
        sent_at=TOLD_AT,
        delivery_status=delivery,
    )
    return replace(record, **changes)  # type: ignore[arg-type] # fields by name


def telling(of: ServiceInstance, how: str = "by telephone") -> Telling:
    return Telling(1, MAINTENANCE.key, of.org_guid, (of.guid,), how, TOLD_AT + timedelta(hours=1), "bo")


def deferral(of: ServiceInstance, **changes: object) -> Deferral:
    made = Deferral(
        id=1,
        aws_region="eu-west-1",
        target=Target.INSTANCE,
        guid=of.guid,
        name=of.name,
        org_guid=of.org_guid,
        org_name=of.org_name,
        until=date(2026, 7, 1),
        time_zone="Europe/London",
        window_key=None,
        reason="an election",
        ticket="T-1",
        added_at=TOLD_AT + timedelta(days=1),
        added_by="bo",
    )
    return replace(made, **changes)  # type: ignore[arg-type] # fields by name


def update(of: ServiceInstance, state: UpdateState = UpdateState.COMPLETE, **changes: object) -> UpdateRecord:
    ended_at = None if state in (UpdateState.STARTING, UpdateState.STARTED) else OPEN + timedelta(minutes=20)
    record = UpdateRecord(of.replication_group_id, "redis-1", of.guid, state, RUN, 1, OPEN, ended_at)
    return replace(record, **changes)  # type: ignore[arg-type] # fields by name


def incident(state: IncidentState = IncidentState.KNOWN, run_id: int = RUN) -> IncidentRecord:
    return IncidentRecord(MAINTENANCE.key, state, None if state is IncidentState.CREATING else "p31zjtct2jer", run_id)


def window(state: WindowState = WindowState.KNOWN, moved_to: str | None = None) -> WindowRecord:
    return WindowRecord(MAINTENANCE.key, state, moved_to, "Europe/London", TOLD_AT, "email", "ada")


def facts(now: datetime = BEFORE, **changes: object) -> Facts:
    """Both instances wait, both orgs were told, and nothing else has happened."""
    given = {
        "window": window(),
        "mails": (mail(A), mail(B, BO)),
        "operators": {RUN: "ada", DEAD_RUN: "cy"},
        "began_at": {RUN: OPEN, DEAD_RUN: OPEN},
        "living_runs": frozenset({RUN}),
        "survey": survey(A, B),
    } | changes
    made = Facts(MAINTENANCE, now, **given)  # type: ignore[arg-type] # fields by name
    told = who_was_told(made.mails, made.tellings)
    return replace(made, told=told, called_off=why_called_off(made.window, MAINTENANCE))


def step(name: str, made: Facts) -> Step:
    return next(step for step in checklist(made) if step.name == name)
