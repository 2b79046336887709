"""The manual pages, made of the commands themselves: a page each, with all that --help says."""

import re
import subprocess

import click
import pytest

from docs.manual_pages import pages
from exporter.command_line import exporter
from notifier.__main__ import COMMANDS

PAGES = pages()
HYPHENS = {0x2010: "-", 0x2212: "-"}
EXPORTER, NOTIFIER = "elasticache-update-exporter", "elasticache-update-notifier"


def shown(name: str) -> str:
    """As a reader sees it, on one line; groff's warnings are errors."""
    command = ("groff", "-man", "-ww", "-Tutf8", "-P-cbou", "-rLL=100n", "-Kutf8")
    done = subprocess.run(command, input=PAGES[name], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), name
    return " ".join(done.stdout.translate(HYPHENS).split())


def test_there_is_a_page_for_each_program_and_each_command() -> None:
    """And the program's own leads to the others."""
    for command in COMMANDS:
        assert [name for name in PAGES if name.startswith(f"{NOTIFIER}-{command}")], command
    assert set(re.findall(r"([\w-]+) ?\(1\)", shown(NOTIFIER).partition("SEE ALSO")[2])) >= PAGES.keys() - {
        EXPORTER,
        NOTIFIER,
    }


def test_a_page_says_what_help_says() -> None:
    """Options with their variables and defaults, the examples, the exit statuses."""
    text = shown(EXPORTER)
    for option in exporter.params:
        assert isinstance(option, click.Option)
        assert all(flag in text for flag in option.opts)
        assert " ".join((option.help or "").split()) in text
    assert "[env var: POLL_INTERVAL; default: 300; 0.1<=x<=86400]" in text
    assert "CF_CLIENT_ID=exporter CF_CLIENT_SECRET_FILE=/run/secrets/cf elasticache-update-exporter SIGNALS" in text
    assert "3 --once: a survey failed" in text


@pytest.mark.parametrize("name", [name for name in PAGES if name not in {EXPORTER, NOTIFIER}])
def test_a_commands_page_names_how_it_is_called(name: str) -> None:
    words = name.removeprefix(f"{NOTIFIER}-").replace("-", " ")
    text = shown(name)
    assert f"NAME {name} - " in text
    assert f"SYNOPSIS {NOTIFIER} {'--check' if words == 'check' else words} " in text
    assert "EXIT STATUS" in text
