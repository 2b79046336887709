"""Which mails there are to send, given what the ledger says was sent."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ledger.correspondence import correspondence, in_order
from ledger.mail_record import Kind, MailKey, MailRecord, State
from ledger.maintenance_key import MaintenanceKey
from ledger.window_record import WindowRecord, WindowState
from notifier.affected import AffectedInstance, AffectedOrg
from notifier.audience import Recipient
from notifier.mail.holdings import replaced_by
from notifier.mail.message import Message
from notifier.mail.plan import History, MailPlan, Writers, cancellation_plan, mail_plan
from notifier.mail.wishes import Wishes
from tests.builders import service_instance, service_update

MAINTENANCE = MaintenanceKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1")

ADA = "ada@example.org"


def org(*guids: str) -> AffectedOrg:
    return AffectedOrg(
        "org-guid",
        "org",
        tuple(
            AffectedInstance(service_instance(guid), is_highly_available=False, updates=(service_update(),))
            for guid in guids
        ),
    )


def record(state: State, *guids: str, revision: int = 0, address: str = "ada@example.org") -> MailRecord:
    return MailRecord(
        key=MailKey(MAINTENANCE.window_key, MAINTENANCE.aws_region, "org-guid", address, revision),
        org_name="org",
        instance_guids=guids,
        contents_digest="",
        state=state,
        run_id=1,
        key_fingerprint="",
        attempted_at=datetime(2026, 6, 1, tzinfo=UTC),
        attempts=1,
    )


WRITERS = Writers(
    to_recipient=lambda recipient, kind, replaced: Message(
        f"{kind} to {recipient.address}" + "".join(f" instead of {window.window_key}" for window in replaced), "day"
    ),
    not_told_any_more=lambda record, standing: Message(f"{standing} for {record.key.address}", "day"),
    cancelled=lambda record: Message(f"{record.key.window_key} off for {record.key.address}", "day"),
)


def planned(records: list[MailRecord], *guids: str, sends_corrections: bool = False) -> MailPlan:
    recipients = [Recipient(org(*guids), "ada@example.org")] if guids else []
    return mail_plan(recipients, History(MAINTENANCE, records), WRITERS, Wishes(sends_corrections=sends_corrections))


def to_send(plan: MailPlan) -> list[tuple[int, str | None]]:
    return [(e.intent.key.revision, e.message.contents if e.message else None) for e in plan.tasks]


FIRST, CORRECTION, FIND_OUT = "announcement to ada@example.org", "correction to ada@example.org", None


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], [(0, FIRST)]),
        ([record(State.PENDING, "a")], [(0, FIRST)]),
        ([record(State.REFUSED, "a")], [(0, FIRST)]),
        ([record(State.SENDING, "a")], [(0, FIRST)]),
        ([record(State.SENDING, "other")], [(0, FIRST)]),
        ([record(State.SENT, "a")], []),
        ([record(State.SENT, "other")], []),
        ([record(State.SENT, "other"), record(State.SENT, "a", revision=1)], []),
        ([record(State.SENT, "a"), record(State.SENDING, "other", revision=1)], [(1, FIND_OUT)]),
    ],
)
def test_what_is_sent_without_corrections(records: list[MailRecord], expected: list[tuple[int, str | None]]) -> None:
    """Once; and what an earlier run left unclear is found out, wanted or not."""
    assert to_send(planned(records, "a")) == expected


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], [(0, FIRST)]),
        ([record(State.SENT, "a")], []),
        ([record(State.SENT, "other")], [(1, CORRECTION)]),
        ([record(State.SENT, "other"), record(State.REFUSED, "a", revision=1)], [(1, CORRECTION)]),
        ([record(State.SENT, "other"), record(State.SENT, "third", revision=1)], [(2, CORRECTION)]),
        ([record(State.SENT, "other"), record(State.SENT, "a", revision=1)], []),
    ],
)
def test_what_is_sent_with_corrections(records: list[MailRecord], expected: list[tuple[int, str | None]]) -> None:
    """One more for each change of the list."""
    assert to_send(planned(records, "a", sends_corrections=True)) == expected


def test_a_changed_list_is_told_to_the_operator() -> None:
    plan = planned([record(State.SENT, "other")], "a")
    assert [told.instance_guids for _, told in plan.changed] == [("other",)]
    assert planned([record(State.SENT, "a")], "a").changed == ()


def test_whoever_is_not_affected_any_more_is_named() -> None:
    plan = planned([record(State.SENT, "a"), record(State.SENDING, "a", address="bo@example.org")])
    assert [told.key.address for told in plan.not_affected_any_more] == ["ada@example.org"]
    assert to_send(plan) == [(0, FIND_OUT)]


def test_every_part_of_the_key_makes_another_reference() -> None:
    key = record(State.SENT, "a").key
    others = [
        replace(key, window_key="x"),
        replace(key, aws_region="x"),
        replace(key, org_guid="x"),
        replace(key, address="x"),
        replace(key, revision=1),
    ]
    assert len({other.reference for other in [key, *others]}) == 6


EARLIER = MaintenanceKey("2026-06-09T08:00Z/2026-06-09T10:00Z", "eu-west-1")


def sent(key: MailKey, *guids: str, **facts: Any) -> MailRecord:  # noqa: ANN401 — of MailRecord
    return replace(record(State.SENT, *guids), key=key, **facts)


def key_of(kind: Kind, window: MaintenanceKey = MAINTENANCE, revision: int = 0, address: str = ADA) -> MailKey:
    return MailKey(window.window_key, window.aws_region, "org-guid", address, revision, kind)


def moved(records: list[MailRecord], earlier: list[MailRecord], *guids: str) -> MailPlan:
    recipients = [Recipient(org(*guids), ADA)] if guids else []
    return mail_plan(recipients, History(MAINTENANCE, records, {EARLIER: earlier}), WRITERS)


def kinds(plan: MailPlan) -> list[tuple[str, Kind, int]]:
    return [(t.intent.key.window_key, t.intent.key.kind, t.intent.key.revision) for t in plan.tasks]


def test_who_was_told_of_the_replaced_window_gets_one_mail_that_names_both() -> None:
    told = [sent(key_of(Kind.ANNOUNCEMENT, EARLIER), "a")]
    plan = moved([], told, "a")
    assert kinds(plan) == [(MAINTENANCE.window_key, Kind.MOVED, 0)]
    assert to_send(plan) == [(0, f"moved to {ADA} instead of {EARLIER.window_key}")]
    assert moved([sent(key_of(Kind.MOVED), "a", update_names=("redis-1",))], told, "a").tasks == ()


def test_who_was_not_told_of_the_replaced_window_gets_an_announcement() -> None:
    other = [sent(key_of(Kind.ANNOUNCEMENT, EARLIER, address="bo@example.org"), "a")]
    assert kinds(moved([], other, "a"))[0] == (MAINTENANCE.window_key, Kind.ANNOUNCEMENT, 0)


def test_who_was_told_of_the_replaced_window_and_is_not_affected_any_more_is_told_that_it_is_off() -> None:
    plan = moved([], [sent(key_of(Kind.ANNOUNCEMENT, EARLIER), "a")])
    assert kinds(plan) == [(EARLIER.window_key, Kind.CANCELLED, 0)]
    done = [sent(key_of(Kind.ANNOUNCEMENT, EARLIER), "a"), sent(key_of(Kind.CANCELLED, EARLIER), "a")]
    assert moved([], done).tasks == ()


def test_a_correction_of_a_moved_mail_is_the_first_correction() -> None:
    records = [sent(key_of(Kind.MOVED), "other")]
    plan = mail_plan([Recipient(org("a"), ADA)], History(MAINTENANCE, records), WRITERS, Wishes(sends_corrections=True))
    assert kinds(plan) == [(MAINTENANCE.window_key, Kind.CORRECTION, 1)]


def test_an_announcement_that_may_have_been_sent_is_not_replaced_by_a_moved_one() -> None:
    """Its outcome is found out first: two mails would be one too many."""
    earlier = [sent(key_of(Kind.ANNOUNCEMENT, EARLIER), "a")]
    assert kinds(moved([record(State.SENDING, "a")], earlier, "a")) == [(MAINTENANCE.window_key, Kind.ANNOUNCEMENT, 0)]


def test_an_update_that_the_mail_did_not_name_is_a_reason_for_a_correction() -> None:
    """Of mails of before it was recorded, nothing is known of their updates."""
    (name,) = {update.name for update in org("a").updates}
    for names, is_changed in (((name,), False), ((), True), (("another",), True), (None, False)):
        plan = mail_plan(
            [Recipient(org("a"), ADA)],
            History(MAINTENANCE, [sent(key_of(Kind.ANNOUNCEMENT), "a", update_names=names)]),
            WRITERS,
        )
        assert bool(plan.changed) is is_changed, names


def test_a_mail_that_failed_for_good_does_not_count_and_is_not_sent_again() -> None:
    failed = sent(key_of(Kind.ANNOUNCEMENT), "a", delivery_status="permanent-failure")
    plan = planned([failed], "a", sends_corrections=True)
    assert (plan.tasks, plan.sent_before, plan.failed_for_good) == ((), (), (failed,))


def test_after_the_address_was_mended_the_old_one_is_not_somebody_to_tell() -> None:
    failed = sent(key_of(Kind.ANNOUNCEMENT, address="bo@example.org"), "a", delivery_status="permanent-failure")
    plan = planned([failed], "a")
    assert (plan.not_affected_any_more, plan.failed_for_good) == ((), ())
    assert to_send(plan) == [(0, FIRST)]


@pytest.mark.parametrize("status", ["temporary-failure", "technical-failure"])
@pytest.mark.parametrize("kind", [Kind.ANNOUNCEMENT, Kind.MOVED])
def test_a_mail_that_failed_for_now_is_sent_again_when_asked(status: str, kind: Kind) -> None:
    (name,) = {update.name for update in org("a").updates}
    history = History(MAINTENANCE, [sent(key_of(kind), "a", delivery_status=status, update_names=(name,))])
    recipients = [Recipient(org("a"), ADA)]
    assert mail_plan(recipients, history, WRITERS).tasks == ()
    again = mail_plan(recipients, history, WRITERS, Wishes(resends_failed=True))
    assert kinds(again) == [(MAINTENANCE.window_key, kind, 1)]


def test_who_is_not_affected_any_more_is_told_so_once_when_corrections_are_sent() -> None:
    told = sent(key_of(Kind.ANNOUNCEMENT), "a")
    plan = planned([told], sends_corrections=True)
    assert to_send(plan) == [(1, f"nothing-waits for {ADA}")]
    (task,) = plan.tasks
    assert task.intent.instance_guids == ()
    after = planned([told, sent(task.intent.key)], sends_corrections=True)
    assert (after.tasks, after.not_affected_any_more) == ((), ())


def test_everybody_who_was_told_is_told_that_the_window_is_cancelled_once() -> None:
    off = WRITERS.cancelled
    told = [
        sent(key_of(Kind.ANNOUNCEMENT), "a"),
        sent(key_of(Kind.MOVED, address="bo@example.org"), "a"),
        sent(key_of(Kind.ANNOUNCEMENT, address="cy@example.org"), "a", delivery_status="permanent-failure"),
    ]
    plan = cancellation_plan(History(MAINTENANCE, told), off)
    assert [t.intent.key.address for t in plan.tasks] == [ADA, "bo@example.org"]
    assert {t.intent.key.kind for t in plan.tasks} == {Kind.CANCELLED}
    after = cancellation_plan(History(MAINTENANCE, [*told, *(sent(t.intent.key, "a") for t in plan.tasks)]), off)
    assert after.tasks == ()
    assert len(after.sent_before) == 2


def test_a_mail_that_may_have_been_sent_is_found_out_before_a_window_is_cancelled() -> None:
    plan = cancellation_plan(History(MAINTENANCE, [record(State.SENDING, "a")]), WRITERS.cancelled)
    assert to_send(plan) == [(0, FIND_OUT)]


def test_a_correction_in_doubt_is_found_out_before_the_window_is_said_to_have_moved() -> None:
    """What the mail about the move has to say may depend on it."""
    earlier = [sent(key_of(Kind.ANNOUNCEMENT, EARLIER), "a")]
    own = [sent(key_of(Kind.ANNOUNCEMENT), "a"), record(State.SENDING, "b", revision=1)]
    assert to_send(moved(own, earlier, "a")) == [(1, FIND_OUT)]


def test_a_moved_mail_names_the_windows_that_it_contradicts_and_no_others() -> None:
    """So a second window that is replaced later is not taken for one that the person knows of."""
    third = MaintenanceKey("2026-06-12T08:00Z/2026-06-12T10:00Z", "eu-west-1")
    told = {EARLIER: [sent(key_of(Kind.ANNOUNCEMENT, EARLIER), "a")]}
    (task,) = moved([], told[EARLIER], "a").tasks
    assert task.intent.replaced_windows == (EARLIER.window_key,)
    both = told | {third: [sent(key_of(Kind.ANNOUNCEMENT, third), "a")]}
    own = [sent(task.intent.key, "a", replaced_windows=task.intent.replaced_windows)]
    plan = mail_plan([Recipient(org("a"), ADA)], History(MAINTENANCE, own, both), WRITERS)
    assert to_send(plan) == [(1, f"moved to {ADA} instead of {third.window_key}")]
    unknown = [sent(task.intent.key, "a", update_names=("redis-1",))]
    assert mail_plan([Recipient(org("a"), ADA)], History(MAINTENANCE, unknown, both), WRITERS).tasks == ()


@pytest.mark.parametrize("kind", [Kind.ANNOUNCEMENT, Kind.MOVED])
def test_who_may_expect_an_earlier_window_is_told_once_no_look_up_can_tell(kind: Kind) -> None:
    """First it is looked up and nothing is written; then the person is told for caution's sake, and that is the end."""
    doubt = replace(record(State.SENDING, "a"), key=key_of(kind, EARLIER))
    assert to_send(moved([], [doubt], "a")) == [(0, FIND_OUT)]
    history = History(MAINTENANCE, [], {EARLIER: [doubt]})
    wishes = Wishes(looked_up=frozenset({doubt.key}))
    plan = mail_plan([Recipient(org("a"), ADA)], history, WRITERS, wishes)
    assert to_send(plan) == [(0, f"moved to {ADA} instead of {EARLIER.window_key}")]
    (task,) = plan.tasks
    own = sent(task.intent.key, "a", replaced_windows=task.intent.replaced_windows, update_names=("redis-1",))
    assert moved([own], [doubt], "a").tasks == ()


def test_who_may_expect_a_window_that_is_cancelled_is_told_once_no_look_up_can_tell() -> None:
    doubt = record(State.SENDING, "a")
    history = History(MAINTENANCE, [doubt])
    assert to_send(cancellation_plan(history, WRITERS.cancelled)) == [(0, FIND_OUT)]
    plan = cancellation_plan(history, WRITERS.cancelled, {doubt.key})
    (off,) = [task for task in plan.tasks if task.message is not None]
    assert off.intent.key.kind is Kind.CANCELLED
    told = [doubt, sent(off.intent.key, "a")]
    assert cancellation_plan(History(MAINTENANCE, told), WRITERS.cancelled).tasks == ()


def test_windows_that_were_moved_to_each_other_are_followed_to_their_end() -> None:
    """In a circle too, which no command makes."""
    keys = [MaintenanceKey(f"2026-06-{day}T08:00Z/2026-06-{day}T10:00Z", "eu-west-1") for day in (11, 12, 13, 14)]
    a, b, c, other = keys
    windows = {
        key: WindowRecord(key, WindowState.MOVED, later.window_key) for key, later in ((a, b), (b, c), (c, a))
    } | {other: WindowRecord(other)}
    assert replaced_by(windows, [a]) == [c, b]
    assert replaced_by(windows, [other]) == []


def test_a_mail_of_each_kind_is_placed_by_its_revision_and_else_by_its_time() -> None:
    """A `moved` mail may come after the announcement of the same window."""

    def at(minute: int, kind: Kind, revision: int = 0) -> MailRecord:
        moment = datetime(2026, 6, 1, 9, minute, tzinfo=UTC)
        return sent(key_of(kind, revision=revision), "a", attempted_at=moment)

    mails = [at(1, Kind.ANNOUNCEMENT), at(5, Kind.MOVED), at(9, Kind.CORRECTION, 1), at(7, Kind.CORRECTION, 2)]
    assert in_order([at(3, Kind.CANCELLED), *reversed(mails)]) == [*mails, at(3, Kind.CANCELLED)]
    assert correspondence(mails)["org-guid", ADA].next_revision(Kind.MOVED) == 1
    assert correspondence(mails)["org-guid", ADA].next_revision(Kind.CORRECTION) == 3
