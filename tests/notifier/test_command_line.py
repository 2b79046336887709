"""Command lines as operators type them, the old runbook's among them, and what each command shows."""

import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from notifier.__main__ import COMMANDS
from sandbox.server import Options, Sandbox
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, WINDOW_DATE, crowded, mails_by_org_and_address, program, sends

DAY = f"{WINDOW_DATE:%A} {WINDOW_DATE.day} {WINDOW_DATE:%B %Y}"
NEXT = WINDOW_DATE.replace(day=min(28, WINDOW_DATE.day)) if WINDOW_DATE.day < 28 else WINDOW_DATE

ROOT = Path(__file__).parents[2]


def old_flags(sandbox: Sandbox) -> dict[str, list[str]]:
    """The flags of the old runbook's lines, with this platform's values."""
    environment = sandbox.environment
    return {
        "accounts": [
            *("--paas-accounts-url", environment["PAAS_ACCOUNTS_URL"]),
            *("--paas-accounts-username", environment["PAAS_ACCOUNTS_USERNAME"]),
            *("--paas-accounts-password", environment["PAAS_ACCOUNTS_PASSWORD"]),
        ],
        "window": [
            *("--notify-api-key", environment["NOTIFY_API_KEY"]),
            *("--maintenance-window-date", DAY),
            *("--maintenance-window-time-range", "0600-0800"),
            *("--alt-maintenance-window-date", "31 December"),
            *("--alt-maintenance-window-time-range", "1800-2000"),
            *("--region", "Ireland"),
            *("--preview-email", "your@email.example"),
        ],
    }


def only_flags(here: Here, sandbox: Sandbox) -> None:
    """Without the secrets that the old runbook gives as flags."""
    here.set({**sandbox.environment, "NOTIFY_API_KEY": None})
    here.set(dict.fromkeys(("PAAS_ACCOUNTS_URL", "PAAS_ACCOUNTS_USERNAME", "PAAS_ACCOUNTS_PASSWORD")))


def test_the_old_runbook_prints(sandbox: Sandbox, here: Here) -> None:
    only_flags(here, sandbox)
    ended = here.run("--action", "print", *old_flags(sandbox)["accounts"])
    assert ended.status == 0, ended.err
    assert re.match(r"\d+ orgs, \d+ people to tell, \d+ instances with \d+ updates waiting in Ireland", ended.out)
    assert "warning: --paas-accounts-password: every user of this machine can read it" in ended.err
    assert len(sandbox.notify.mails) == 0


@pytest.mark.parametrize("with_accounts", [False, True])
def test_the_old_runbook_previews(sandbox: Sandbox, here: Here, with_accounts: bool) -> None:  # noqa: FBT001 — a row each
    """One mail, to oneself, about an invented org; neither AWS nor Cloud Foundry is asked."""
    only_flags(here, sandbox)
    flags = old_flags(sandbox)
    accounts = flags["accounts"] if with_accounts else []
    ended = here.run("--action", "preview", *accounts, *flags["window"])
    assert ended.status == 0, ended.err
    (mail,) = sandbox.notify.mails
    assert mail.email_address == "your@email.example"
    assert mail.subject == f"Redis maintenance on {DAY} (Ireland)"
    assert "between 06:00 and 08:00" in str(mail.personalisation["contents"])
    assert "31 December" in str(mail.personalisation["contents"])
    assert set(sandbox.journal.by_system()) == {"notify"}


def test_the_old_runbook_sends(sandbox: Sandbox, here: Here) -> None:
    """With `--yes`, because here is no terminal at which to ask; a flag that it has no use for is said to be ignored."""
    only_flags(here, sandbox)
    sandbox.world.change(crowded(3, 3))
    flags = old_flags(sandbox)
    line = ("--action", "email", *flags["accounts"], *flags["window"])
    assert here.run(*line).status == 2
    ended = here.run(*line, "--yes")
    assert ended.status == 0, ended.err
    assert "warning: --preview-email: email has no use for it, and ignores it" in ended.err
    assert len(mails_by_org_and_address(sandbox)) == 3


def test_a_preview_of_a_real_org_is_what_its_managers_get(sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    """Byte for byte, in the mail and in the file."""
    sandbox.world.change(crowded(2, 1))
    here.set(sandbox.environment)
    here.run("preview", *WINDOW, "--preview-email", "me@example.org", "--org", "org-0000")
    here.run("preview", *WINDOW, "--to-files", str(tmp_path / "mails"))
    here.email()
    preview, *sent = (str(mail.personalisation["contents"]) for mail in sandbox.notify.mails)
    assert sent == [preview, preview]
    texts = sorted((tmp_path / "mails").glob("*.txt"))
    assert [re.sub(r"[0-9a-f]{12}", "*", path.stem) for path in texts] == [
        f"org-0000-person.{n}@example.org-*" for n in (0, 1)
    ]
    assert [path.read_bytes() for path in texts] == [preview.encode()] * 2
    assert all(path.with_suffix(".html").exists() for path in texts)


def test_files_need_no_key(sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    here.set({**sandbox.environment, "NOTIFY_API_KEY": None})
    ended = here.run("preview", *WINDOW, "--to-files", str(tmp_path / "mails"))
    assert ended.status == 0, ended.err
    assert sandbox.journal.by_system()["notify"] == 0
    assert all("/" not in path.name and not path.name.startswith(".") for path in (tmp_path / "mails").iterdir())


def test_status_tells_who_has_to_be_told_another_way(sandbox: Sandbox, here: Here) -> None:
    sandbox.world.change(crowded(4, 1))
    outcomes = {"person.1@example.org": "permanent-failure", "person.2@example.org": "temporary-failure"}
    sandbox.notify.change(outcomes=outcomes, delivery_seconds=0.5)
    here.set(sandbox.environment)
    here.email()
    ended = here.run("status", *WINDOW, "--watch", "--interval", "0.1")
    assert ended.status == 1
    assert "Delivered: 2" in ended.out
    assert "person.1@example.org, org org-0000: failed for good (permanent-failure)" in ended.out
    assert "person.2@example.org, org org-0000: failed for now (temporary-failure)" in ended.out

    sandbox.notify.mails.clear()
    document = here.run("status", *WINDOW, "--format", "json").document
    assert document["summary"]["delivered"] == 2, "the ledger remembers what Notify has forgotten"
    assert document["version"] == 1


def test_status_does_not_ask_for_mails_again_that_notify_has_forgotten(
    sandbox: Sandbox, here: Here, sqlite_url: str
) -> None:
    """Accepted over a week ago, and nobody asked after them meanwhile."""
    sandbox.world.change(crowded(2, 1))
    sandbox.notify.change(delivery_seconds=3600.0)
    here.set(sandbox.environment)
    assert here.email().status == 0
    sandbox.notify.mails.clear()
    long_ago = (datetime.now(UTC) - timedelta(days=8)).isoformat()
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE mails SET sent_at = ?, attempted_at = ?", (long_ago, long_ago))
    ended = here.run("status", *WINDOW, "--watch")
    assert ended.status == 0
    assert "Accepted: 2" in ended.out
    assert "cannot be found out any more" in ended.out
    assert "run email again" not in ended.out
    document = here.run("status", *WINDOW, "--format", "json").document
    assert [mail["fate"] for mail in document["mails"]] == ["accepted"] * 2


def test_a_dry_run_says_what_it_is(sandbox: Sandbox, here: Here) -> None:
    """It has sent nothing, and does not say that it has sent 0."""
    sandbox.world.change(crowded(2, 1))
    here.set(sandbox.environment)
    ended = here.run("email", "--dry-run", *WINDOW)
    assert ended.status == 0
    assert ended.out.startswith("Dry run, nothing was sent: 2 mails to send\n")
    assert "Sent:" not in ended.out
    document = here.run("email", "--dry-run", *WINDOW, "--format", "json").document
    assert document["is_dry_run"] is True
    assert [mail["address"] for mail in document["to_send"]] == ["person.0@example.org", "person.1@example.org"]
    assert here.run("email", "--yes", *WINDOW, "--format", "json").document["is_dry_run"] is False


def test_status_of_a_window_for_which_nothing_was_sent(sandbox: Sandbox, here: Here) -> None:
    here.set(sandbox.environment)
    ended = here.run("status", *WINDOW)
    assert ended.status == 1
    assert "No mail is recorded" in ended.out


def test_the_ledger_is_exported_and_checked(sandbox: Sandbox, here: Here) -> None:
    sandbox.world.change(crowded(2, 1))
    here.set(sandbox.environment)
    here.email()
    exported = here.run("ledger", "export").document
    assert [mail["address"] for mail in exported["mails"]] == ["person.0@example.org", "person.1@example.org"]
    assert here.run("ledger", "export", "--format", "csv").out.count("\n") == 3
    checked = here.run("ledger", "check")
    assert checked.status == 0
    assert "2 mails in sqlite" in checked.out


def test_print_tells_what_has_gone(sandbox: Sandbox, here: Here) -> None:
    sandbox.world.change(crowded(1, 1))
    here.set(sandbox.environment)
    assert "person.0@example.org (not yet told)" in here.run("print", *WINDOW).out
    here.email()
    assert re.search(r"person\.0@example\.org \(told at \d{4}-", here.run("print", *WINDOW).out)
    (manager,) = here.run("print", *WINDOW, "--format", "json").document["orgs"][0]["managers"]
    assert manager["mail_sent_at"] is not None
    assert manager["mail_is_about_these_instances"] is True


def test_ctrl_c_finishes_records_and_says_how_to_continue(sqlite_url: str) -> None:
    """What was under way is sent and recorded; the rest is for the next run."""
    with Sandbox(Options(instances=80)) as sandbox:
        sandbox.world.change(crowded(60, 20))
        sandbox.faults.add("notify/v2/notifications/email:latency:0.3")
        notifier = program(sandbox, sqlite_url)
        process = notifier.start("email", "--yes", *WINDOW)
        while sends(sandbox) < 12 and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "run the same command again to continue" in out
        assert "finishing the mails under way" in err
        sent = int(out.splitlines()[0].removeprefix("Sent: "))
        assert sent == len(sandbox.notify.mails) < 60
        assert notifier.email().status == 0
        assert len(sandbox.notify.mails) == 60


@pytest.mark.parametrize("command", [*COMMANDS, "ledger export", "ledger check"])
def test_help_teaches_each_command(command: str, here: Here) -> None:
    ended = here.run(*command.split(), "--help")
    assert ended.status == 0
    assert f"Usage: elasticache-update-notifier {command}" in ended.out
    if command in COMMANDS:
        for part in ("Example", "Exit status:"):
            assert part in ended.out, f"notifier/commands/{command}.py: the epilog has no '{part}'"


def test_every_module_of_a_command_is_one() -> None:
    """What is not in the list is neither in the help, nor completed, nor run."""
    modules = {path.stem for path in (ROOT / "notifier" / "commands").glob("*.py")} - {"__init__"}
    differing = sorted(modules ^ COMMANDS.keys())
    assert not differing, f"in one only of COMMANDS (notifier/__main__.py) and notifier/commands/: {differing}"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_in_the_document(command: str) -> None:
    """In its table of commands."""
    section = (ROOT / "docs" / "notifier.md").read_text().partition("\n## Commands\n")[2].partition("\n## ")[0]
    table = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    assert any(row.startswith((f"`{command}`", f"`{command} ")) for row in table), (
        f"docs/notifier.md: add a row for `{command}` to the table under Commands"
    )


def test_help_comes_at_once() -> None:
    """Within five times what Python needs for nothing at all: it imports no library."""
    modules = "import sys; before = set(sys.modules); from notifier.__main__ import run; run(['--help']); "
    count = "print(sorted(m for m in set(sys.modules) - before if '.' not in m), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", modules + count], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage: elasticache-update-notifier COMMAND")
    assert not {"click", "botocore", "sqlalchemy", "rich", "jinja2"} & set(re.findall(r"\w+", done.stderr))


def test_the_exporter_imports_nothing_of_the_notifier_s() -> None:
    """It has 128 MiB to live in. That structlog looks for rich by itself costs 3 MiB, and cannot be avoided."""
    listed = "import sys, exporter.command_line, exporter.run; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
    ours = {"notifier", "sqlalchemy", "psycopg", "holidays", "notifications_python_client", "platformdirs"}
    assert not ours & set(done.stdout.split())
