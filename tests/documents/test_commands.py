"""
The commands in the documents work as they stand, but for values that everybody has to replace.

test_every_command.py has the list of what is run where, and of what is not.
"""

import importlib.util
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from sandbox.server import Options, Sandbox
from sandbox.state import required
from tests.documents.commands import NAMES, Block, command_blocks, inline
from tests.documents.documents import ROOT
from tests.exporter_process import free_port
from tests.servers import wait_until

NOTIFIER = "elasticache-update-notifier"
AFTER_EMAIL = ("status", "apply", "checklist")
"""The commands that know a window once somebody has been told of it."""
COMMAND_BLOCKS = command_blocks()


def named(block: Block) -> str:
    return f"{block.document}: {block.lines[0].strip()[:40]}"


def with_program(*programs: str) -> list[Block]:
    return [block for block in COMMAND_BLOCKS if block.programs & set(programs)]


@pytest.fixture
def platform() -> Iterator[Sandbox]:
    """Of 57 instances, in eu-west-1: a new one for each block, which may not live on what another one did."""
    with Sandbox(Options()) as running:
        yield running


@pytest.fixture
def shell_environment(platform: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The programs on PATH, the sandbox's addresses and secrets, and an empty ledger."""
    folder = tmp_path_factory.mktemp("commands")
    return {
        **platform.environment,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LEDGER_URL": f"sqlite:///{folder / 'ledger.sqlite3'}",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def ran(script: str, environment: dict[str, str], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def somebody(platform: Sandbox) -> tuple[str, str]:
    """An org with an update waiting and one of its instances as ORG/SPACE/NAME, with names that need no quotes."""
    truth = platform.world.truth
    waiting = {str(row["service_instance_guid"]) for row in required(truth) if row["service_instance_guid"]}
    for instance in (truth.service_instances[guid] for guid in sorted(waiting)):
        space = truth.spaces[instance.space_guid]
        org = truth.organizations[space.organization_guid].name
        name = f"{org}/{space.name}/{instance.name}"
        if re.fullmatch(r"[a-z0-9-]+/[a-z0-9-]+/[a-z0-9-]+", name):
            return org, name
    raise AssertionError(waiting)


@pytest.mark.parametrize("block", with_program(NOTIFIER), ids=named)
def test_the_notifiers_commands_run(
    block: Block, platform: Sandbox, shell_environment: dict[str, str], tmp_path: Path
) -> None:
    """With a window in the future, after what has to come before it; `email` is told --yes, as nobody is there to ask.

    `apply` only plans: a window in the future is not open, and tests/notifier/test_apply.py carries one through.
    """
    day = (datetime.now(UTC) + timedelta(days=40)).date()
    key = tmp_path / "notify"
    key.write_text(shell_environment["NOTIFY_API_KEY"])
    environment = {name: value for name, value in shell_environment.items() if name != "NOTIFY_API_KEY"}
    environment["NOTIFY_API_KEY_FILE"] = str(key)
    script = block.text
    org, instance = somebody(platform)
    for example, value in (
        ("my-org/my-space/my-cache", instance),
        (" my-org ", f" {org} "),
        ("2026-07-01", (day + timedelta(days=20)).isoformat()),
        ("2026-06-16", day.isoformat()),
        ("Tuesday 16 June 2026", f"{day:%A} {day.day} {day:%B %Y}"),
        ("https://api.example.org", environment["CF_API_ADDRESS"]),
        ("/run/secrets/notify", str(key)),
        (f"{NOTIFIER} email ", f"{NOTIFIER} email --yes "),
        (" --watch ", " --watch --interval 0.2 "),
        (f"{NOTIFIER} apply --stop ", f"{NOTIFIER} apply --stop --yes "),
        (f"{NOTIFIER} apply --region ", f"{NOTIFIER} apply --dry-run --outside-window 'a test' --region "),
    ):
        script = script.replace(example, value)
    script = script.replace(" | source", "")  # fish's; tests/notifier/test_completion.py has fish do it
    commands = script.count(NOTIFIER)
    if any(f"{NOTIFIER} {command}" in script for command in AFTER_EMAIL) and f"{NOTIFIER} email" not in script:
        window = f"--maintenance-window-date {day.isoformat()} --maintenance-window-time-range 0900-1100"
        script = f"{NOTIFIER} email --yes --region Ireland {window}\n{script}"  # a block above it has been run
    if f"{NOTIFIER} schedule --complete" in script:
        component, window = "--component 'Redis in Ireland'", script.partition("--complete ")[2]
        script = f"{NOTIFIER} schedule {component} {window}\n{script}"  # likewise
    # Somebody on this platform cannot be told, which is exit status 1: the others do not stop at it.
    ended = ran(script.replace(f"{NOTIFIER} email", f"! {NOTIFIER} email"), environment, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert commands
    assert "Traceback" not in ended.stderr


def test_the_readmes_way_to_run_it_gives_metrics(platform: Sandbox, tmp_path: Path) -> None:
    """In a copy of the checkout: a virtual environment, the locked libraries, the program."""
    (block,) = with_program("elasticache-update-exporter")
    for room in ("fleet", "ledger", "exporter", "notifier"):
        shutil.copytree(ROOT / room, tmp_path / room)
    for name in (
        "pyproject.toml",
        "requirements.txt",
        "requirements-build.txt",
        "hatch_build.py",
        "README.md",
        "LICENSE",
    ):
        shutil.copy(ROOT / name, tmp_path)
    secret = tmp_path / "cf-secret"
    secret.write_text(platform.environment["CF_CLIENT_SECRET"])
    environment = {
        **os.environ,
        **platform.environment,
        "PORT": str(free_port()),
        "LISTEN_ADDRESS": "127.0.0.1",
        "PIP_NO_COMPILE": "1",  # nothing that is installed here runs twice
    }
    script = block.text
    for example, value in (
        ("https://api.example.org", environment["CF_API_ADDRESS"]),
        ("CF_CLIENT_ID=exporter", f"CF_CLIENT_ID={environment.pop('CF_CLIENT_ID')}"),
        ("/run/secrets/cf", str(secret)),
    ):
        assert example in script
        script = script.replace(example, value)
    del environment["CF_CLIENT_SECRET"]
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["bash", "-euc", script],
            env=environment,
            cwd=tmp_path,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{environment['PORT']}"
        wait_until(lambda: process.poll() is not None or is_ready(url), log.read_text, deadline_seconds=240)
        assert "paas_aws_elasticache_node_count" in requests.get(f"{url}/metrics", timeout=10).text
        for line in asking_the_exporter():
            asked = ran(
                f"{line} --fail --silent --show-error".replace(":8080", f":{environment['PORT']}"),
                environment,
                tmp_path,
            )
            assert asked.returncode == 0, f"{line}: {asked.stderr}"
            assert asked.stdout
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=10)


def asking_the_exporter() -> list[str]:
    """Each line of any document that does, once. `docs/configuring.md` has it read its settings again."""
    lines = [line for block in with_program("curl") for line in block.lines]
    return [line for line in dict.fromkeys(lines) if re.match(r"curl .*http://127\.0\.0\.1:8080/", line)]


def is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/-/ready", timeout=1).ok
    except requests.RequestException:
        return False


Given = dict[str, str | list[str]]


def aws_calls() -> list[tuple[str, str, str, Given]]:
    """Document, service, operation and options of each `aws SERVICE ...`, in blocks and in sentences."""
    lines = [(block.document, shlex.split(line)) for block in with_program("aws") for line in block.lines]
    lines += [(name, words) for name in NAMES for words in inline(name, "aws elasticache")]
    found = []
    for document, words in lines:
        if words[0] != "aws":
            continue
        given: Given = {}
        for option in re.split(r"\x00--", "\x00".join(words[3:]).removeprefix("--")):
            flag, *values = option.split("\x00")
            given[flag] = values
        found.append((document, words[1], words[2].replace("-", "_"), given))
    return found


@pytest.mark.parametrize(("document", "service", "operation", "given"), aws_calls())
def test_the_aws_command_lines_fit_the_api(  # noqa: PLR0913, PLR0917 — as many as a call has parts
    document: str, service: str, operation: str, given: Given, platform: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    AWS's command line is made from the same model as boto3, by which operation and options are checked here.

    The calls that change something at ElastiCache are made, on a group and an update of the sandbox's.
    """
    for name, value in platform.environment.items():
        monkeypatch.setenv(name, value)
    client: Any = boto3.client(service, region_name="eu-west-1")  # type: ignore[call-overload] # any service
    call = client.meta.method_to_api_mapping[operation]
    shape = client.meta.service_model.operation_model(call).input_shape
    members = {re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower(): name for name in (shape.members if shape else {})}
    assert document
    assert given.keys() <= members.keys() | {"region", "query", "output", ""}, document
    if operation.startswith("batch_"):
        action = client.describe_update_actions(UpdateActionStatus=["not-applied"])["UpdateActions"][0]
        answer = getattr(client, operation)(
            **{
                members["service-update-name"]: action["ServiceUpdateName"],
                members["replication-group-ids"]: [action["ReplicationGroupId"]],
            }
        )
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("name", NAMES)
def test_targets_modules_and_files_that_are_named_exist(name: str) -> None:
    """`make TARGET`, `python -m MODULE`, `pytest PATH`, in blocks and in sentences."""
    makefile = (ROOT / "Makefile").read_text()
    words = [
        shlex.split(line, comments=True) for block in COMMAND_BLOCKS if block.document == name for line in block.lines
    ]
    words += [line for first in ("make ", "python -m ", "pytest ") for line in inline(name, first)]
    for line in words:
        match line:
            case ["make", target, *_]:
                assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{name}: make {target}"
            case [*_, "python" | ".venv/bin/python", "-m", module] if module != "pip":
                assert importlib.util.find_spec(module), f"{name}: python -m {module}"
            case ["pytest", path, *_]:
                assert (ROOT / path.partition("::")[0]).exists(), f"{name}: pytest {path}"
