"""Two machines share a ledger, and their clocks differ."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ledger.ledger import Ledger
from ledger.mail_claims import MailClaims
from ledger.mail_record import Intent, MailKey
from notifier.mail.message import Message
from notifier.mail.notify import Notify
from notifier.mail.notify_settings import NotifySettings
from notifier.mail.task import Sent, Task
from notifier.mail.workers import HowToSend, send_all
from notifier.maintenance import Maintenance
from notifier.window import window_of_key
from sandbox.server import Sandbox

KEY = MailKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1", "org-guid", "ada@example.org")
MESSAGE = Message("About your instances", "Tuesday 16 June 2026")
INTENT = Intent(KEY, "brave-buses", ("guid-1",), MESSAGE.digest)
MAINTENANCE = Maintenance("Ireland", KEY.aws_region, window_of_key(KEY.window_key, ZoneInfo("Europe/London")))


@pytest.mark.parametrize("seconds", [-56, 56])
def test_a_dead_run_s_mail_is_watched_from_when_it_is_taken_over(
    seconds: int, sandbox: Sandbox, ledger_url: str
) -> None:
    """It died when Notify had the mail and did not list it yet; by its clock that is a minute ago, or to come."""
    sandbox.notify.change(lag_seconds=1.0)
    environment = sandbox.environment
    settings = NotifySettings(environment["NOTIFY_API_KEY"], environment["NOTIFY_BASE_URL"])
    with (
        Ledger(ledger_url, lambda: datetime.now(UTC) + timedelta(seconds=seconds)) as its_ledger,
        its_ledger.run("email", "ada") as run,
    ):
        MailClaims(its_ledger, run, settings.key_fingerprint).claim(INTENT)
        Notify(settings).send(KEY.address, MESSAGE, KEY.reference)
    how = HowToSend(
        MAINTENANCE, "email", "grace", settings, mails_per_minute=3000, settle_seconds=4.0, resends_unlisted=False
    )
    with Ledger(ledger_url) as ledger:
        result = send_all([Task(INTENT, MESSAGE)], ledger, how, on_outcome=lambda: None, on_sent=lambda: None)
    assert [type(outcome) for outcome in result.outcomes] == [Sent]
    assert len(sandbox.notify.mails) == 1
