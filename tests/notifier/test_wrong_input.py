"""Fifty ways to get it wrong: each earns one line that says what to write instead, exit status 2, and no mail."""

from dataclasses import replace

import pytest

from sandbox.server import Sandbox
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, WINDOW_DATE

DAY, HOURS = ("--maintenance-window-date", WINDOW_DATE.isoformat()), ("--maintenance-window-time-range", "0900-1100")
IRELAND = ("--region", "Ireland")
EMAIL = ("email", "--yes", *WINDOW)


def day(text: str) -> tuple[str, ...]:
    return ("email", "--yes", *IRELAND, *HOURS, "--maintenance-window-date", text)


def hours(text: str) -> tuple[str, ...]:
    return ("email", "--yes", *IRELAND, *DAY, "--maintenance-window-time-range", text)


WRONG: list[tuple[tuple[str, ...], dict[str, str | None], str]] = [
    # the command
    (("mail",), {}, "no such command"),
    (("--action", "send"), {}, "there are email, preview, print"),
    (("--action",), {}, "there are email, preview, print"),
    (("email", "--no-such-flag"), {}, "--no-such-flag"),
    (("email", "surplus"), {}, "unexpected extra argument"),
    (("ledger", "burn"), {}, "No such command"),
    (("print", "--format", "xml"), {}, "'xml' is not one of"),
    # the window
    (("email", "--yes", *IRELAND), {}, "--maintenance-window-date is not set"),
    (("email", "--yes", *IRELAND, *DAY), {}, "--maintenance-window-time-range is not set"),
    (("email", "--yes", *IRELAND, *HOURS), {}, "--maintenance-window-date is not set"),
    (day(""), {}, "not a date"),
    (day("soon"), {}, "not a date"),
    (day("31 June 2099"), {}, "June 2099 has 30 days"),
    (day("29 February 2098"), {}, "February 2098 has 28 days"),
    (day("16 Juny 2099"), {}, "not a date"),
    (day("16 June"), {}, "the year is missing"),
    (day("Monday 16 June 2099"), {}, "16 June 2099 is a Tuesday, not a Monday"),
    (day("Humpday 16 June 2099"), {}, "no day of the week"),
    (day("2099-13-01"), {}, "there is no such date"),
    (day("16/06/2099"), {}, "not a date"),
    (day("0001-01-01"), {}, "the year 0001 cannot be meant"),
    (day("Tuesday 16 June 2020"), {}, "has already begun or is over"),
    (hours("9-11"), {}, "not a time range"),
    (hours("0900"), {}, "not a time range"),
    (hours("1100-0900"), {}, "it ends before it starts"),
    (hours("0900-0900"), {}, "it ends before it starts"),
    (hours("0900-2400"), {}, "hours go from 00 to 23"),
    (hours("0960-1000"), {}, "minutes from 00 to 59"),
    (
        ("email", "--yes", *IRELAND, "--maintenance-window-date", "2099-03-29", *hours("0130-0300")[-2:]),
        {},
        "01:30 does not exist",
    ),
    (
        ("email", "--yes", *IRELAND, "--maintenance-window-date", "2099-10-25", *hours("0100-0300")[-2:]),
        {},
        "01:00 happens twice",
    ),
    ((*EMAIL, "--alt-maintenance-window-date", "Thursday 18 June"), {}, "a window needs both"),
    (
        (*EMAIL, "--alt-maintenance-window-date", "x", "--alt-maintenance-window-time-range", "0900-1100"),
        {},
        "not a date",
    ),
    (
        (*EMAIL, f"--alt-maintenance-window-date={WINDOW_DATE}", "--alt-maintenance-window-time-range=1000-1200"),
        {},
        "it overlaps the maintenance window",
    ),
    ((*EMAIL, "--time-zone", "Europe/Londres"), {}, "no such time zone"),
    ((*EMAIL, "--time-zone", "../etc/passwd"), {}, "no such time zone"),
    ((*EMAIL, "--bank-holidays", "Atlantis"), {}, "no such place"),
    ((*EMAIL, "--working-hours", "nine to five"), {}, "write it as 0900-1700"),
    ((*EMAIL, "--minimum-notice", "-1"), {}, "not in the range"),
    # the region
    ((*EMAIL, "--region", "Atlantis"), {}, "known are Ireland and London"),
    ((*EMAIL, "--region", "London"), {}, "AWS_REGION is 'eu-west-1'"),
    ((*EMAIL, "--region", ""), {}, "not known"),
    (EMAIL, {"AWS_REGION": "eu-west-2"}, "--region 'Ireland' is eu-west-1, but AWS_REGION is 'eu-west-2'"),
    (EMAIL, {"REGIONS_FILE": "/no/such/file.toml"}, "REGIONS_FILE '/no/such/file.toml'"),
    (EMAIL, {"CF_API_ADDRESS": "api.example.org"}, "write it with its scheme"),
    (EMAIL, {"CF_CLIENT_SECRET": None}, "CF_CLIENT_SECRET is not set"),
    # what is selected
    ((*EMAIL, "--severity", "terrible"), {}, "'terrible' is not one of"),
    ((*EMAIL, "--only-update", "redis-0"), {}, "--only-update 'redis-0': not an available update"),
    ((*EMAIL, "--only-org", "nobody"), {}, "--only-org 'nobody': no org"),
    ((*EMAIL, "--exclude-org", "nobody"), {}, "--exclude-org 'nobody': no org"),
    # addresses, GOV.UK Notify, the ledger
    (EMAIL, {"PAAS_ACCOUNTS_URL": "accounts.example.org"}, "write it with its scheme"),
    ((*EMAIL, "--paas-accounts-password", "x"), {"PAAS_ACCOUNTS_URL": None}, "PAAS_ACCOUNTS_URL is not set, but"),
    (EMAIL, {"PAAS_ACCOUNTS_PASSWORD": None}, "PAAS_ACCOUNTS_PASSWORD is not set"),
    (EMAIL, {"NOTIFY_API_KEY": None}, "NOTIFY_API_KEY is not set"),
    (EMAIL, {"NOTIFY_API_KEY": "letmein"}, "not a key of GOV.UK Notify"),
    (EMAIL, {"NOTIFY_API_KEY_FILE": "/no/such/file"}, "NOTIFY_API_KEY_FILE '/no/such/file'"),
    (EMAIL, {"NOTIFY_BASE_URL": "notify.example"}, "write it with its scheme"),
    (EMAIL, {"NOTIFY_TEMPLATE_ID": "the usual"}, "not a uuid"),
    (EMAIL, {"NOTIFY_REPLY_TO_ID": "support@example.org"}, "not a uuid"),
    (EMAIL, {"LEDGER_URL": "mysql://root@localhost/x"}, "mysql is not supported"),
    (EMAIL, {"LEDGER_URL": "nonsense"}, "not an address of a database"),
    (EMAIL, {"LEDGER_URL": "sqlite://"}, "has to outlive the program"),
    (EMAIL, {"LEDGER_URL": "sqlite:////proc/ledger.sqlite3"}, "ledger /proc/ledger.sqlite3"),
    ((*EMAIL, "--template", "/no/such/template"), {}, "No such file"),
    ((*EMAIL, "--template", "/dev/null"), {}, "it renders to nothing"),
    ((*EMAIL, "--status-page-url", "status.example.org"), {}, "write it with its scheme"),
    ((*EMAIL, "--support-contact", "call\nus"), {}, "one line of plain text"),
    (("email", "--dry-run", *WINDOW, "--notify-template-id", "the usual"), {}, "not a uuid"),
    (("email", "--dry-run", *WINDOW, "--notify-base-url", "notify"), {}, "write it with its scheme"),
    (("email", *WINDOW), {}, "--yes is missing"),
    ((*EMAIL, "--settle-seconds", "-1"), {}, "not in the range"),
    ((*EMAIL, "--mails-per-minute", "0"), {}, "not in the range"),
    # apply
    (("apply", *WINDOW, "--poll-interval", "nan"), {}, "'nan' is not a number"),
    (("apply", *WINDOW, "--poll-interval", "1e300"), {}, "'1e300' is not a number"),
    (("apply", *WINDOW, "--poll-interval", "999999999999"), {}, "not in the range"),
    (("apply", *WINDOW, "--canaries", "1_0"), {}, "'1_0' is not a whole number"),
    # preview and status
    (("preview", *WINDOW), {}, "choose one of --preview-email ADDRESS and --to-files DIR"),
    (
        ("preview", *WINDOW, "--preview-email", "a@example.org", "--org", "nobody"),
        {},
        "--only-org 'nobody': no org",
    ),
    (("preview", *WINDOW, "--to-files", "/proc/mails"), {}, "--to-files '/proc/mails'"),
    (("status",), {}, "--maintenance-window-date is not set"),
    (("status", *WINDOW, "--interval", "0"), {}, "not in the range"),
]


def test_there_are_fifty_or_more() -> None:
    assert len(WRONG) >= 50


@pytest.mark.parametrize(("arguments", "environment", "said"), WRONG, ids=[f"{n}" for n in range(len(WRONG))])
def test_wrong_input_is_refused_in_one_line(
    arguments: tuple[str, ...], environment: dict[str, str | None], said: str, shared_sandbox: Sandbox, here: Here
) -> None:
    here.set({**shared_sandbox.environment, **environment})
    if "NOTIFY_API_KEY_FILE" in environment:
        here.set({"NOTIFY_API_KEY": None})
    ended = here.run(*arguments)
    assert ended.status == 2, ended.err
    lines = ended.err.strip().splitlines()
    assert said in lines[-1]
    assert "Traceback" not in ended.err
    assert len([line for line in lines if line.startswith("elasticache-update-notifier")]) == 1
    assert len(shared_sandbox.notify.mails) == 0


def test_an_aws_region_and_a_cloud_foundry_that_do_not_belong_together(sandbox: Sandbox, here: Here) -> None:
    """Mails would go to the people of another platform."""
    instances = sandbox.world.truth.service_instances.values()
    renamed = {f"other-{i.guid}": replace(i, guid=f"other-{i.guid}") for i in instances}
    sandbox.world.change(lambda truth: replace(truth, service_instances=renamed))
    here.set(sandbox.environment)
    ended = here.run(*EMAIL)
    assert ended.status == 2
    assert "do not seem to belong together" in ended.err
    assert len(sandbox.notify.mails) == 0
