"""Who gets which mail, and which mails are not sent."""

import re
from collections import Counter, defaultdict
from dataclasses import replace

import pytest

from ledger.ledger import Ledger
from notifier.mail.plain_text import plain_text
from sandbox.server import Options, Sandbox
from sandbox.state import required
from sandbox.truth import Truth
from tests.notifier_here import Here
from tests.notifier_program import crowded, expected_mails, mails_by_org_and_address

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.mark.parametrize("instances", [3, 57, 600])
def test_the_mails_are_the_truth(instances: int, here: Here) -> None:
    """Every manager of every org with an instance that waits, each once, about exactly those instances."""
    with Sandbox(Options(instances=instances, seed=instances)) as sandbox:
        here.set(sandbox.environment)
        ended = here.email()
        assert ended.status in (0, 1), ended.err
        expected = expected_mails(sandbox.world.truth)
        sent = Counter(mail.email_address for mail in sandbox.notify.mails)
        assert sent == Counter(address for _, address in expected)
        texts = defaultdict(list)
        for mail in sandbox.notify.mails:
            texts[mail.email_address].append(str(mail.personalisation["contents"]))
        for (org, address), names in expected.items():
            manages = f"manage the organisation {plain_text(org)} on our platform in Ireland"
            (text,) = [text for text in texts[address] if manages in text]
            listed = text.partition("# Instances that will be updated")[2].partition("# Why")[0]
            assert listed.count("\n- Instance") == sum(_instances_named(sandbox, org, names).values())
            assert all(f" / {plain_text(name)} (plan " in listed for name in names)


def _instances_named(sandbox: Sandbox, org: str, names: set[str]) -> Counter[str]:
    truth = sandbox.world.truth
    waiting = {
        str(r["service_instance_guid"]) for r in required(truth) if not _is_major(truth, str(r["service_update_name"]))
    }
    return Counter(
        i.name
        for i in truth.service_instances.values()
        if i.guid in waiting
        and i.name in names
        and truth.organizations[truth.spaces[i.space_guid].organization_guid].name == org
    )


def _is_major(truth: Truth, update: str) -> bool:
    return truth.service_updates[update].type == "engine-major-version-update"


def test_a_thousand_managers_cost_a_handful_of_requests(here: Here) -> None:
    """Never one for each org or each manager."""
    with Sandbox(Options(instances=600)) as sandbox:
        sandbox.world.change(crowded(1000, 250))
        here.set(sandbox.environment)
        ended = here.run("print", "--format", "json")
        assert ended.status == 0, ended.err
        assert ended.document["summary"]["mails"] > 500
        calls = sandbox.journal.by_call()
        assert calls["cloudfoundry", "/v3/organizations"] <= 2
        assert calls["cloudfoundry", "/v3/roles"] <= 2
        assert calls["accounts", "/users"] <= 10


def test_user_names_are_used_without_paas_accounts(sandbox: Sandbox, here: Here) -> None:
    """Those that are addresses; the others are named as people who cannot be told."""
    here.set({**sandbox.environment, "PAAS_ACCOUNTS_URL": None})
    ended = here.email()
    assert ended.status == 1
    assert "its user name is not an e-mail address" in ended.out
    assert "has no user name" in ended.out
    usernames = {user.username for user in sandbox.world.truth.users.values()}
    assert {mail.email_address for mail in sandbox.notify.mails} <= usernames
    assert sandbox.journal.by_system()["accounts"] == 0


def test_two_accounts_with_one_address_get_one_mail_an_org(sandbox: Sandbox, here: Here) -> None:
    sandbox.world.change(crowded(6, 2))
    one = {
        guid: replace(account, user_email="shared@example.org")
        for guid, account in sandbox.world.truth.accounts.items()
    }
    sandbox.world.change(lambda truth: replace(truth, accounts=one))
    here.set(sandbox.environment)
    assert here.email().status == 0
    assert mails_by_org_and_address(sandbox) == {
        ("org-0000", "shared@example.org"): 1,
        ("org-0001", "shared@example.org"): 1,
    }


def test_a_second_run_sends_nothing(sandbox: Sandbox, here: Here) -> None:
    here.set(sandbox.environment)
    here.email()
    count = len(sandbox.notify.mails)
    again = here.email("--format", "json")
    assert len(sandbox.notify.mails) == count
    assert again.document["summary"]["sent_before"] == count


def test_another_window_is_another_mail(sandbox: Sandbox, here: Here) -> None:
    sandbox.world.change(crowded(4, 2))
    here.set(sandbox.environment)
    here.email()
    here.email("--maintenance-window-time-range", "1400-1600")
    assert len(sandbox.notify.mails) == 8
    assert len({mail.reference for mail in sandbox.notify.mails}) == 8


def test_references_hold_no_personal_data(sandbox: Sandbox, here: Here) -> None:
    here.set(sandbox.environment)
    here.email()
    assert all(
        re.fullmatch(r"elasticache-maintenance-[0-9a-f]{40}", mail.reference or "") for mail in sandbox.notify.mails
    )


def test_a_changed_list_is_told_and_corrected_on_demand(sandbox: Sandbox, here: Here) -> None:
    """Silence would be wrong, and so would a second mail that does not say that it replaces the first."""
    sandbox.world.change(crowded(4, 2))
    here.set(sandbox.environment)
    here.email()
    instances = sandbox.world.truth.service_instances
    gone = next(i for i in instances.values() if i.space_guid == "space-0")
    sandbox.tenants.delete_instance(gone.guid, leave_group=False)

    told = here.email()
    assert told.status == 1
    assert "Told about other instances or updates than wait now: 2 people" in told.out
    assert len(sandbox.notify.mails) == 4

    corrected = here.email("--send-corrections")
    assert corrected.status == 0
    assert len(sandbox.notify.mails) == 6
    corrections = list(sandbox.notify.mails)[4:]
    assert all("^ This replaces our earlier message" in str(mail.personalisation["contents"]) for mail in corrections)
    assert here.email("--send-corrections").status == 0
    assert len(sandbox.notify.mails) == 6


def test_a_dry_run_sends_and_records_nothing(sandbox: Sandbox, here: Here, sqlite_url: str) -> None:
    here.set({**sandbox.environment, "NOTIFY_API_KEY": None})
    ended = here.email("--dry-run")
    assert "would tell" in ended.err
    assert sandbox.journal.by_system()["notify"] == 0
    with Ledger(sqlite_url) as ledger:
        assert ledger.records() == []


def test_filters(sandbox: Sandbox, here: Here) -> None:
    """By update, severity and org; a major version only where it is named."""
    sandbox.world.change(crowded(6, 3))
    here.set(sandbox.environment)

    def orgs(*arguments: str) -> list[str]:
        document = here.run("print", "--format", "json", *arguments).document
        return [org["name"] for org in document["orgs"]]

    def updates(*arguments: str) -> set[str]:
        document = here.run("print", "--format", "json", *arguments).document
        return {
            update["name"]
            for org in document["orgs"]
            for space in org["spaces"]
            for instance in space["instances"]
            for update in instance["updates"]
        }

    known = sandbox.world.truth.service_updates
    assert orgs() == ["org-0000", "org-0001", "org-0002"]
    assert orgs("--only-org", "org-0001") == ["org-0001"]
    assert orgs("--exclude-org", "org-0001") == ["org-0000", "org-0002"]
    assert {known[name].severity for name in updates("--severity", "critical")} == {"critical"}
    ordinary = next(name for name in updates() if known[name].severity == "important")
    assert updates("--only-update", ordinary) == {ordinary}
    major = next(update.name for update in known.values() if update.type == "engine-major-version-update")
    assert major not in updates()
    assert major in here.run("print").out
    assert updates("--only-update", major) <= {major}


def test_no_secret_is_said_or_kept(sandbox: Sandbox, here: Here, sqlite_url: str) -> None:
    """Not with the most talkative log, not in the ledger's bytes."""
    here.set({**sandbox.environment, "LOG_LEVEL": "debug"})
    ended = here.email("--format", "json")
    ledger = here.folder / "ledger"
    kept = b"".join(path.read_bytes() for path in ledger.rglob("*") if path.is_file())
    for name in ("AWS_SECRET_ACCESS_KEY", "CF_CLIENT_SECRET", "PAAS_ACCOUNTS_PASSWORD", "NOTIFY_API_KEY"):
        secret = sandbox.environment[name]
        assert secret not in ended.out + ended.err
        assert secret.encode() not in kept
        assert secret[-36:].encode() not in kept
    assert sqlite_url.endswith(str(ledger / "ledger.sqlite3"))
