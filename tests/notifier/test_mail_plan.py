"""Which mails there are to send, given what the ledger says was sent."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ledger.mail_record import MailKey, MailRecord, State
from ledger.maintenance_key import MaintenanceKey
from notifier.affected import AffectedInstance, AffectedOrg
from notifier.audience import Recipient
from notifier.mail.message import Message
from notifier.mail.plan import MailPlan, mail_plan
from tests.builders import service_instance, service_update

MAINTENANCE = MaintenanceKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1")


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


def planned(records: list[MailRecord], *guids: str, sends_corrections: bool = False) -> MailPlan:
    def written(recipient: Recipient, is_correction: bool) -> Message:  # noqa: FBT001 — as `mail_plan` calls it
        return Message(f"{'correction' if is_correction else 'mail'} to {recipient.address}", "day")

    recipients = [Recipient(org(*guids), "ada@example.org")] if guids else []
    return mail_plan(recipients, records, MAINTENANCE, written, sends_corrections=sends_corrections)


def to_send(plan: MailPlan) -> list[tuple[int, str | None]]:
    return [(e.intent.key.revision, e.message.contents if e.message else None) for e in plan.tasks]


FIRST, CORRECTION, FIND_OUT = "mail to ada@example.org", "correction to ada@example.org", None


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
