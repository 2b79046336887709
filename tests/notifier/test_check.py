"""`--check`: every setting is read, each fault is named on a line of its own, and nobody is asked."""

import sys
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.notifier_here import Here
from tests.notifier_program import WINDOW


def test_settings_that_can_be_used(shared_sandbox: Sandbox, here: Here) -> None:
    """The flags of the commands are understood, and no request is made."""
    asked_before = len(shared_sandbox.journal.entries())
    here.set(shared_sandbox.environment)
    ended = here.run("--check", *WINDOW, "--settle-seconds", "5")
    assert (ended.status, ended.out) == (0, "every setting can be used; nobody was asked\n")
    assert len(shared_sandbox.journal.entries()) == asked_before


def test_what_some_commands_do_not_need_is_only_said(shared_sandbox: Sandbox, here: Here) -> None:
    here.set({**shared_sandbox.environment, "NOTIFY_API_KEY": None})
    ended = here.run("--check")
    assert ended.status == 0
    assert "NOTIFY_API_KEY is not set: email, status and preview --preview-email need it" in ended.out


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GITHUB_REPOSITORY"])
def test_the_teams_issues_need_not_be_set_up(shared_sandbox: Sandbox, here: Here, name: str) -> None:
    """A token alone may be meant for other programs."""
    here.set({**shared_sandbox.environment, name: None})
    ended = here.run("--check")
    assert ended.status == 0
    assert "GITHUB_TOKEN and GITHUB_REPOSITORY are not both set: checklist --post needs them" in ended.out


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"GITHUB_REPOSITORY": "https://github.com/a/b"}, "GITHUB_REPOSITORY 'https://github.com/a/b': write it as"),
        ({"GITHUB_REPOSITORY": "a b/c", "GITHUB_TOKEN": None}, "GITHUB_REPOSITORY 'a b/c': write it as OWNER/NAME"),
        ({"GITHUB_API_URL": "api.github.com"}, "GITHUB_API_URL 'api.github.com': it does not begin with https://"),
        (
            {"GITHUB_TOKEN": "two words"},
            "GITHUB_TOKEN: no token has spaces or other than ASCII; its value is not shown",
        ),
        ({"GITHUB_TOKEN": None, "GITHUB_TOKEN_FILE": "/no/such"}, "GITHUB_TOKEN_FILE '/no/such': No such file"),
        ({"GITHUB_TOKEN": None, "GITHUB_TOKEN_COMMAND": "false"}, "GITHUB_TOKEN_COMMAND"),
    ],
)
def test_settings_of_github_are_checked(
    shared_sandbox: Sandbox, here: Here, variables: dict[str, str | None], line: str
) -> None:
    here.set({**shared_sandbox.environment, **variables})
    ended = here.run("--check")
    assert ended.status == 2
    [said] = ended.err.splitlines()
    assert said.startswith(f"elasticache-update-notifier: {line}")


def test_every_fault_is_named(shared_sandbox: Sandbox, here: Here) -> None:
    """A line each, so that one run is enough to mend them all."""
    here.set(shared_sandbox.environment)
    here.set(
        {
            "CF_API_ADDRESS": "https://api.example.org:99999",
            "PAAS_ACCOUNTS_URL": "accounts",
            "NOTIFY_TEMPLATE_ID": "the usual",
            "WORKING_HOURS": "nine to five",
            "LEDGER_URL": "nonsense",
        }
    )
    ended = here.run("--check", "--template", "/no/such/template")
    assert ended.status == 2
    assert ended.out == ""
    lines = ended.err.splitlines()
    names = ("CF_API_ADDRESS", "PAAS_ACCOUNTS_URL", "NOTIFY_TEMPLATE_ID", "--working-hours", "--template", "LEDGER_URL")
    assert len(lines) == len(names)
    for line, name in zip(lines, names, strict=True):
        assert line.startswith(f"elasticache-update-notifier: {name}")


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (("--settle-seconds", "nan"), {}, "'nan' is not a number"),
        (("--minimum-notice", "\u0663"), {}, "is not a whole number"),
        (("--mails-per-minute", "1_000"), {}, "is not a whole number"),
        (("--working-hours", "\u0660900-1700"), {}, "write it as 0900-1700"),
        (("--time-zone", "Europe"), {}, "no such time zone"),
        ((*WINDOW[:-1], "\u0660\u0669\u0660\u0660-1100"), {}, "not a time range"),
        ((*WINDOW[:2], "--maintenance-window-date", "2099-06-1\u0666", *WINDOW[4:]), {}, "not a date"),
        ((), {"REQUESTS_CA_BUNDLE": "/no/such.pem"}, "REQUESTS_CA_BUNDLE '/no/such.pem'"),
        ((), {"AWS_PROFILE": "nobodys"}, "AWS_PROFILE 'nobodys'"),
        ((), {"CF_CLIENT_SECRET": "\udcff"}, "CF_CLIENT_SECRET: not text in UTF-8"),
        ((), {"PAAS_ACCOUNTS_USERNAME": "a:b"}, "PAAS_ACCOUNTS_USERNAME: it holds a colon"),
        ((), {"REGIONS_FILE": "/no/such.toml"}, "REGIONS_FILE '/no/such.toml'"),
    ],
)
def test_each_kind_of_fault_is_found(
    arguments: tuple[str, ...], environment: dict[str, str | None], said: str, shared_sandbox: Sandbox, here: Here
) -> None:
    here.set({**shared_sandbox.environment, **environment})
    ended = here.run("--check", *arguments)
    assert ended.status == 2
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_every_region_of_a_file_is_checked(shared_sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    """Not only the one that a command would be about."""
    file = tmp_path / "regions.toml"
    file.write_text(
        "".join(
            f'[[regions]]\nname = "{name}"\naws_region = "{code}"\ncf_api_address = "{address}"\n'
            for name, code, address in (
                ("Ireland", "eu-west-1", shared_sandbox.environment["CF_API_ADDRESS"]),
                ("London", "eu-west-2", "https://api.example.org/v3"),
            )
        )
    )
    here.set({**shared_sandbox.environment, "REGIONS_FILE": str(file)})
    assert "CF_API_ADDRESS 'https://api.example.org/v3': it has a path" in here.run("--check").err
    assert here.run("--check", "--region", "Ireland").status == 0


def test_a_secrets_command_is_run(shared_sandbox: Sandbox, here: Here) -> None:
    """That is how the secret is read; what it prints is shown to nobody."""
    command = f"{sys.executable} -c \"print('hush'); raise SystemExit(1)\""
    here.set({**shared_sandbox.environment, "NOTIFY_API_KEY": None, "NOTIFY_API_KEY_COMMAND": command})
    ended = here.run("--check")
    assert ended.status == 2
    assert "NOTIFY_API_KEY_COMMAND: its command ended with 1" in ended.err
    assert "hush" not in ended.out + ended.err


def test_a_user_without_a_home_folder_is_told_what_to_set(
    shared_sandbox: Sandbox, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a container's users are that have a number and no name."""
    here.set({**shared_sandbox.environment, "LEDGER_URL": None, "HOME": None, "XDG_STATE_HOME": None})
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    ended = here.run("--check")
    assert ended.status == 2
    assert "ledger: this user has no home folder to keep it in; set LEDGER_URL" in ended.err
