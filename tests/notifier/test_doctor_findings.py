"""Set-ups that are broken in one way each: `doctor` names what is broken, and nothing else."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import msgspec
import psycopg
import pytest

from notifier.doctor import examinations
from sandbox import credentials
from sandbox.notify.templates import MAINTENANCE, TEMPLATES
from sandbox.server import Options, Sandbox
from tests.exporter_process import free_port
from tests.notifier.doctor_here import Found, doctor, shown
from tests.notifier_here import Here
from tests.scripted_server import Answer, scripted_server

READS = {
    "aws DescribeCacheClusters",
    "aws DescribeCacheParameterGroups",
    "aws DescribeReplicationGroups",
    "aws DescribeServiceUpdates",
    "aws DescribeUpdateActions",
}
ACTS = {"aws BatchApplyUpdateAction", "aws BatchStopUpdateAction"}
WITH_CLOCKS = ("aws", "cloudfoundry", "accounts", "notify", "statuspage", "github")
ALL_OF_AWS = {"aws identity", *READS, *ACTS}


@dataclass(frozen=True)
class Stage:
    """Where a row breaks one thing."""

    sandbox: Sandbox
    here: Here
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    until_the_end: ExitStack = field(default_factory=ExitStack)

    def set(self, **variables: str | None) -> None:
        self.here.set(variables)

    @property
    def ledger(self) -> Path:
        return Path(os.environ["LEDGER_URL"].removeprefix("sqlite:///"))

    def make_ledger(self) -> None:
        assert self.here.run("ledger", "check").status == 0

    def template(self, **changes: str) -> None:
        self.monkeypatch.setitem(TEMPLATES, MAINTENANCE.id, replace(MAINTENANCE, **changes))  # type: ignore[arg-type] # as the fields' own types

    def notify_answers(self, *answers: Answer) -> None:
        self.set(NOTIFY_BASE_URL=self.until_the_end.enter_context(scripted_server(*answers)).url)


Break = Callable[[Stage], object]


@dataclass(frozen=True)
class Row:
    breaks: Break
    failed: set[str] = field(default_factory=set)
    warned: set[str] = field(default_factory=set)
    says: str = ""
    """In a detail or remedy of what failed or was warned about."""


def variables(**values: str | None) -> Break:
    return lambda stage: stage.set(**values)


def expired_token(stage: Stage) -> None:
    key = stage.sandbox.signatures.temporary_key(3600, "assumed-role/operator/ada")
    stage.sandbox.signatures.expire_temporary_keys()
    stage.set(AWS_ACCESS_KEY_ID=key.id, AWS_SECRET_ACCESS_KEY=key.secret, AWS_SESSION_TOKEN=key.session_token)


def expired_login(stage: Stage) -> None:
    """What the CLI left looks valid; only Cloud Foundry and UAA know better."""
    stage.sandbox.write_cf_login(stage.folder)
    stage.sandbox.tokens.invalidate(with_refresh=True)
    stage.set(CF_CLIENT_ID=None, CF_CLIENT_SECRET=None)


def another_platform(stage: Stage) -> None:
    other = stage.until_the_end.enter_context(Sandbox(Options(seed=2)))
    stage.set(CF_API_ADDRESS=other.environment["CF_API_ADDRESS"])


def reader(stage: Stage) -> None:
    stage.set(
        AWS_ACCESS_KEY_ID=credentials.AWS_READER_ACCESS_KEY_ID,
        AWS_SECRET_ACCESS_KEY=credentials.AWS_READER_SECRET_ACCESS_KEY,
    )


def another_account(stage: Stage) -> None:
    """The ledger has applied this region's updates in one account, and these credentials are of another."""
    stage.make_ledger()
    with closing(sqlite3.connect(stage.ledger)) as connection, connection:
        connection.execute(
            "INSERT INTO windows (window_key, aws_region, account, time_zone, state, first_known_at, command)"
            " VALUES ('w', 'eu-west-1', '111111111111', 'Europe/London', 'known', '2026-01-01T00:00:00+00:00', 'apply')"
        )


def no_scope(stage: Stage) -> None:
    stage.sandbox.tokens.scopes = ("cloud_controller.read",)


def archived_template(stage: Stage) -> None:
    """Notify still gives it by its id, and does not list it any more."""
    document = msgspec.json.encode(MAINTENANCE.document())
    stage.notify_answers(Answer(document), Answer(b'{"templates": []}'))


def sms_template(stage: Stage) -> None:
    stage.notify_answers(Answer(msgspec.json.encode({**MAINTENANCE.document(), "type": "sms", "subject": None})))


def fits_in_other_words(stage: Stage) -> None:
    """Notify takes these names for the same, and a template need not state its placeholders."""
    body, subject = "((Contents))\n\n", "((maintenance-window date??On)) ((Maintenance Window Date))"
    document = {**MAINTENANCE.document(), "body": body, "subject": subject, "personalisation": None}
    listed = {"templates": [{"id": MAINTENANCE.id.upper()}]}
    stage.notify_answers(Answer(msgspec.json.encode(document)), Answer(msgspec.json.encode(listed)))


def clock(seconds: float) -> Break:
    return lambda stage: setattr(stage.sandbox.clock, "date_skew_seconds", seconds)


def ledger_file(change: Callable[[Path], object]) -> Break:
    def broken(stage: Stage) -> None:
        stage.make_ledger()
        change(stage.ledger)

    return broken


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE schema_version SET version = 99")


def older(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE schema_version SET version = 1")


def damaged(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + bytes(len(whole) - 4096))


def linked(path: Path) -> None:
    path.rename(path.with_name("other"))
    path.symlink_to(path.with_name("other"))


def regions_file(text: str) -> Break:
    def broken(stage: Stage) -> None:
        file = stage.folder / "regions.toml"
        file.write_text(text)
        stage.set(REGIONS_FILE=str(file))

    return broken


def through_proxy(stage: Stage) -> None:
    stage.set(HTTP_PROXY=f"http://ada:s3cretword@127.0.0.1:{free_port()}", NO_PROXY=None, no_proxy=None)


WRONG_KEY = f"revoked_live-{credentials.NOTIFY_SERVICE_ID}-{uuid4()}"
NOWHERE = f"http://127.0.0.1:{free_port()}"

ROWS: dict[str, Row] = {
    "wrong AWS secret": Row(
        variables(AWS_SECRET_ACCESS_KEY="wrong-0123456789"), ALL_OF_AWS, says="AWS_SECRET_ACCESS_KEY"
    ),
    "unknown AWS key": Row(variables(AWS_ACCESS_KEY_ID="AKIAUNKNOWN"), ALL_OF_AWS, says="InvalidClientTokenId"),
    "half of a pair of AWS keys": Row(variables(AWS_SECRET_ACCESS_KEY=None), {"aws settings"}, says="set both"),
    "expired token": Row(expired_token, ALL_OF_AWS, says="log in to AWS again"),
    "no right for one read": Row(
        lambda stage: stage.sandbox.rights.deny("DescribeUpdateActions"),
        {"aws DescribeUpdateActions"},
        says="allow elasticache:DescribeUpdateActions",
    ),
    "no right to apply": Row(reader, ACTS, says="allow elasticache:BatchApplyUpdateAction"),
    "no right to stop": Row(
        lambda stage: stage.sandbox.rights.deny("BatchStopUpdateAction"),
        {"aws BatchStopUpdateAction"},
        says="allow elasticache:BatchStopUpdateAction",
    ),
    "another AWS region": Row(variables(AWS_REGION="eu-west-2"), ALL_OF_AWS, says="AWS_REGION"),
    "no such AWS region": Row(variables(AWS_REGION="eu-wset-1"), {"aws settings"}, says="did you mean eu-west-1?"),
    "AWS at an address where nobody is": Row(variables(AWS_ENDPOINT_URL_ELASTICACHE=NOWHERE), READS | ACTS),
    "AWS's address is none": Row(variables(AWS_ENDPOINT_URL_ELASTICACHE="localhost:1"), {"aws settings"}),
    "AWS throttles": Row(
        lambda stage: stage.sandbox.faults.add("elasticache/DescribeServiceUpdates:throttle"),
        warned={"aws DescribeServiceUpdates"},
        failed={"cloudfoundry belongs to AWS"},
    ),
    "AWS account of another ledger": Row(another_account, {"aws account"}, says="111111111111"),
    "wrong CF secret": Row(variables(CF_CLIENT_SECRET="wrong"), {"cloudfoundry token"}, says="check CF_CLIENT_ID"),
    "cf login that has expired": Row(expired_login, {"cloudfoundry token"}, says="run cf login again"),
    "half of a UAA client": Row(variables(CF_CLIENT_SECRET=None), {"cloudfoundry settings"}, says="set both"),
    "CF client without scope": Row(no_scope, {"cloudfoundry scope"}, says="cloud_controller.global_auditor"),
    "no such offering": Row(variables(CF_SERVICE_OFFERINGS="rediss"), {"cloudfoundry offerings"}, says="it has"),
    "no such broker": Row(
        variables(CF_SERVICE_BROKERS="nobody"), {"cloudfoundry offerings"}, says="CF_SERVICE_BROKERS"
    ),
    "CF at an address where nobody is": Row(
        variables(CF_API_ADDRESS=NOWHERE), {"cloudfoundry token"}, says="CF_API_ADDRESS"
    ),
    "no CF address": Row(variables(CF_API_ADDRESS=None), {"cloudfoundry settings"}, says="CF_API_ADDRESS is not set"),
    "CF of another platform": Row(
        another_platform, {"cloudfoundry belongs to AWS"}, says="do not seem to belong together"
    ),
    "wrong Accounts password": Row(
        variables(PAAS_ACCOUNTS_PASSWORD="wrong"), {"accounts answers"}, says="check PAAS_ACCOUNTS_USERNAME"
    ),
    "no Accounts password": Row(variables(PAAS_ACCOUNTS_PASSWORD=None), {"accounts settings"}),
    "Accounts' address is another system's": Row(
        lambda stage: stage.set(PAAS_ACCOUNTS_URL=stage.sandbox.environment["NOTIFY_BASE_URL"]), {"accounts answers"}
    ),
    "revoked Notify key": Row(variables(NOTIFY_API_KEY=WRONG_KEY), {"notify key"}, says="make a new key"),
    "half a Notify key": Row(variables(NOTIFY_API_KEY=str(uuid4())), {"notify key"}, says="name-UUID-UUID"),
    "test key": Row(
        variables(NOTIFY_API_KEY=credentials.NOTIFY_KEYS["test"]),
        warned={"notify kind of key"},
        says="nobody gets a mail",
    ),
    "team key": Row(
        variables(NOTIFY_API_KEY=credentials.NOTIFY_KEYS["team"]), warned={"notify kind of key"}, says="guest list"
    ),
    "no such template": Row(variables(NOTIFY_TEMPLATE_ID=str(uuid4())), {"notify template"}, says="NOTIFY_TEMPLATE_ID"),
    "template id is none": Row(variables(NOTIFY_TEMPLATE_ID="contents"), {"notify template"}, says="not a uuid"),
    "reply-to id is none": Row(variables(NOTIFY_REPLY_TO_ID="me"), {"notify reply-to"}, says="not a uuid"),
    "deleted template": Row(archived_template, {"notify template"}, says="has been deleted"),
    "template for texts": Row(sms_template, {"notify template"}, says="sms"),
    "a placeholder that nobody fills in": Row(
        lambda stage: stage.template(body="((contents)) ((name))"),
        {"notify placeholders"},
        says="((name)) is filled in by",
    ),
    "a placeholder is missing": Row(
        lambda stage: stage.template(body="Hello"), {"notify placeholders"}, says="((contents)) is missing"
    ),
    "no date in the subject": Row(
        lambda stage: stage.template(subject="Redis"),
        {"notify placeholders"},
        says="((maintenance_window_date)) is missing",
    ),
    "placeholders in other words, which are the same": Row(fits_in_other_words),
    "wrong Statuspage key": Row(variables(STATUSPAGE_API_KEY=str(uuid4())), {"statuspage key"}, says="make a new key"),
    "no such page": Row(variables(STATUSPAGE_PAGE_ID="0123456789ab"), {"statuspage page"}, says="STATUSPAGE_PAGE_ID"),
    "no page id": Row(variables(STATUSPAGE_PAGE_ID=None), {"statuspage page"}, says="STATUSPAGE_PAGE_ID"),
    "no such component": Row(
        variables(STATUSPAGE_COMPONENTS="Redis in Atlantis"),
        {"statuspage components"},
        says="'Redis in Atlantis': not on",
    ),
    "Statuspage throttles": Row(
        lambda stage: stage.sandbox.statuspage.change(requests=0), warned={"statuspage page"}, says="the same key"
    ),
    "wrong GitHub token": Row(
        variables(GITHUB_TOKEN="github_pat_wrong0123"), {"github token"}, says="make a new token"
    ),
    "GitHub token that may only read": Row(
        lambda stage: stage.sandbox.github.tracker.change(rights="read"), {"github push"}, says="Issues (write)"
    ),
    "GitHub token of another repository": Row(
        lambda stage: stage.sandbox.github.tracker.change(rights="none"),
        {"github repository"},
        says="GITHUB_REPOSITORY",
    ),
    "no such GitHub repository": Row(variables(GITHUB_REPOSITORY="sandbox/none"), {"github repository"}),
    "GitHub repository is no name": Row(
        variables(GITHUB_REPOSITORY="platform"), {"github repository"}, says="OWNER/NAME"
    ),
    "no GitHub repository": Row(variables(GITHUB_REPOSITORY=None), {"github repository"}, says="OWNER/NAME"),
    "renamed GitHub repository": Row(
        lambda stage: stage.sandbox.github.tracker.change(full_name="sandbox/renamed"),
        {"github repository"},
        says="renamed",
    ),
    "issues are turned off": Row(
        lambda stage: stage.sandbox.github.tracker.change(has_issues=False), {"github issues"}, says="turn them on"
    ),
    "archived GitHub repository": Row(
        lambda stage: stage.sandbox.github.tracker.change(is_archived=True), {"github repository"}, says="archived"
    ),
    "clock 40 s behind": Row(clock(41), {"notify clock"}, says="s behind"),
    "clock 20 s behind": Row(clock(21), warned={"notify clock"}, says="s behind"),
    "clock ten minutes ahead": Row(
        clock(-600),
        {"notify clock", "aws clock"},
        warned={f"{system} clock" for system in WITH_CLOCKS if system not in ("notify", "aws")},
        says="s ahead",
    ),
    "ledger of a newer program": Row(ledger_file(newer), {"ledger version"}, says="upgrade this one"),
    "ledger of an older program": Row(
        ledger_file(older), warned={"ledger version"}, says="the next command brings it to"
    ),
    "others can read the ledger": Row(
        ledger_file(lambda path: path.chmod(0o644)), {"ledger private"}, says="chmod 600"
    ),
    "everybody may write into the ledger's folder": Row(
        ledger_file(lambda path: path.parent.chmod(0o777)), {"ledger opens"}, says="chmod o-w"
    ),
    "not a ledger": Row(ledger_file(lambda path: path.write_text("x" * 5000)), {"ledger opens"}, says="not a ledger"),
    "damaged ledger": Row(ledger_file(damaged), {"ledger opens"}, says="damaged"),
    "ledger is a link": Row(ledger_file(linked), {"ledger opens"}, says="symbolic link"),
    "ledger is a folder": Row(lambda stage: stage.ledger.mkdir(parents=True), {"ledger opens"}, says="not a file"),
    "ledger within a file": Row(
        lambda stage: stage.ledger.parent.write_text(""), {"ledger writable"}, says="is not a folder"
    ),
    "forgotten rescue": Row(
        ledger_file(lambda path: path.with_name(f"{path.name}.rescued").write_text("")), {"ledger opens"}, says="mv '"
    ),
    "PostgreSQL is down": Row(
        variables(LEDGER_URL=f"postgresql://ada:s3cretword@127.0.0.1:{free_port()}/ledger"),
        {"ledger opens"},
        says="LEDGER_URL",
    ),
    "no such kind of ledger": Row(variables(LEDGER_URL="mysql://ada:s3cretword@host/x"), {"ledger opens"}),
    "key's file is missing": Row(
        variables(NOTIFY_API_KEY=None, NOTIFY_API_KEY_FILE="/run/secrets/notify"),
        {"notify key"},
        says="NOTIFY_API_KEY_FILE",
    ),
    "key's command fails": Row(
        variables(NOTIFY_API_KEY=None, NOTIFY_API_KEY_COMMAND="false"), {"notify key"}, says="NOTIFY_API_KEY_COMMAND"
    ),
    "two places have a key": Row(variables(NOTIFY_API_KEY_COMMAND="true"), {"notify key"}, says="keep one of them"),
    "bound services are not JSON": Row(
        variables(VCAP_SERVICES="{"),
        {
            *("ledger opens", "aws settings", "cloudfoundry settings", "accounts settings", "notify key"),
            *("statuspage key", "github token"),
        },
        says="VCAP_SERVICES",
    ),
    "no file of regions": Row(
        variables(REGIONS_FILE="/etc/regions.toml"), {"aws settings", "cloudfoundry settings"}, says="REGIONS_FILE"
    ),
    "broken file of regions": Row(
        regions_file("[[regions]\n"), {"aws settings", "cloudfoundry settings"}, says="REGIONS_FILE"
    ),
    "no such time zone": Row(variables(TIME_ZONE="Europe/Lodnon"), {"window time zone"}, says="TIME_ZONE"),
    "certificates are missing": Row(
        variables(REQUESTS_CA_BUNDLE="/etc/none.pem"), {"network settings"}, says="REQUESTS_CA_BUNDLE"
    ),
    "proxy's address is none": Row(variables(HTTPS_PROXY="::"), {"network settings"}, says="HTTPS_PROXY"),
    "nobody at the proxy": Row(
        through_proxy,
        {*ALL_OF_AWS, "cloudfoundry token", "accounts answers", "notify key", "statuspage page", "github repository"},
        says="the proxy in HTTP_PROXY",
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_is_broken_is_named_and_nothing_else(
    name: str, sandbox: Sandbox, here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ROWS[name]
    here.set(sandbox.environment)
    stage = Stage(sandbox, here, tmp_path, monkeypatch)
    with stage.until_the_end:
        row.breaks(stage)
        found = doctor(here)
    assert found.failed() == row.failed, shown(found.rows)
    assert found.warned() == row.warned, shown(found.rows)
    assert found.ended.status == (1 if row.failed else 0)
    wrong = [r for r in found.rows if r["state"] in ("failed", "warning")]
    assert all(r["remedy"] for r in wrong)
    assert not row.says or any(row.says in f"{r['detail']} {r['remedy']}" for r in wrong), shown(wrong)
    assert no_secret_is_shown(found)
    assert sandbox.applying.attempts == []
    assert len(sandbox.notify.mails) == 0


def no_secret_is_shown(found: Found) -> bool:
    said = found.ended.out + found.ended.err
    secrets = [value for name, value in os.environ.items() if name.endswith(("_KEY", "_SECRET", "_PASSWORD", "_TOKEN"))]
    parts = {
        secret[start : start + 8] for secret in secrets for start in range(max(1, len(secret) - 7)) if len(secret) > 8
    }
    service = set(map("".join, zip(*(credentials.NOTIFY_SERVICE_ID[n:] for n in range(8)), strict=False)))
    assert "s3cretword" not in said
    return not {part for part in parts - service if part in said and "sandbox" not in part}


SYSTEMS = {
    "elasticache": "aws",
    "uaa": "cloudfoundry",
    "cloudfoundry": "cloudfoundry",
    "accounts": "accounts",
    "notify": "notify",
    "statuspage": "statuspage",
    "github": "github",
}
"""The sandbox's names, and doctor's."""
SHORT_LIMIT_SECONDS = 8.0
"""Long enough for whoever answers, on a busy machine too."""


def only_these_fail(found: Found, systems: set[str]) -> bool:
    """And whatever else was examined is as it should be."""
    failed = {name.partition(" ")[0] for name in found.failed()}
    others = {row["state"] for row in found.rows if row["system"] not in systems}
    return failed == systems and others <= {"ok", "not_set"}


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("fault", ["html", "html:503", "down", "empty", "garbled", "status:500"])
def test_one_system_that_is_broken_hides_no_other(system: str, fault: str, sandbox: Sandbox, here: Here) -> None:
    """Whatever it does: the others are all ok, and it is named as failed."""
    here.set(sandbox.environment)
    sandbox.faults.add(f"{system}:{fault}")
    found = doctor(here)
    assert found.ended.status == 1
    assert only_these_fail(found, {SYSTEMS[system]}), shown(found.rows)


@pytest.mark.parametrize(
    "hanging",
    [{"elasticache", "notify", "github"}, {"uaa", "accounts", "statuspage"}, {"cloudfoundry"}],
    ids=lambda names: "-".join(sorted(names)),
)
def test_systems_that_hang_hide_no_others(
    hanging: set[str], sandbox: Sandbox, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examinations, "LIMIT_SECONDS", SHORT_LIMIT_SECONDS)
    here.set(sandbox.environment)
    for system in hanging:
        sandbox.faults.add(f"{system}:hang")
    found = doctor(here)
    assert found.ended.status == 1
    assert only_these_fail(found, {SYSTEMS[system] for system in hanging}), shown(found.rows)


def test_a_call_that_hangs_hides_no_other_call(sandbox: Sandbox, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examinations, "LIMIT_SECONDS", SHORT_LIMIT_SECONDS)
    here.set(sandbox.environment)
    sandbox.faults.add("elasticache/BatchStopUpdateAction:hang")
    found = doctor(here)
    assert found.failed() == {"aws BatchStopUpdateAction"}
    assert "no answer within 8 s" in found.check("aws", "BatchStopUpdateAction")["detail"]
    assert found.check("cloudfoundry", "belongs to AWS")["state"] == "ok"


@pytest.mark.parametrize("state", ["new", "made"])
def test_a_ledger_on_a_server_is_looked_at(postgresql: str, sandbox: Sandbox, here: Here, state: str) -> None:
    """It is not made either; made, it is all ok."""
    name = f"doctor_{uuid4().hex[:12]}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    url = postgresql.removesuffix("/postgres") + f"/{name}"
    here.set({**sandbox.environment, "LEDGER_URL": url})
    if state == "made":
        assert here.run("ledger", "check").status == 0
    found = doctor(here)
    assert found.failed() == set(), shown(found.rows)
    assert ("makes it" in found.check("ledger", "opens")["detail"]) is (state == "new")
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
        row = tables.fetchone()
        assert row is not None
        assert (row[0] == 0) is (state == "new")


@pytest.mark.parametrize(
    ("grant", "says"),
    [
        ("REVOKE INSERT ON mails FROM {user}", "may not INSERT in the table mails"),
        ("REVOKE USAGE ON SEQUENCE updates_id_seq FROM {user}", "the sequence of the table updates"),
        ("ALTER ROLE {user} SET default_transaction_read_only = on", "read only"),
        ("UPDATE schema_version SET version = 1", "does not own the tables"),
        ("ALTER ROLE {user} NOLOGIN", "not permitted to log in"),
    ],
)
def test_a_user_of_a_server_without_rights_is_told(
    postgresql: str, sandbox: Sandbox, here: Here, grant: str, says: str
) -> None:
    """The ledger is somebody else's, who granted what docs/permissions.md says, but for one thing."""
    name = f"doctor_{uuid4().hex[:12]}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        connection.execute(f'CREATE ROLE "{name}" LOGIN'.encode())
    url = postgresql.removesuffix("/postgres") + f"/{name}"
    here.set({**sandbox.environment, "LEDGER_URL": url})
    assert here.run("ledger", "check").status == 0
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in (
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {user}",
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {user}",
        ):
            connection.execute(statement.format(user=f'"{name}"').encode())
    here.set({"LEDGER_URL": url.replace("tester@", f"{name}@")})
    assert doctor(here).failed() == set()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(grant.format(user=f'"{name}"').encode())
    found = doctor(here)
    assert {failure.partition(" ")[0] for failure in found.failed()} == {"ledger"}, shown(found.rows)
    assert any(says in row["detail"] for row in found.rows if row["state"] == "failed"), shown(found.rows)


HOLDS = (
    "import sqlite3, sys\n"
    "ledger = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    "ledger.execute(f'PRAGMA journal_mode = {sys.argv[2]}')\n"
    "ledger.execute(sys.argv[3])\n"
    "print('ready', flush=True)\n"
    "sys.stdin.read()\n"
)


@pytest.mark.parametrize(
    ("mode", "statement"), [("wal", "BEGIN EXCLUSIVE"), ("wal", "BEGIN IMMEDIATE"), ("delete", "BEGIN IMMEDIATE")]
)
def test_a_ledger_that_another_program_keeps_locked_cannot_be_written(
    mode: str, statement: str, sandbox: Sandbox, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could record anything; as soon as that program ends, all is well. Nothing is written to find that out."""
    monkeypatch.setattr("ledger.inspection._WAIT_SECONDS", 0.1)
    here.set(sandbox.environment)
    assert here.run("ledger", "check").status == 0
    path = Path(os.environ["LEDGER_URL"].removeprefix("sqlite:///"))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    command = [sys.executable, "-c", HOLDS, str(path), mode, statement]
    with subprocess.Popen(command, **pipes, text=True) as holder:  # type: ignore[call-overload] # each is a pipe
        assert holder.stdout.readline() == "ready\n"
        before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in path.parent.iterdir()}
        check = doctor(here).check("ledger", "writable")
        assert {f.name: (f.read_bytes(), f.stat().st_mtime_ns) for f in path.parent.iterdir()} == before
        holder.stdin.close()
    assert check["state"] == "failed"
    assert "another program keeps it locked" in check["detail"]
    assert "wait for that program to end" in check["remedy"]
    assert doctor(here).check("ledger", "writable")["state"] == "ok"


def test_a_table_that_somebody_keeps_locked_cannot_be_written(
    postgresql: str, sandbox: Sandbox, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.inspection._WAIT_SECONDS", 0.1)
    name = f"doctor_{uuid4().hex[:12]}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    url = postgresql.removesuffix("/postgres") + f"/{name}"
    here.set({**sandbox.environment, "LEDGER_URL": url})
    assert here.run("ledger", "check").status == 0
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO issues (repository, window_day, number) VALUES ('a/b', '2026-06-16', 1)")
        assert doctor(here).check("ledger", "writable")["state"] == "ok", "as every run of ours does"
        connection.execute("LOCK TABLE mails IN EXCLUSIVE MODE")
        assert doctor(here).check("ledger", "writable")["state"] == "failed"
    assert doctor(here).check("ledger", "writable")["state"] == "ok"


@pytest.mark.parametrize(
    ("system", "secret"),
    [
        ("statuspage", "STATUSPAGE_API_KEY"),
        ("notify", "NOTIFY_API_KEY"),
        ("github", "GITHUB_TOKEN"),
        ("cloudfoundry", "CF_CLIENT_SECRET"),
        ("accounts", "PAAS_ACCOUNTS_PASSWORD"),
        ("aws", "AWS_SECRET_ACCESS_KEY"),
        ("ledger", "LEDGER_URL"),
    ],
)
def test_a_secrets_command_that_takes_too_long_is_named(
    system: str, secret: str, sandbox: Sandbox, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the address of the system, which was never asked; once, and no other system is to blame."""
    monkeypatch.setattr(examinations, "LIMIT_SECONDS", 3.0)
    monkeypatch.setattr("fleet.program.secret_command.TIME_LIMIT_SECONDS", 5.0)
    here.set({**sandbox.environment, secret: None, f"{secret}_COMMAND": "sleep 60"})
    late = [row for row in doctor(here).rows if row["state"] == "failed" and row["system"] == system]
    assert [row["detail"].partition(":")[0] for row in late] == [f"{secret}_COMMAND"], shown(late)
    assert "run that command yourself" in late[0]["remedy"]


def test_each_setting_of_notify_is_a_check_of_its_own(sandbox: Sandbox, here: Here) -> None:
    """Two that are wrong are both named, and what can be asked without them is asked."""
    here.set({**sandbox.environment, "NOTIFY_REPLY_TO_ID": "me"})
    found = doctor(here)
    assert found.failed() == {"notify reply-to"}
    assert {"key", "kind of key", "template", "placeholders", "clock"} <= set(found.states("notify"))

    here.set({"NOTIFY_TEMPLATE_ID": "contents"})
    found = doctor(here)
    assert found.failed() == {"notify reply-to", "notify template"}
    assert found.check("notify", "key")["state"] == "ok"

    here.set({"NOTIFY_API_KEY": "nonsense"})
    assert doctor(here).failed() == {"notify reply-to", "notify template", "notify key"}

    here.set({"NOTIFY_API_KEY": None})
    found = doctor(here)
    assert found.failed() == {"notify reply-to", "notify template"}
    assert found.check("notify", "key")["state"] == "not_set"


def test_a_wrong_time_zone_hides_no_check(sandbox: Sandbox, here: Here) -> None:
    here.set(sandbox.environment)
    before = doctor(here)
    here.set({"TIME_ZONE": "Europe/Lodnon"})
    found = doctor(here)
    assert found.failed() == {"window time zone"}
    for system in ("aws", "cloudfoundry", "notify", "ledger"):
        assert found.states(system) == before.states(system)
