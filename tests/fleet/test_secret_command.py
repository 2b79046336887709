"""Secrets that a command prints, and what is said where it fails."""

import shlex
import sys
import time
from pathlib import Path

import pytest

from fleet.errors import ConfigurationError
from fleet.program.secret_command import printed_secret
from fleet.program.secret_sources import SecretSources


def python(code: str) -> str:
    return shlex.join([sys.executable, "-c", code])


def test_what_the_command_prints_is_the_secret(tmp_path: Path) -> None:
    """Without the line end; it is run once, however often the secret is asked for."""
    runs = tmp_path / "runs"
    sources = SecretSources({"S_COMMAND": python(f"open({str(runs)!r}, 'a').write('x'); print(' pä:ss ')")})
    assert sources.get("S") == sources.get("S") == "pä:ss"
    assert runs.read_text() == "x"


def test_no_shell_reads_the_command() -> None:
    """What a shell would run, or replace, is an argument like any other."""
    assert printed_secret("S_COMMAND", "echo '$HOME' | `id` ; $(id) > /dev/null") == "$HOME | `id` ; $(id) > /dev/null"


@pytest.mark.parametrize(
    ("command_line", "message"),
    [
        (python("print('hush'); raise SystemExit(3)"), "its command ended with 3; run it yourself to see why"),
        (python("import os; print('hush'); os.kill(os.getpid(), 15)"), "was ended by signal 15"),
        (python("pass # hush"), "its command printed nothing"),
        (python("print('hush' * 100_000)"), "its command printed more than 64 KiB"),
        (python("import sys; sys.stdout.buffer.write(b'hush' + bytes([255]))"), "something that is not text"),
        (python("print('hush' + chr(0))"), "it holds a NUL"),
        ("/no/such/hush", "its command cannot be run: No such file or directory"),
        ("/etc/passwd --hush", "its command cannot be run: Permission denied"),
        ("echo 'hush", "not a command line: no closing quotation"),
        ("''", "its command cannot be run"),
        ("   ", "it names no command"),
    ],
)
def test_a_failure_is_one_line_that_names_the_variable_and_shows_nothing(
    command_line: str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the command, which may hold a token, nor what it printed, on whichever stream."""
    with pytest.raises(ConfigurationError, match=message) as raised:
        SecretSources({"S_COMMAND": command_line}).get("S")
    assert str(raised.value).startswith("S_COMMAND: ")
    assert "hush" not in str(raised.value) + "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "code",
    [
        "import time; time.sleep(60)",
        "import os, time; os.close(1); time.sleep(60)",
        "import subprocess; subprocess.run(['sleep', '60'])",
        "import os\nwhile True: os.write(1, b'')",
    ],
    ids=["sleeps", "closes its output", "has a child", "is busy"],
)
def test_a_command_that_does_not_end_is_ended(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it has started."""
    monkeypatch.setattr("fleet.program.secret_command.TIME_LIMIT_SECONDS", 1.0)
    began = time.monotonic()
    with pytest.raises(ConfigurationError, match="S_COMMAND: its command did not end within 1 s"):
        printed_secret("S_COMMAND", python(code))
    assert time.monotonic() - began < 30


def test_a_daemon_that_the_command_starts_is_not_waited_for(tmp_path: Path) -> None:
    """As agents that unlock a store are: they keep the output open, and live on."""
    stop = tmp_path / "stop"
    daemon = f"import os, time\nwhile not os.path.exists({str(stop)!r}): time.sleep(0.05)"
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {daemon!r}]); print('secret')"
    assert printed_secret("S_COMMAND", python(code)) == "secret"
    stop.touch()
