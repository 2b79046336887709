"""Tab completion, in the shells that people use, each in a terminal of its own."""

import contextlib
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from notifier.__main__ import COMMANDS
from notifier.program import COMPLETION_VARIABLE, PROGRAM
from tests.notifier_here import Here
from tests.servers import wait_until

SHELLS = {
    "bash": (("bash", "--norc", "--noprofile", "-i"), 'eval "$({program} completion bash)"'),
    "zsh": (("zsh", "-f", "-i"), 'autoload -U compinit; compinit -D; eval "$({program} completion zsh)"'),
    "fish": (("fish", "--no-config", "-i"), "{program} completion fish | source"),
}
REGIONS_FILE = (
    '[[regions]]\nname = "Frankfurt"\naws_region = "eu-central-1"\ncf_api_address = "https://api.example.org"\n'
)
START_OF_LINE, END_OF_LINE = "\x01", "\x05"


def completed(shell: str, typed: str, folder: Path) -> str:
    """The command line as the shell has it after these keys, Tab among them; it is echoed to a file, not run."""
    command, setup = SHELLS[shell]
    assert shutil.which(command[0]), f"{shell} is not installed: apt-get install {shell}"
    file, is_set_up = folder / "line", folder / "set-up"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    terminal, inside = pty.openpty()
    process = subprocess.Popen(
        ("setsid", "--ctty", *command),
        stdin=inside,
        stdout=inside,
        stderr=inside,
        cwd=folder,
        env={**os.environ, "PATH": path, "TERM": "dumb"},
    )
    os.close(inside)
    said = bytearray()

    def exists(wanted: Path) -> bool:
        os.set_blocking(terminal, False)
        with contextlib.suppress(OSError):  # nothing said since
            said.extend(os.read(terminal, 65536))
        return wanted.exists() and wanted.read_text().endswith("\n")

    try:
        os.write(terminal, f"{setup.format(program=PROGRAM)}; echo yes > {is_set_up}\r".encode())
        wait_until(lambda: exists(is_set_up), said.decode)
        os.write(terminal, f"{PROGRAM} {typed}{START_OF_LINE}echo {END_OF_LINE} > {file}\r".encode())
        wait_until(lambda: exists(file), said.decode)
        return file.read_text().strip().removeprefix(f"{PROGRAM} ")
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_completes_commands_options_and_values(shell: str, tmp_path: Path) -> None:
    """A command, an option, one of a fixed list of values, and a region."""
    typed = "pri\t--form\tjs\t--region Ire\t"
    assert completed(shell, typed, tmp_path) == "print --format json --region Ireland"


def test_tab_completes_files_and_the_regions_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And commands below commands."""
    (tmp_path / "our-template.md").touch()
    (tmp_path / "regions.toml").write_text(REGIONS_FILE)
    monkeypatch.setenv("REGIONS_FILE", str(tmp_path / "regions.toml"))
    assert completed("bash", "email --template our\t--region f\t", tmp_path) == (
        "email --template our-template.md --region Frankfurt"
    )
    (tmp_path / "line").unlink()
    assert completed("bash", "led\texp\t--format c\t", tmp_path) == "ledger export --format csv"


@pytest.mark.parametrize("regions_file", ["not-there.toml", "broken.toml"])
def test_a_file_that_cannot_be_read_says_nothing_in_the_middle_of_a_line(regions_file: str, tmp_path: Path) -> None:
    """The command itself will report it."""
    (tmp_path / "broken.toml").write_text("[[regions]")
    asked = {"COMP_WORDS": f"{PROGRAM} print --region ", "COMP_CWORD": "3", COMPLETION_VARIABLE: "bash_complete"}
    answered = subprocess.run(
        [sys.executable, "-m", "notifier"],
        env={**os.environ, **asked, "REGIONS_FILE": str(tmp_path / regions_file)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answered.returncode, answered.stdout.strip(), answered.stderr) == (0, "", "")


def test_every_command_is_offered_with_what_it_is_for() -> None:
    """As --help words it, in the shells that show it."""
    asked = {"COMP_WORDS": f"{PROGRAM} ", "COMP_CWORD": "1", COMPLETION_VARIABLE: "zsh_complete"}
    answered = subprocess.run(
        [sys.executable, "-m", "notifier"], env={**os.environ, **asked}, capture_output=True, text=True, check=True
    )
    expected = [line for name, purpose in COMMANDS.items() for line in ("plain", name, purpose)]
    assert answered.stdout.splitlines() == expected


def test_an_unknown_shell_is_refused_with_those_that_there_are(here: Here) -> None:
    ended = here.run("completion", "tcsh")
    assert ended.status == 2
    assert "'bash', 'zsh', 'fish'" in ended.err
