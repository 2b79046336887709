"""What counts as told, for every command alike."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.mail_record import Kind, MailKey, MailRecord, State
from ledger.maintenance_key import MaintenanceKey
from ledger.telling import Telling
from ledger.who_was_told import still_says, was_told_another_way, who_was_told
from tests.builders import service_instance

WINDOW = MaintenanceKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
A, B = service_instance("a"), service_instance("b")
ADA, BO = "ada@example.org", "bo@example.org"


def mail(
    *guids: str,
    state: State = State.SENT,
    status: str | None = "delivered",
    kind: Kind = Kind.ANNOUNCEMENT,
    revision: int = 0,
    address: str = ADA,
) -> MailRecord:
    return MailRecord(
        key=MailKey(WINDOW.window_key, WINDOW.aws_region, A.org_guid, address, revision, kind),
        org_name="org",
        instance_guids=guids,
        contents_digest="",
        state=state,
        run_id=1,
        key_fingerprint="",
        attempted_at=NOW,
        attempts=1,
        sent_at=NOW,
        delivery_status=status,
    )


def telling(*guids: str, org_guid: str = A.org_guid, at: datetime = NOW) -> Telling:
    return Telling(1, WINDOW, org_guid, guids, "by telephone", at, "ada")


def correction(*guids: str, status: str = "delivered") -> MailRecord:
    return mail(*guids, kind=Kind.CORRECTION, revision=1, status=status)


BOUNCED = "permanent-failure"


@pytest.mark.parametrize(
    ("mails", "tellings", "has_org", "told_of"),
    [
        ([], [], False, ""),
        ([mail("a")], [], True, "a"),
        ([mail("a", status=None)], [], True, "a"),
        ([mail("a", status="temporary-failure")], [], True, "a"),
        ([mail("a", status=BOUNCED)], [], False, ""),
        ([mail("a", state=State.SENDING)], [], False, ""),
        ([mail("a", state=State.REFUSED)], [], False, ""),
        ([mail("a", status=BOUNCED), mail("a", address=BO)], [], True, "a"),
        ([mail("a", status=BOUNCED)], [telling("a", "b")], True, "ab"),
        ([mail("a"), correction("a", "b")], [], True, "ab"),
        ([mail("a"), correction("a", "b", status=BOUNCED)], [], True, "a"),
        ([mail("a", "b"), correction("b")], [], True, "b"),
        ([mail("a"), correction()], [], True, ""),
        ([mail("a", kind=Kind.MOVED), correction("b")], [], True, "b"),
        ([mail("a"), mail("a", kind=Kind.CANCELLED)], [], False, ""),
        ([mail("a"), correction()], [telling("b")], True, "b"),
        ([], [telling("a"), telling("b")], True, "ab"),
        ([], [telling("a", org_guid="another")], False, ""),
    ],
)
def test_who_counts_as_told(mails: list[MailRecord], tellings: list[Telling], *, has_org: bool, told_of: str) -> None:
    """The last mail of each person that did not fail for good, and whatever was said another way."""
    told = who_was_told(reversed(mails), tellings)
    assert told.has_org(A.org_guid) is has_org
    assert "".join(i.guid for i in (A, B) if told.has_instance(i)) == told_of


def test_the_last_time_counts() -> None:
    told = who_was_told([mail("a")], [telling("a", at=NOW + timedelta(days=1)), telling("a", at=NOW)])
    assert told.last_told(A) == NOW + timedelta(days=1)
    assert told.last_told(B) is None


def test_an_org_is_told_another_way_about_all_or_it_is_not() -> None:
    tellings = [telling("a"), telling("b"), telling("c", org_guid="another")]
    assert was_told_another_way(A.org_guid, ["a", "b"], tellings)
    assert not was_told_another_way(A.org_guid, ["a", "c"], tellings)
    assert not was_told_another_way(A.org_guid, [], tellings)


@pytest.mark.parametrize(
    ("named", "waiting", "deferred", "says"),
    [
        ("ab", "ab", "", True),
        ("a", "ab", "", False),
        ("ab", "a", "", False),
        ("ab", "ab", "b", True),
        ("a", "ab", "b", True),
        ("a", "ab", "a", False),
        ("ab", "ab", "ab", True),
        ("abc", "ab", "b", False),
        ("", "a", "a", True),
    ],
)
def test_a_deferral_makes_no_mail_wrong(named: str, waiting: str, deferred: str, *, says: bool) -> None:
    """Whether it was made before the mail or after; one that is taken back makes those wrong that did not name it."""
    assert still_says(mail(*named), waiting, deferred) is says
