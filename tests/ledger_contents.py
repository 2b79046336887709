"""A ledger with what the exporter reads of it, as the notifier records it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ledger.deferral import Deferral
from ledger.deferrals import add_deferral
from ledger.ledger import Ledger
from ledger.mail_claims import Claimed, MailClaims
from ledger.mail_record import Intent, MailKey
from ledger.maintenance_key import MaintenanceKey
from tests.builders import deferral

REGION = "eu-west-1"
TODAY = datetime.now(UTC).date()
WINDOW = f"{TODAY + timedelta(days=7)}T08:00Z/{TODAY + timedelta(days=7)}T10:00Z"
"""A week from now."""
DEFERRAL = replace(deferral("guid-1"), until=TODAY + timedelta(days=30), time_zone="UTC")


def tell(ledger_url: str, window_key: str = WINDOW) -> None:
    with Ledger(ledger_url) as ledger, ledger.run("email", "ada") as run:
        claims = MailClaims(ledger, run, "fingerprint")
        key = MailKey(window_key, REGION, "org-guid", "ada@example.org")
        ledger.record_window(MaintenanceKey(window_key, REGION), "Europe/London", "email", "ada")
        assert isinstance(claims.claim(Intent(key, "org", ("guid-1",), "0" * 64)), Claimed)
        claims.record_sent(key, "00000000-0000-4000-8000-000000000000")


def defer(ledger_url: str, deferral: Deferral = DEFERRAL) -> Deferral:
    with Ledger(ledger_url) as ledger:
        return add_deferral(ledger, deferral)
