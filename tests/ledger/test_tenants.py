"""The ledger remembers where the orgs came from that were told of a window, and nobody tells another source's."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from ledger.ledger import Ledger
from ledger.location import database
from ledger.mail_claims import CalledOff, Claimed, MailClaims
from ledger.mail_record import Intent, MailKey
from ledger.maintenance_key import MaintenanceKey
from ledger.migrations import migrate
from ledger.telling import Telling
from ledger.tenants import other_tenants, record_tenants, recorded_tenants
from ledger.told import add_telling
from ledger.window_record import Tenants

WINDOW = MaintenanceKey("2036-06-17T08:00Z/2036-06-17T10:00Z", "eu-west-1")
CF, OTHER_CF = Tenants("https://api.example.org"), Tenants("https://api.example.com")
TAGS = Tenants("tag 'owner'", is_cloudfoundry=False)


def claim(ledger: Ledger) -> None:
    with ledger.run("email", "ada") as run:
        key = MailKey(WINDOW.window_key, WINDOW.aws_region, "org-1", "a@example.org")
        MailClaims(ledger, run, "fingerprint").claim(Intent(key, "org", ("guid-1",), "digest", ()))


def tell(ledger: Ledger) -> None:
    add_telling(ledger, Telling(0, WINDOW, "org-1", ("guid-1",), "by telephone", datetime.now(UTC), "ada"))


def test_until_somebody_is_told_another_source_takes_its_place(ledger_url: str) -> None:
    with Ledger(ledger_url) as ledger:
        ledger.record_window(WINDOW, "Europe/London", "email", "ada")
        for tenants in (CF, TAGS):
            assert record_tenants(ledger, WINDOW, tenants) is None
            assert recorded_tenants(ledger, WINDOW) == tenants.come_from


@pytest.mark.parametrize("told", [claim, tell])
def test_once_somebody_may_have_been_told_no_other_source_does(sqlite_url: str, told: object) -> None:
    with Ledger(sqlite_url) as ledger:
        ledger.record_window(WINDOW, "Europe/London", "email", "ada")
        record_tenants(ledger, WINDOW, TAGS)
        (claim if told is claim else tell)(ledger)
        assert other_tenants(ledger, WINDOW, TAGS) is None
        for other in (CF, OTHER_CF, Tenants("tag 'team'", is_cloudfoundry=False)):
            assert other_tenants(ledger, WINDOW, other) == "tag 'owner'"
            assert record_tenants(ledger, WINDOW, other) == "tag 'owner'"
        assert recorded_tenants(ledger, WINDOW) == "tag 'owner'"
        assert other_tenants(ledger, MaintenanceKey("another", "eu-west-1"), CF) is None


def test_an_address_is_the_same_in_upper_and_lower_case_and_a_tag_key_is_not(sqlite_url: str) -> None:
    with Ledger(sqlite_url) as ledger:
        for number, (first, second, other) in enumerate(
            [
                (CF, Tenants("HTTPS://Api.Example.org"), None),
                (TAGS, Tenants("tag 'Owner'", is_cloudfoundry=False), "tag 'owner'"),
            ]
        ):
            window = MaintenanceKey(WINDOW.window_key, f"eu-west-{number + 1}")
            ledger.record_window(window, "Europe/London", "email", "ada")
            record_tenants(ledger, window, first)
            add_telling(ledger, Telling(0, window, "org-1", ("guid-1",), "by telephone", datetime.now(UTC), "ada"))
            assert other_tenants(ledger, window, second) == other
            assert record_tenants(ledger, window, second) == other


def test_of_two_who_begin_at_once_only_one_gets_mails(sqlite_url: str) -> None:
    """Both have looked before anybody was told; the last to record where its orgs come from goes on."""
    key = MailKey(WINDOW.window_key, WINDOW.aws_region, "org-1", "a@example.org")
    intent = Intent(key, "org", ("guid-1",), "digest", ())
    with Ledger(sqlite_url) as ledger, ledger.run("email", "ada") as ada, ledger.run("email", "bo") as bo:
        ledger.record_window(WINDOW, "Europe/London", "email", "ada")
        for tenants in (CF, TAGS):
            assert record_tenants(ledger, WINDOW, tenants) is None
        assert isinstance(MailClaims(ledger, ada, "fingerprint", CF).claim(intent), CalledOff)
        assert isinstance(MailClaims(ledger, bo, "fingerprint", TAGS).claim(intent), Claimed)
        assert record_tenants(ledger, WINDOW, CF) == "tag 'owner'"


def test_what_was_told_before_it_was_recorded_came_from_cloud_foundry(sqlite_url: str) -> None:
    with Ledger(sqlite_url) as ledger:
        ledger.record_window(WINDOW, "Europe/London", "email", "ada")
        claim(ledger)
        assert record_tenants(ledger, WINDOW, TAGS) == "Cloud Foundry"
        assert recorded_tenants(ledger, WINDOW) is None
        assert record_tenants(ledger, WINDOW, CF) is None
        assert recorded_tenants(ledger, WINDOW) == CF.come_from


def test_the_column_is_added_where_it_is_missing(sqlite_url: str) -> None:
    opened = database(sqlite_url)
    migrate(opened)
    with opened.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE windows DROP COLUMN tenants"))
    for _ in range(2):
        migrate(opened)
    with opened.engine.begin() as connection:
        assert "tenants" in {column["name"] for column in sa.inspect(connection).get_columns("windows")}
    opened.close()
