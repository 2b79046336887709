"""What the ledger says about the time to come: which of several wishes counts, and which windows are planned."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa

from fleet.errors import RemoteError
from ledger.deferral import Deferral, Target
from ledger.deferrals import add_deferral, end_deferrals
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.ledger_reader import LedgerReader
from ledger.mail_claims import Claimed, MailClaims
from ledger.mail_record import Intent, Kind, MailKey
from ledger.maintenance_key import MaintenanceKey
from ledger.outlook import Outlook, planned_window
from ledger.outlook_rows import recorded_outlook
from ledger.telling import Telling
from ledger.told import add_telling
from ledger.update_record import UpdateIntent, UpdateState
from ledger.updates import Overrides, WindowUpdates, region_hold

REGION = "eu-west-1"
WINDOW = "2026-06-16T08:00Z/2026-06-16T10:00Z"
OTHER_WINDOW = "2026-06-18T08:00Z/2026-06-18T10:00Z"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
UNTIL_JULY = Deferral(
    id=1,
    aws_region=REGION,
    target=Target.INSTANCE,
    guid="guid-1",
    name="cache",
    org_guid="org-1",
    org_name="org",
    until=date(2026, 7, 1),
    time_zone="Europe/London",
    window_key=None,
    reason="an election",
    ticket=None,
    added_at=NOW,
    added_by="ada",
)
SKIPPING = replace(UNTIL_JULY, id=2, until=None, window_key=WINDOW)
OF_THE_ORG = replace(UNTIL_JULY, id=3, target=Target.ORG, guid="org-1", name="org")


@dataclass(frozen=True)
class AnInstance:
    guid: str
    org_guid: str


ONE, SIBLING, OTHER = AnInstance("guid-1", "org-1"), AnInstance("guid-2", "org-1"), AnInstance("guid-3", "org-2")


def until(now: datetime, *deferrals: Deferral) -> dict[str, datetime]:
    found = Outlook(deferrals).deferred(REGION, (ONE, SIBLING, OTHER), now)
    return {guid: deferral.lasts_until for guid, deferral in found.items()}


def test_a_day_begins_in_the_deferrals_time_zone() -> None:
    assert until(NOW, UNTIL_JULY) == {"guid-1": datetime(2026, 6, 30, 23, tzinfo=UTC)}
    in_tokyo = replace(UNTIL_JULY, time_zone="Asia/Tokyo")
    assert until(NOW, in_tokyo) == {"guid-1": datetime(2026, 6, 30, 15, tzinfo=UTC)}


def test_a_window_is_skipped_until_its_end() -> None:
    end = datetime(2026, 6, 16, 10, tzinfo=UTC)
    assert until(end - timedelta(seconds=1), SKIPPING) == {"guid-1": end}
    assert until(end, SKIPPING) == {}


def test_an_orgs_deferral_is_for_the_instances_that_it_has_now() -> None:
    """One that moved to another org keeps its own deferral and leaves the former org's."""
    assert until(NOW, OF_THE_ORG).keys() == {"guid-1", "guid-2"}
    moved = AnInstance("guid-1", "org-2")
    assert Outlook((OF_THE_ORG,)).deferred(REGION, (moved,), NOW) == {}
    assert Outlook((UNTIL_JULY,)).deferred(REGION, (moved,), NOW).keys() == {"guid-1"}


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_the_longest_counts(order: int) -> None:
    """An instance's own or its org's; two for the same instance can be there only by hand."""
    later = replace(OF_THE_ORG, until=date(2026, 9, 1))
    found = until(NOW, *(SKIPPING, UNTIL_JULY, later)[::order])
    assert found["guid-1"] == found["guid-2"] == datetime(2026, 8, 31, 23, tzinfo=UTC)
    earlier = replace(OF_THE_ORG, until=date(2026, 6, 10))
    assert until(NOW, *(SKIPPING, UNTIL_JULY, earlier)[::order])["guid-1"] == datetime(2026, 6, 30, 23, tzinfo=UTC)


def test_a_deferral_is_of_one_region() -> None:
    assert until(NOW, replace(UNTIL_JULY, aws_region="eu-west-2")) == {}


def test_a_window_that_is_over_is_not_planned_any_more() -> None:
    outlook = Outlook(windows=tuple(planned_window(MaintenanceKey(WINDOW, region)) for region in (REGION, "eu-west-2")))
    end = datetime(2026, 6, 16, 10, tzinfo=UTC)
    assert [w.key.aws_region for w in outlook.windows_not_over(REGION, end - timedelta(seconds=1))] == [REGION]
    assert outlook.windows_not_over(REGION, end) == []


@contextmanager
def recording(ledger_url: str) -> Iterator[tuple[Ledger, MailClaims]]:
    with Ledger(ledger_url) as ledger, ledger.run("email", "ada") as run:
        yield ledger, MailClaims(ledger, run, "fingerprint")


def mail(window_key: str, address: str = "ada@example.org", **changes: object) -> Intent:
    key = MailKey(window_key, REGION, "org-1", address, **changes)  # type: ignore[arg-type] # fields by name
    return Intent(key, "org", ("guid-1",), "0" * 64)


def sent(claims: MailClaims, intent: Intent, delivery_status: str | None = None) -> None:
    assert isinstance(claims.claim(intent), Claimed)
    assert claims.record_sent(intent.key, "00000000-0000-4000-8000-000000000000", delivery_status)


def planned(ledger_url: str) -> list[str]:
    return [window.key.window_key for window in recorded_outlook(LedgerReader(ledger_url)).windows]


def test_a_window_is_planned_once_somebody_was_told_of_it(ledger_url: str) -> None:
    """Not by a mail that waits, that was refused, that failed for good, or that cancels."""
    with recording(ledger_url) as (ledger, claims):
        ledger.record_window(MaintenanceKey(WINDOW, REGION), "Europe/London", "email", "ada")
        claims.claim(mail(WINDOW))
        claims.claim(mail(WINDOW, "bea@example.org"))
        claims.record_refused(mail(WINDOW, "bea@example.org").key, "no such address")
        sent(claims, mail(WINDOW, "cleo@example.org"), "permanent-failure")
        sent(claims, mail(WINDOW, "dora@example.org", kind=Kind.CANCELLED))
        assert planned(ledger_url) == []
        sent(claims, mail(WINDOW, "eva@example.org"), "temporary-failure")
        sent(claims, mail(OTHER_WINDOW, kind=Kind.MOVED))
        assert planned(ledger_url) == [WINDOW, OTHER_WINDOW]


def test_a_window_is_planned_once_somebody_was_told_another_way(ledger_url: str) -> None:
    with recording(ledger_url) as (ledger, _), ledger.transaction() as connection:
        connection.execute(
            sa.text(
                'INSERT INTO told (window_key, aws_region, org_guid, instance_guids, how, at, "by")'
                f" VALUES ('{WINDOW}', '{REGION}', 'org-1', '[]', 'by telephone', '2026-06-01T12:00:00+00:00', 'ada')"
            )
        )
    assert planned(ledger_url) == [WINDOW]


def test_what_a_window_has_begun_is_counted_by_its_state(ledger_url: str) -> None:
    """Of each window and region on its own; a state that nothing is in is left out."""
    with recording(ledger_url) as (ledger, claims):
        sent(claims, mail(WINDOW))
        sent(claims, mail(OTHER_WINDOW))
        with ledger.run("apply", "ada", holds=region_hold(REGION)) as run:
            of_first, elsewhere = (
                WindowUpdates(ledger, run, MaintenanceKey(WINDOW, region), Overrides())
                for region in (REGION, "eu-west-2")
            )
            for book in (of_first, elsewhere):
                book.begin([UpdateIntent(group, "redis-1", None) for group in ("cf-a", "cf-b", "cf-c")])
            of_first.mark(("cf-a", "redis-1"), UpdateState.COMPLETE, "complete", 2)
            of_first.mark(("cf-b", "redis-1"), UpdateState.COMPLETE, "complete", 2)
    first, second = recorded_outlook(LedgerReader(ledger_url)).windows
    assert first.updates == {UpdateState.COMPLETE: 2, UpdateState.STARTING: 1}
    assert second.updates == {}


def test_a_window_that_was_moved_or_cancelled_is_not_planned_and_is_not_skipped(ledger_url: str) -> None:
    with recording(ledger_url) as (ledger, claims):
        for window_key in (WINDOW, OTHER_WINDOW):
            ledger.record_window(MaintenanceKey(window_key, REGION), "Europe/London", "email", "ada")
            sent(claims, mail(window_key))
        add_deferral(ledger, SKIPPING)
        assert recorded_outlook(LedgerReader(ledger_url)).deferrals
        ledger.record_moved(MaintenanceKey(WINDOW, REGION), MaintenanceKey(OTHER_WINDOW, REGION))
        assert planned(ledger_url) == [OTHER_WINDOW]
        assert recorded_outlook(LedgerReader(ledger_url)).deferrals == ()
        ledger.record_cancelled(MaintenanceKey(OTHER_WINDOW, REGION))
        assert planned(ledger_url) == []
        outlook = recorded_outlook(LedgerReader(ledger_url))
        assert [window.key.window_key for window in outlook.called_off] == [WINDOW, OTHER_WINDOW]
        between = outlook.called_off[0].ends_at
        assert [window.key.window_key for window in outlook.called_off_in(REGION, between)] == [OTHER_WINDOW]
        assert outlook.called_off_in("eu-west-2", NOW) == []


def test_a_deferral_that_was_taken_back_counts_no_more(ledger_url: str) -> None:
    with Ledger(ledger_url) as ledger:
        added = [add_deferral(ledger, deferral) for deferral in (UNTIL_JULY, OF_THE_ORG)]
        assert recorded_outlook(LedgerReader(ledger_url)).deferrals == tuple(added)
        end_deferrals(ledger, [added[0].id], NOW, "ada")
        assert recorded_outlook(LedgerReader(ledger_url)).deferrals == (added[1],)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE deferrals SET time_zone = 'Mars/Phobos'",
        "UPDATE deferrals SET until = 'soon'",
        "UPDATE deferrals SET until = NULL",
        "UPDATE mails SET window_key = 'soon'",
        "UPDATE mails SET window_key = '2026-06-16T08:00/2026-06-16T10:00'",
    ],
)
def test_damage_is_named(sqlite_url: str, damage: str) -> None:
    with recording(sqlite_url) as (ledger, claims):
        sent(claims, mail(WINDOW))
        add_deferral(ledger, UNTIL_JULY)
        with ledger.transaction() as connection:
            connection.execute(sa.text(damage))
    with pytest.raises(LedgerError, match="damaged"):
        recorded_outlook(LedgerReader(sqlite_url))


AHEAD = f"{datetime.now(UTC).date() + timedelta(days=7)}T08:00Z/{datetime.now(UTC).date() + timedelta(days=7)}T10:00Z"


def about(revision: int, *guids: str, address: str = "ada@example.org", **changes: object) -> Intent:
    kind = Kind.CORRECTION if revision else Kind.ANNOUNCEMENT
    return replace(mail(AHEAD, address, revision=revision, **{"kind": kind, **changes}), instance_guids=guids)


def told_of(ledger_url: str) -> list[str]:
    (window,) = recorded_outlook(LedgerReader(ledger_url)).windows
    return sorted(window.told_instance_guids or ())


def test_an_instance_is_told_of_by_the_last_mails_of_its_org(ledger_url: str) -> None:
    """Not by a mail that failed for good, and no more once a correction leaves it out; by telephone as well."""
    with recording(ledger_url) as (ledger, claims):
        ledger.record_window(MaintenanceKey(AHEAD, REGION), "Europe/Dublin", "email", "ada")
        sent(claims, about(0, "guid-1", "guid-2"))
        assert told_of(ledger_url) == ["guid-1", "guid-2"]
        sent(claims, about(0, "guid-9", address="bea@example.org"), "permanent-failure")
        sent(claims, about(1, "guid-1", "guid-3"))
        assert told_of(ledger_url) == ["guid-1", "guid-3"]
        sent(claims, about(0, "guid-4", address="new@example.org"))
        assert told_of(ledger_url) == ["guid-1", "guid-3", "guid-4"]
        telling = Telling(0, MaintenanceKey(AHEAD, REGION), "org-1", ("guid-5",), "by telephone", NOW, "ada")
        add_telling(ledger, telling)
        assert told_of(ledger_url) == ["guid-1", "guid-3", "guid-4", "guid-5"]
        sent(claims, about(0, "guid-1", address="dora@example.org", kind=Kind.CANCELLED))
        assert told_of(ledger_url) == ["guid-1", "guid-3", "guid-4", "guid-5"]
    assert recorded_outlook(LedgerReader(ledger_url)).windows[0].time_zone == "Europe/Dublin"


def test_few_rights_are_enough_on_postgresql(postgresql: str) -> None:
    """Those of docs/permissions.md: no column that holds anybody's address, and nothing to write."""
    reader = _reader_with(postgresql, _documented_grants())
    (window,) = recorded_outlook(reader).windows
    assert (window.key.window_key, window.told_instance_guids) == (AHEAD, frozenset({"guid-1"}))
    with pytest.raises(RemoteError, match="permission denied"):
        reader.records()


def test_the_rights_of_before_still_do(postgresql: str) -> None:
    """Who was told is not known then, and everything else is."""
    before = _documented_grants().replace(", org_guid, revision, attempted_at, instance_guids", "")
    before = before.replace("(window_key, aws_region, instance_guids)", "(window_key, aws_region)")
    assert "instance_guids" not in before
    (window,) = recorded_outlook(_reader_with(postgresql, before)).windows
    assert (window.key.window_key, window.told_instance_guids) == (AHEAD, None)


def _reader_with(postgresql: str, grants: str) -> LedgerReader:
    """Somebody who may do only this, on a ledger in which somebody was told of a window."""
    name = f"rights_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        connection.execute(f"CREATE ROLE {name} LOGIN".encode())
    url = postgresql.removesuffix("/postgres") + f"/{name}"
    with recording(url) as (_, claims):
        sent(claims, mail(AHEAD))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(grants.replace("exporter", name).encode())
    return LedgerReader(url.replace("//tester@", f"//{name}@"))


_numbers = itertools.count(1)


def _documented_grants() -> str:
    from tests.documents.documents import text_of  # noqa: PLC0415 — only this test reads a document

    section = text_of("docs/permissions.md").partition("### A ledger that the exporter reads")[2]
    return section.partition("```sql\n")[2].partition("```")[0]
