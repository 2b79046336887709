"""README, CONTRIBUTING and docs are true: settings, permissions, links and rooms."""

import ast
import json
import re
from pathlib import Path

import click
import pytest

from exporter.__main__ import exporter
from fleet.elasticache import IAM_ACTIONS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SECRETS = {"CF_CLIENT_ID", "CF_CLIENT_SECRET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}


def option_variables() -> set[str]:
    variables = set()
    for option in exporter.params:
        envvar = option.envvar
        variables |= {envvar} if isinstance(envvar, str) else set(envvar or [])
    return variables - {"AWS_DEFAULT_REGION"}  # named in AWS_REGION's row


def test_the_settings_table_names_every_setting_and_no_other() -> None:
    """Each variable that an option reads, and the secrets, which have no option."""
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", README, re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert documented == option_variables() | SECRETS


def test_defaults_in_the_table_are_the_programs() -> None:
    """A default that was changed in one place only misleads whoever trusts the other."""
    for option in exporter.params:
        assert isinstance(option, click.Option)
        if isinstance(option.envvar, str) and option.default and isinstance(option.default, str | int | float):
            (default,) = re.findall(rf"^\| `{option.envvar}` \| `(.+?)`", README, re.MULTILINE)
            assert default == str(option.default)


def test_the_iam_policy_is_what_the_calls_need() -> None:
    """The list lives beside the calls."""
    (policy,) = re.findall(r"```json\n(.+?)```", README, re.DOTALL)
    (statement,) = json.loads(policy)["Statement"]
    assert tuple(statement["Action"]) == IAM_ACTIONS


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_relative_links_lead_somewhere(document: Path) -> None:
    """Files and headings alike."""
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if "://" in target:
            continue
        path, _, heading = target.partition("#")
        file = (document.parent / path) if path else document
        assert file.exists(), f"{document.name}: {target}"
        if heading:
            slugs = [
                re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
                for line in file.read_text().splitlines()
                if line.startswith("#")
            ]
            assert heading in slugs, f"{document.name}: {target}"


def imported(room: str) -> set[str]:
    names = set()
    for file in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
    return names & {"fleet", "exporter", "notifier", "sandbox"} - {room}


@pytest.mark.parametrize(
    ("room", "may_import"),
    [
        ("fleet", set()),
        ("exporter", {"fleet"}),
        ("notifier", {"fleet"}),
        ("sandbox", set()),
        ("alerts", set()),
        ("dashboards", set()),
    ],
)
def test_imports_point_one_way(room: str, may_import: set[str]) -> None:
    """The architecture's table, checked."""
    assert imported(room) <= may_import


def test_no_file_names_a_registrys_host() -> None:
    """Installs go to whatever registry the machine is set up with."""
    hosts = re.compile(
        "|".join(["pypi" + r"\.org", "python" + r"hosted\.org", "registry\\.npm" + "js", "deb\\.debian" + r"\.org"])
    )
    files = [
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and not {".git", ".venv", "node_modules"} & set(path.parts)
        and not any(part.startswith(".") and part.endswith("_cache") for part in path.parts)
    ]
    assert not [
        path for path in files if path.suffix not in {".png", ".pyc"} and hosts.search(path.read_text(errors="replace"))
    ]
