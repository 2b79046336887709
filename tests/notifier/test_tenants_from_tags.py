"""A platform without Cloud Foundry: who is told is what AWS tags say, and each command works by them."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fleet.tenants.tenancy import Words
from notifier.mail.files import invented_org
from notifier.mail.writer import MessageTemplate
from notifier.maintenance import Maintenance
from notifier.window import maintenance_window
from sandbox.generate.updates import Backlog
from sandbox.server import Options, Sandbox
from sandbox.state import required
from tests.notifier.doctor_here import doctor
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, Program, kill_when, program, sends

NOW = ("--outside-window", "a test", "--poll-interval", "1")
OWNER, SUPPORT = "owner", "infrastructure-support"


@pytest.fixture
def cluster() -> Iterator[Sandbox]:
    with Sandbox(Options(platform="tags")) as running:
        yield running


@pytest.fixture(scope="module")
def quiet_cluster() -> Iterator[Sandbox]:
    """For tests that leave it as it is."""
    with Sandbox(Options(platform="tags")) as running:
        yield running


def waiting(sandbox: Sandbox) -> dict[str, list[str]]:
    """By owner, the groups on which a minor update waits, from the tags themselves."""
    truth = sandbox.world.truth
    found: dict[str, set[str]] = defaultdict(set)
    for row in required(truth):
        group = truth.replication_groups[str(row["replication_group_id"])]
        owner = dict(group.tags).get(OWNER, "").strip()
        if owner and truth.service_updates[str(row["service_update_name"])].type != "engine-major-version-update":
            found[owner].add(group.id)
    return {owner: sorted(groups) for owner, groups in found.items()}


def address_in(value: str) -> str | None:
    """As the contract has it: the one address, alone, after `Team:`, or in brackets."""
    found = {word.strip("(),").lower() for word in value.replace(":", " ").split() if "@" in word}
    return found.pop() if len(found) == 1 else None


def expected(sandbox: Sandbox) -> tuple[set[tuple[str, str]], set[str]]:
    """Who is told, as owner and address, and the groups whose tag holds no address."""
    groups = sandbox.world.truth.replication_groups
    told: set[tuple[str, str]] = set()
    silent: set[str] = set()
    for owner, ids in waiting(sandbox).items():
        for group_id in ids:
            address = address_in(dict(groups[group_id].tags).get(SUPPORT, ""))
            if address:
                told.add((owner, address))
            else:
                silent.add(group_id)
    return told, silent


def mails(sandbox: Sandbox) -> Counter[tuple[str, str]]:
    return Counter(
        (
            str(mail.personalisation["contents"]).partition("manage the owner ")[2].partition(" on our")[0],
            mail.email_address,
        )
        for mail in sandbox.notify.mails
    )


def unescaped(name: str) -> str:
    return name.replace("\u200b", "").replace("\\", "")


def untouched(sandbox: Sandbox) -> None:
    assert not [entry for entry in sandbox.journal.entries() if entry.system in ("cloudfoundry", "uaa", "accounts")]


def test_everybody_is_told_once_by_their_tags(cluster: Sandbox, here: Here) -> None:
    told, silent = expected(cluster)
    assert told
    assert silent
    here.set(cluster.environment)
    ended = here.email()
    assert ended.status == 1, "somebody could not be told"
    assert {(unescaped(owner), address) for owner, address in mails(cluster)} == {
        (unescaped(owner), address) for owner, address in told
    }
    assert set(mails(cluster).values()) == {1}
    for group in silent:
        assert f"nobody: tag infrastructure-support of {group} holds no address" in ended.out
    here.email()
    assert set(mails(cluster).values()) == {1}
    untouched(cluster)


def test_mails_and_tables_speak_of_owners_and_namespaces(cluster: Sandbox, here: Here) -> None:
    here.set(cluster.environment)
    table = here.run("print", *WINDOW)
    assert table.status == 0
    assert "owners, " in table.out
    assert "namespace  " in table.out
    assert "Addresses: " in table.out
    assert "Org " not in table.out
    here.email()
    contents = str(next(iter(cluster.notify.mails)).personalisation["contents"])
    assert "you manage the owner " in contents
    assert "Listed as owner / namespace / instance." in contents
    assert "organisation" not in contents
    assert "cf update-service" not in contents
    here.run("cancel", "--yes", *WINDOW)
    cancelled = str(list(cluster.notify.mails)[-1].personalisation["contents"])
    assert "will not take place" in cancelled
    assert "instances of the owner " in cancelled


def test_groups_that_nobody_claims_are_named_and_told_to_nobody(quiet_cluster: Sandbox, here: Here) -> None:
    truth = quiet_cluster.world.truth
    nobodys = {str(row["replication_group_id"]) for row in required(truth)} - {
        group.id for group in truth.replication_groups.values() if dict(group.tags).get(OWNER)
    }
    assert nobodys
    here.set(quiet_cluster.environment)
    shown = here.run("print").out
    planned = here.run("email", "--dry-run", *WINDOW).err
    document = here.run("print", "--format", "json").document
    for said in (shown, planned, " ".join(document["warnings"])):
        assert "claimed by nobody, as they have no tag 'owner', and told to nobody: " in said
        assert all(group in said for group in nobodys)


@pytest.mark.parametrize(
    ("variables", "arguments", "said"),
    [
        (
            {"CF_API_ADDRESS": "https://api.example.org"},
            ("print",),
            "CF_API_ADDRESS 'https://api.example.org': TENANT_TAGS takes tenants from the tag 'owner', and Cloud",
        ),
        (
            {"PAAS_ACCOUNTS_URL": "https://accounts.example.org"},
            ("print",),
            "PAAS_ACCOUNTS_URL: it knows Cloud Foundry's users only; use an address tag or ADDRESS_BOOK",
        ),
        (
            {"PAAS_ACCOUNTS_URL": "https://accounts.example.org"},
            ("--check",),
            "PAAS_ACCOUNTS_URL: it knows Cloud Foundry's users only; use an address tag or ADDRESS_BOOK",
        ),
    ],
)
def test_what_does_not_go_together_is_refused_before_anybody_is_asked(
    quiet_cluster: Sandbox, here: Here, variables: dict[str, str], arguments: tuple[str, ...], said: str
) -> None:
    quiet_cluster.journal.clear()
    here.set({**quiet_cluster.environment, **variables})
    ended = here.run(*arguments)
    assert ended.status == 2
    assert said in ended.err
    assert not quiet_cluster.journal.entries()


def test_a_window_that_was_told_of_keeps_its_source(cluster: Sandbox, here: Here) -> None:
    here.set(cluster.environment)
    here.email()
    sent = len(cluster.notify.mails)
    here.set({"TENANT_TAGS": "org=business-unit,address=infrastructure-support"})
    refusal = (
        "email: the mails of this window went to orgs from tag 'owner', these settings take them from tag"
        " 'business-unit'; change them back"
    )
    ended = here.email()
    assert ended.status == 2
    assert refusal in ended.err
    assert here.run("told", "platforms", "--how", "in person", *WINDOW).status == 2
    assert "went to orgs from tag 'owner'" in here.run("apply", "--dry-run", "--outside-window", "a test", *WINDOW).err
    assert len(cluster.notify.mails) == sent
    here.set({"TENANT_TAGS": "org=owner,address=infrastructure-support"})
    assert here.email().status == 1, "as it was: a space and a name less change nobody's org"
    assert len(cluster.notify.mails) == sent


def test_a_kill_at_any_moment_mails_nobody_twice(cluster: Sandbox, sqlite_url: str) -> None:
    running: Program = program(cluster, sqlite_url)
    for mails_sent in (1, 5):
        process = running.start("email", "--yes", *WINDOW)
        kill_when(process, lambda count=mails_sent: sends(cluster) >= count)  # type: ignore[misc] # a default value
    running.email()
    told, _ = expected(cluster)
    assert sum(mails(cluster).values()) == len(told)
    assert set(mails(cluster).values()) == {1}


def test_orgs_and_instances_are_named_by_tags_and_ids(cluster: Sandbox, here: Here) -> None:
    here.set(cluster.environment)
    owners = waiting(cluster)
    owner, groups = max(owners.items(), key=lambda item: len(item[1]))
    only = here.run("email", "--dry-run", "--format", "json", "--only-org", owner, *WINDOW).document
    assert {mail["org_name"] for mail in only["to_send"]} <= {owner}
    others = here.run("email", "--dry-run", "--format", "json", "--exclude-org", owner, *WINDOW).document
    assert owner not in {mail["org_name"] for mail in others["to_send"]}
    deferred = here.run("defer", "add", groups[0], "--until", "2040-01-01", "--reason", "an election", *WINDOW)
    assert deferred.status == 0, deferred.err
    name = dict(cluster.world.truth.replication_groups[groups[-1]].tags)
    long_name = f"{owner}/{name['namespace']}/{name['application'].strip()}"
    assert here.run("defer", "add", long_name, "--until", "2040-01-01", "--reason", "x", *WINDOW).status == 0
    assert here.run("defer", "add", "--org", owner, "--until", "2040-01-01", "--reason", "x", *WINDOW).status == 0
    other = next(name for name in owners if name != owner)
    told = here.run("told", other, "--how", "by telephone", *WINDOW)
    assert told.status == 0, told.err
    assert f"owner {other}, about" in told.out
    assert here.run("status", *WINDOW).status == 0
    assert here.run("checklist", *WINDOW).status == 0
    assert here.run("ledger", "check").status == 0
    windows = here.run("ledger", "export").document["windows"]
    assert [window["tenants"] for window in windows] == ["tag 'owner'"]
    untouched(cluster)


def test_an_address_book_comes_before_the_tags(cluster: Sandbox, here: Here, tmp_path: Path) -> None:
    told, _ = expected(cluster)
    owner = min(owner for owner, _ in told)
    book = tmp_path / "owners.toml"
    key = owner.replace("\\", "\\\\").replace('"', '\\"')
    book.write_text(f'[addresses]\n"{key}" = ["somebody.else@example.org"]\n')
    here.set({**cluster.environment, "ADDRESS_BOOK": str(book)})
    document = here.run("email", "--dry-run", "--format", "json", *WINDOW).document
    assert [mail["address"] for mail in document["to_send"] if mail["org_name"] == owner] == [
        "somebody.else@example.org"
    ]


def test_doctor_counts_what_has_tags_and_addresses(quiet_cluster: Sandbox, here: Here) -> None:
    here.set(quiet_cluster.environment)
    found = doctor(here)
    assert found.ended.status == 0, found.ended.out
    truth = quiet_cluster.world.truth
    groups = [group for group in truth.replication_groups.values() if group.engine != "memcached"]
    tagged = [group for group in groups if dict(group.tags).get(OWNER, "").strip()]
    owners: dict[str, list[str]] = defaultdict(list)
    for group in tagged:
        owners[dict(group.tags)[OWNER].strip()].append(dict(group.tags).get(SUPPORT, ""))
    told = sum(any(map(address_in, values)) for values in owners.values())
    details = {row["check"]: row["detail"] for row in found.rows if row["system"] == "tags"}
    assert details["belongs to AWS"] == f"{len(tagged)} instances of {len(owners)} tenants"
    assert details["tags"] == "readable"
    assert details["tag of org"] == f"{len(tagged)} of {len(groups)} groups have the tag of 'org'"
    assert {"tag of space", "tag of name", "tag of address"} <= set(details)
    assert details["addresses"] == f"{told} of {len(owners)} tenants have an address"
    assert found.check("tags", "addresses")["state"] == "warning"
    untouched(quiet_cluster)


def test_doctor_names_what_does_not_fit_tenants_from_tags(quiet_cluster: Sandbox, here: Here, tmp_path: Path) -> None:
    (tmp_path / "owners.toml").write_text("[addresses]\nteam = 1\n")
    here.set(quiet_cluster.environment)
    here.set({"PAAS_ACCOUNTS_URL": "https://accounts.example.org", "ADDRESS_BOOK": str(tmp_path / "owners.toml")})
    assert doctor(here).failed() == {"accounts settings", "accounts address book"}
    here.set({"PAAS_ACCOUNTS_URL": None, "ADDRESS_BOOK": None})
    with quiet_cluster.faults.during("tagging:status:403"):
        found = doctor(here)
    assert found.failed() == {"tags tags"}
    assert found.check("tags", "tags")["remedy"] == "allow tag:GetResources (docs/permissions.md)"


def test_a_window_is_applied_to_whom_it_was_told_and_to_nobodys_groups_by_name_only(here: Here) -> None:
    options = Options(platform="tags", instances=16, update_seconds=0.2, backlog=Backlog(share=1, each=1))
    with Sandbox(options) as cluster:
        here.set(cluster.environment)
        here.email()
        planned = here.run("apply", "--dry-run", "--format", "json", *WINDOW, *NOW)
        assert planned.status == 0, planned.err
        by_outcome: dict[str, set[str]] = defaultdict(set)
        for group in planned.document["groups"]:
            by_outcome[group["reason"] or group["outcome"]].add(group["replication_group_id"])
            assert group["instance"] is None or group["instance"]["guid"] == group["replication_group_id"]
        told = {owner for owner, _ in expected(cluster)[0]}
        owners = {group: owner for owner, groups in waiting(cluster).items() for group in groups}
        assert {owners[group] for group in by_outcome["planned"]} == told
        assert {owners[group] for group in by_outcome["not_told"]} == set(owners.values()) - told
        assert by_outcome["unclaimed"]
        assert "nobody in the owner was told of this window" in planned.err
        nobodys = min(by_outcome["unclaimed"])
        one = min(by_outcome["planned"])
        only = here.run("apply", "--dry-run", "--only-instance", one, "--format", "json", *WINDOW, *NOW).document
        assert [g["replication_group_id"] for g in only["groups"] if g["outcome"] == "planned"] == [one]
        ended = here.run("apply", "--yes", "--group", nobodys, "--format", "json", *WINDOW, *NOW)
        complete = {g["replication_group_id"] for g in ended.document["groups"] if g["outcome"] == "complete"}
        assert complete == by_outcome["planned"] | {nobodys}
        untouched(cluster)


def test_words_are_text_and_there_may_be_no_space() -> None:
    """Tag keys are the operator's, and may hold what Notify's Markdown would take for markup."""
    window = maintenance_window("16 June 2036", "0900-1100", ZoneInfo("Europe/London"))
    maintenance = Maintenance("Ireland", "eu-west-1", window, words=Words("*own*er.example", ""))
    contents = MessageTemplate().message(invented_org(), maintenance, "Friday 13 June 2036").contents
    assert "\\*own\\*er.\u200bexample example-org on our platform" in contents
    assert "*own*" not in contents
    assert " / instance." in contents
    assert " /  / " not in contents


def test_values_of_tags_are_text_wherever_they_are_shown(here: Here, tmp_path: Path) -> None:
    """They reach every format by the ways of names; nothing in them is a command to a terminal, a sheet or a browser."""
    hostile = "=cmd|'/c calc'!A1 \x1b[31m<script>[pay](https://evil.example)|x"
    with Sandbox(Options(platform="tags", instances=6, backlog=Backlog(share=1, each=1))) as cluster:
        for group in list(cluster.world.truth.replication_groups.values()):
            if group.tags:
                tags = {**dict(group.tags), OWNER: hostile, "namespace": hostile, SUPPORT: f"{hostile} a@example.org"}
                cluster.groups.set_tags(group.id, tuple(sorted(tags.items())))
        here.set(cluster.environment)
        shown = [here.run("print", "--format", form, *WINDOW).out for form in ("table", "csv", "markdown")]
        shown.append(here.run("email", "--dry-run", *WINDOW).err)
        assert here.run("preview", "--to-files", str(tmp_path / "mails"), *WINDOW).status == 0
    assert all("\x1b" not in text for text in shown)
    assert not [line for line in shown[1].splitlines() if line.startswith("=") or ",=" in line]
    (html,) = (tmp_path / "mails").glob("*.html")
    assert "<script>" not in html.read_text()
    assert "href" not in html.read_text()


@pytest.fixture
def london_cluster() -> Iterator[Sandbox]:
    with Sandbox(Options(platform="tags", region="eu-west-2", instances=8)) as running:
        yield running


def test_one_file_may_have_regions_of_both_kinds(
    sandbox: Sandbox, london_cluster: Sandbox, here: Here, tmp_path: Path
) -> None:
    """PAAS_ACCOUNTS_URL is for the region with Cloud Foundry, and refused only where there is none. Books are relative."""
    (tmp_path / "books").mkdir()
    owner = min(waiting(london_cluster))
    (tmp_path / "books" / "owners.toml").write_text(f"[addresses]\n{json.dumps(owner)} = ['book@example.org']\n")
    london = (
        "[[regions]]\nname = 'London'\naws_region = 'eu-west-2'\n"
        f"aws_endpoint_url_elasticache = '{london_cluster.environment['AWS_ENDPOINT_URL_ELASTICACHE']}'\n"
        "tenant_tags = {org = 'owner', address = 'infrastructure-support'}\naddress_book = 'books/owners.toml'\n"
    )
    ireland = (
        "[[regions]]\nname = 'Ireland'\naws_region = 'eu-west-1'\n"
        f"cf_api_address = '{sandbox.environment['CF_API_ADDRESS']}'\n"
    )
    file = tmp_path / "regions.toml"
    tags = "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API"
    here.set({**sandbox.environment, tags: london_cluster.environment[tags], "REGIONS_FILE": str(file)})
    here.set({"CF_API_ADDRESS": None})
    file.write_text(london + ireland)
    assert here.run("--check").status == 0
    here.set({"AWS_REGION": None})
    assert here.run("--check").status == 0
    for arguments in (("--check", "--region", "London"), ("print", "--region", "Ireland")):
        ended = here.run(*arguments)
        assert ended.status == 0, ended.err
    assert list(sandbox.journal.entries("accounts"))
    rows = here.run("doctor", "--format", "json").document["checks"]
    assert not [row for row in rows if row["system"] == "accounts" and row["state"] == "failed"]
    here.set({"PAAS_ACCOUNTS_USERNAME": None})
    document = here.run("print", "--region", "London", "--format", "json").document
    assert document["region"]["name"] == "London"
    assert [m["address"] for org in document["orgs"] if org["name"] == owner for m in org["managers"]] == [
        "book@example.org"
    ]
    file.write_text(london)
    for arguments in (("--check", "--region", "London"), ("print", "--region", "London")):
        ended = here.run(*arguments)
        assert (ended.status, "PAAS_ACCOUNTS_URL: it knows Cloud Foundry's users only" in ended.err) == (2, True)


def test_no_command_says_org_where_the_platform_says_owner(cluster: Sandbox, here: Here) -> None:
    """In what it prints and what it refuses; options and JSON keep their names."""
    here.set(cluster.environment)
    owner = min(waiting(cluster))
    region = ("--region", "Ireland")
    ended = here.run("defer", "add", "--org", owner, "--until", "2036-12-31", "--reason", "asked", *region)
    said = [ended.out]
    refused = "no owner with a Redis instance has that name or guid"
    for arguments in (
        ("defer", "add", "--org", "nosuch", "--until", "2036-12-31", "--reason", "asked", *region),
        ("told", "nosuch", "--how", "by telephone", *WINDOW),
        ("print", "--only-org", "nosuch"),
        ("apply", "--dry-run", "--exclude-org", "nosuch", "--include-untold", "a test", *WINDOW, *NOW),
    ):
        ended = here.run(*arguments)
        assert (ended.status, refused in ended.err) == (2, True), ended.err
        said.append(ended.err)
    here.email()
    commands: list[tuple[str, ...]] = [
        ("defer", "list", *region),
        ("told", sorted(waiting(cluster))[1], "--how", "by telephone", *WINDOW),
        ("checklist", *WINDOW),
        ("cancel", "--yes", *WINDOW),
        ("checklist", *WINDOW),
        ("defer", "remove", "--org", owner, *region),
    ]
    for command in commands:
        ended = here.run(*command)
        assert ended.status in (0, 1), ended.err
        said += [ended.out, ended.err]
    for text in said:
        words = re.sub(r"--\w*-?org|[\w.+-]+@[\w.-]+|elasticache[\w-]*|ORG\b", "", text)
        assert not re.search(r"\borgs?\b", words), text
    assert f"deferral 1: owner {owner}" in said[0]
