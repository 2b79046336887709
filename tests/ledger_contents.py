"""A ledger with what the exporter reads of it, as the notifier records it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ledger.deferral import Deferral
from ledger.deferrals import add_deferral
from ledger.ledger import Ledger
from ledger.mail_claims import Claimed, MailClaims
from ledger.mail_record import Intent, MailKey
from ledger.maintenance_key import MaintenanceKey
from ledger.update_record import UpdateIntent, UpdateState
from ledger.updates import Overrides, WindowUpdates, region_hold
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


def begin(ledger_url: str, window_key: str, states: Sequence[UpdateState]) -> None:
    """So many updates of the window, each on a group of its own, as `apply` records them."""
    with Ledger(ledger_url) as ledger, ledger.run("apply", "ada", holds=region_hold(REGION)) as run:
        book = WindowUpdates(ledger, run, MaintenanceKey(window_key, REGION), Overrides())
        for number, state in enumerate(states):
            intent = UpdateIntent(f"cf-{number}", "redis-1", None)
            book.begin([intent])
            book.mark((intent.replication_group_id, intent.service_update), state, None, None)
