"""`apply` and the AWS account: whose credentials act, and whether it is the account that the ledger knows."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.accounts import recorded_accounts
from ledger.ledger import Ledger
from sandbox import credentials
from sandbox.generate.updates import Backlog
from sandbox.server import Options, Sandbox
from tests.documents.documents import text_of
from tests.notifier_here import Here
from tests.notifier_program import WINDOW

NOW = ("--outside-window", "a test", "--poll-interval", "1")
RUN = ("apply", "--yes", "--format", "json", *WINDOW, *NOW)
LATER = (
    "--region",
    "Ireland",
    "--maintenance-window-date",
    "2100-01-05",
    "--maintenance-window-time-range",
    "0900-1100",
)
ROLE = "arn:aws:iam::000000000000:role/applier"
READER = {
    "AWS_ACCESS_KEY_ID": credentials.AWS_READER_ACCESS_KEY_ID,
    "AWS_SECRET_ACCESS_KEY": credentials.AWS_READER_SECRET_ACCESS_KEY,
}


@pytest.fixture
def platform() -> Iterator[Sandbox]:
    with Sandbox(Options(instances=8, update_seconds=0.2, backlog=Backlog(share=1, each=1))) as running:
        yield running


@pytest.fixture
def told(here: Here, platform: Sandbox, sqlite_url: str) -> Here:
    here.set({**platform.environment, "LEDGER_URL": sqlite_url})
    here.email()
    return here


def in_account(platform: Sandbox, account: str) -> None:
    platform.world.change(lambda truth: replace(truth, account=account))


def calls_of(platform: Sandbox) -> set[str]:
    return {entry.call for entry in platform.journal.entries("elasticache")}


def test_the_account_is_said_and_recorded(told: Here, sqlite_url: str) -> None:
    """A dry run records nothing."""
    dry = told.run(*RUN, "--dry-run")
    assert (dry.document["account"], "AWS account 000000000000." in dry.err) == ("000000000000", True)
    with Ledger(sqlite_url) as ledger:
        assert recorded_accounts(ledger, "eu-west-1") == []
    assert told.run(*RUN).document["account"] == "000000000000"
    with Ledger(sqlite_url) as ledger:
        assert recorded_accounts(ledger, "eu-west-1") == ["000000000000"]
        assert recorded_accounts(ledger, "eu-west-2") == []


def test_credentials_of_another_account_are_refused(told: Here, platform: Sandbox) -> None:
    """Whichever earlier window of the region it is that the ledger knows the account of."""
    told.run(*RUN)
    in_account(platform, "111111111111")
    attempts = len(platform.applying.attempts)
    for arguments in (RUN, ("apply", "--yes", *LATER, *NOW, "--include-untold", "x"), (*RUN, "--dry-run")):
        ended = told.run(*arguments)
        assert ended.status == 2
        assert (
            "the ledger knows Ireland as AWS account 000000000000, these credentials are of 111111111111; change them"
            in ended.err
        )
    assert len(platform.applying.attempts) == attempts


def test_where_sts_has_no_address_of_its_own_it_is_asked_where_elasticache_is(told: Here) -> None:
    told.set({"AWS_ENDPOINT_URL_STS": None, "AWS_ENDPOINT_URL": None})
    assert told.run(*RUN, "--dry-run").document["account"] == "000000000000"


def test_where_nobody_can_say_it_goes_on_unless_there_is_something_to_compare(told: Here) -> None:
    """A network may not lead to STS."""
    told.set({"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9"})
    dry = told.run(*RUN, "--dry-run")
    assert (dry.status, dry.document["account"]) == (0, None)
    assert "warning: AWS does not say of which account these credentials are" in dry.err
    told.set({"AWS_ENDPOINT_URL_STS": None, "AWS_ENDPOINT_URL": None})
    told.run(*RUN)
    told.set({"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9"})
    assert told.run(*RUN).status == 3


def test_who_may_only_read_begins_nothing(told: Here, platform: Sandbox) -> None:
    """AWS's own words say what is missing."""
    told.set(READER)
    ended = told.run(*RUN)
    assert (ended.status, platform.applying.attempts) == (3, [])
    assert "AccessDenied" in ended.err
    assert set(ended.document["summary"]) <= {"not_reached", "skipped"}


@pytest.mark.parametrize("is_in_file", [True, False])
def test_a_role_acts_while_the_readers_credentials_read(
    told: Here, platform: Sandbox, tmp_path: Path, *, is_in_file: bool
) -> None:
    """Whether REGIONS_FILE names it or a setting; together the policies allow all that is called, and no more."""
    told.set(READER)
    if is_in_file:
        regions = tmp_path / "regions.toml"
        address = platform.environment["CF_API_ADDRESS"]
        table = {"name": "Ireland", "aws_region": "eu-west-1", "cf_api_address": address, "aws_apply_role_arn": ROLE}
        regions.write_text("[[regions]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items()))
        told.set({"REGIONS_FILE": str(regions)})
    else:
        told.set({"AWS_APPLY_ROLE_ARN": ROLE})
    ended = told.run(*RUN)
    assert "complete" in ended.document["summary"], ended.err
    policies = [json.loads(text_of(f"deploy/iam/{name}.json")) for name in ("reader", "applier")]
    allowed = {action for policy in policies for statement in policy["Statement"] for action in statement["Action"]}
    called = calls_of(platform) - {"AssumeRole", "GetCallerIdentity"}
    assert {f"elasticache:{name}" for name in called} <= allowed
    assert "BatchApplyUpdateAction" in called


def test_a_role_of_another_account_is_refused(told: Here, platform: Sandbox) -> None:
    """Its groups would not be those that the plan is about. Where STS cannot be asked, the role's name says it."""
    told.set({"AWS_APPLY_ROLE_ARN": "arn:aws:iam::222222222222:role/applier"})
    platform.faults.add("elasticache/GetCallerIdentity:status:500,next=2")
    ended = told.run(*RUN)
    assert ended.status == 2
    assert "AWS is read in account 000000000000, but updates would be applied in account 222222222222" in ended.err


@pytest.mark.parametrize(
    ("role", "message"),
    [("admin", "--aws-apply-role-arn 'admin': not the ARN of a role"), ("", "--aws-apply-role-arn ''")],
)
def test_a_role_has_to_be_one(told: Here, role: str, message: str) -> None:
    ended = told.run(*RUN, "--aws-apply-role-arn", role)
    assert (ended.status, message in ended.err) == (2, True)


@pytest.mark.parametrize(("role", "state"), [(None, "failed"), (ROLE, "ok")])
def test_doctor_examines_the_role_that_would_apply(told: Here, role: str | None, state: str) -> None:
    """As `apply` would get it; the credentials that read may not start anything."""
    told.set({**READER, "AWS_APPLY_ROLE_ARN": role})
    checks = told.run("doctor", "--region", "Ireland", "--format", "json").document["checks"]
    found = {check["check"]: check["state"] for check in checks if check["check"].startswith("Batch")}
    assert found == {"BatchApplyUpdateAction": state, "BatchStopUpdateAction": state}
