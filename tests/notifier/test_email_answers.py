"""What each of GOV.UK Notify's answers leads to, for one mail or for all of them."""

from collections import Counter
from dataclasses import replace

import pytest

from sandbox import credentials
from sandbox.server import Sandbox
from tests.notifier_here import Here
from tests.notifier_program import crowded, expected_mails, mails_by_org_and_address, sends


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("notify:expired", "check NOTIFY_API_KEY"),
        ("notify:down", "no clear answer"),
    ],
)
def test_what_is_wrong_for_all_stops_at_once(sandbox: Sandbox, here: Here, fault: str, said: str) -> None:
    """With the remedy, exit status 3, and the rest for the next run."""
    sandbox.faults.add(fault)
    here.set(sandbox.environment)
    ended = here.email()
    assert ended.status == 3
    assert said in ended.err
    assert "run the same command again" in ended.err
    sandbox.faults.clear()
    here.email()
    assert Counter(mail.email_address for mail in sandbox.notify.mails) == Counter(
        address for _, address in expected_mails(sandbox.world.truth)
    )


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("NOTIFY_API_KEY", credentials.NOTIFY_KEYS["team"], "use a live key"),
        ("NOTIFY_TEMPLATE_ID", "00000000-0000-4000-8000-000000000000", "check NOTIFY_TEMPLATE_ID"),
        ("NOTIFY_REPLY_TO_ID", "00000000-0000-4000-8000-000000000000", "check NOTIFY_REPLY_TO_ID"),
        (
            "NOTIFY_API_KEY",
            f"wrong-{'0' * 8}-0000-4000-8000-{'0' * 12}-{'0' * 8}-0000-4000-8000-{'0' * 12}",
            "check NOTIFY_API_KEY",
        ),
    ],
)
def test_a_wrong_setting_costs_one_mail_at_most(
    sandbox: Sandbox, here: Here, variable: str, value: str, said: str
) -> None:
    """The first mail goes alone, and what is wrong for all is found out with it."""
    here.set({**sandbox.environment, variable: value})
    ended = here.email()
    assert ended.status == 3
    assert said in ended.err
    assert sends(sandbox) <= 1
    assert len(sandbox.notify.mails) == 0
    assert value not in ended.out + ended.err or variable != "NOTIFY_API_KEY"


def test_one_address_that_is_refused_does_not_stop_the_rest(sandbox: Sandbox, here: Here) -> None:
    """It is named with the reason, and tried again by the next run: it may have been corrected."""
    sandbox.world.change(crowded(4, 2))
    accounts = dict(sandbox.world.truth.accounts)
    guid = next(iter(accounts))
    accounts[guid] = replace(accounts[guid], user_email="not an address")
    sandbox.world.change(lambda truth: replace(truth, accounts=accounts))
    here.set(sandbox.environment)
    ended = here.email()
    assert ended.status == 1
    assert "not an address, org org-0000: HTTP 400: email_address Not a valid email address" in ended.out
    assert len(sandbox.notify.mails) == 3
    assert here.email().status == 1
    assert len(sandbox.notify.mails) == 3


def test_the_daily_limit_ends_the_run_and_the_next_day_continues(sandbox: Sandbox, here: Here) -> None:
    sandbox.world.change(crowded(20, 4))
    sandbox.notify.change(daily_limit=7)
    here.set(sandbox.environment)
    ended = here.email("--format", "json")
    assert ended.status == 3
    assert "the limit ends at midnight UTC" in ended.err
    assert ended.document["summary"]["sent"] == 7
    assert ended.document["summary"]["left"] == 13
    sandbox.notify.change(daily_limit=250_000)
    assert here.email().status == 0
    assert set(mails_by_org_and_address(sandbox).values()) == {1}
    assert len(sandbox.notify.mails) == 20


def test_the_rate_limit_is_waited_for(sandbox: Sandbox, here: Here) -> None:
    """Notify's bucket is nearly empty, which nobody can know beforehand."""
    sandbox.world.change(crowded(12, 3))
    sandbox.notify.change(rate_limit=600)
    for _ in range(195):
        sandbox.notify.limits.take_token("live", 600, sandbox.world.now().timestamp())
    here.set(sandbox.environment)
    assert here.email().status == 0
    assert len(sandbox.notify.mails) == 12


def test_a_mail_that_notify_could_not_deliver_is_not_sent_again(sandbox: Sandbox, here: Here) -> None:
    """A crashed run's mail is found at Notify, failed: that is said, and nothing is sent."""
    sandbox.world.change(crowded(1, 1))
    here.set(sandbox.environment)
    sandbox.notify.change(outcomes={"person.0@example.org": "permanent-failure"}, delivery_seconds=0)
    sandbox.faults.add("notify/v2/notifications/email:accepted-then-dropped,next=1")
    ended = here.email()
    assert "could not be delivered: 1" in ended.out
    assert ended.status == 1
    here.email()
    assert len(sandbox.notify.mails) == 1


def test_a_key_of_another_type_does_not_resend_what_it_cannot_see(sandbox: Sandbox, here: Here) -> None:
    """Notify lists for a key only what was sent with its own type of key."""
    sandbox.world.change(crowded(2, 1))
    here.set(sandbox.environment)
    sandbox.faults.add("notify/v2/notifications/email:accepted-then-dropped")
    sandbox.faults.add("notify/v2/notifications:status:500")
    assert here.email().status in (1, 3)
    sandbox.faults.clear()
    count = len(sandbox.notify.mails)
    here.set({"NOTIFY_API_KEY": credentials.NOTIFY_KEYS["test"]})
    ended = here.email()
    assert "use the earlier key, or --resend-unlisted" in ended.out or count == 0
    here.set({"NOTIFY_API_KEY": credentials.NOTIFY_KEYS["live"]})
    assert here.email().status == 0
    assert set(mails_by_org_and_address(sandbox).values()) == {1}
