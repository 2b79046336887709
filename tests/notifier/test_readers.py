"""Whoever reads what the notifier says may go away or stand still: what acts, acts to its end, and ends."""

import contextlib
import fcntl
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from notifier.mail.workers import WORKERS
from sandbox.server import Sandbox
from sandbox.truth import Truth
from tests.notifier_program import WINDOW, Ended, Program, crowded, mails_by_org_and_address, program, sends
from tests.servers import wait_until

PEOPLE = 1000
SMALLEST_PIPE_BYTES = 4096
IMPATIENT = "import notifier.__main__ as program; program._PATIENCE_SECONDS = 1.0; program.main()"
"""As `python -m notifier`, but a reader of stdout that stands still is given up after a second."""
DEADLINE_SECONDS = 100
_SET_PIPE_SIZE = 1031  # F_SETPIPE_SZ of Linux


@pytest.fixture
def crowd(sandbox: Sandbox) -> Sandbox:
    sandbox.world.change(crowded(PEOPLE, 20))
    return sandbox


@pytest.fixture
def fast(crowd: Sandbox, sqlite_url: str) -> Program:
    return program(crowd, sqlite_url, MAILS_PER_MINUTE="100000")


@dataclass
class Pipe:
    """Whoever reads it stands still, until the test reads."""

    reader: int
    writer: int

    def close(self) -> None:
        for descriptor in (self.reader, self.writer):
            with contextlib.suppress(OSError):
                os.close(descriptor)


@contextmanager
def pipe() -> Iterator[Pipe]:
    opened = Pipe(*os.pipe())
    fcntl.fcntl(opened.writer, _SET_PIPE_SIZE, SMALLEST_PIPE_BYTES)
    try:
        yield opened
    finally:
        opened.close()


def email(*arguments: str) -> list[str]:
    return [sys.executable, "-c", IMPATIENT, "email", "--yes", *WINDOW, *arguments]


def start(
    running: Program, command: list[str], out: int, err: int, stdin: int = subprocess.DEVNULL
) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, **running.environment}
    return subprocess.Popen(command, env=environment, stdin=stdin, stdout=out, stderr=err)


def everybody_once(sandbox: Sandbox, people: int = PEOPLE) -> bool:
    mails = mails_by_org_and_address(sandbox)
    return len(mails) == people and set(mails.values()) == {1}


@pytest.mark.parametrize("lines", [0, 3, 4, 5])
def test_a_pipe_that_is_closed_stops_no_mail(crowd: Sandbox, fast: Program, lines: int) -> None:
    """As `email --yes 2>&1 | head -4` does it; the exit status is that of the mails."""
    with pipe() as both:
        process = start(fast, email("--log-level", "debug"), both.writer, both.writer)
        os.close(both.writer)
        with open(both.reader, "rb", closefd=False, buffering=0) as reader:
            for _ in range(lines):
                while reader.read(1) not in {b"\n", b""}:
                    pass
        os.close(both.reader)
        assert process.wait(DEADLINE_SECONDS) == 0
    assert everybody_once(crowd)


def test_a_reader_that_stands_still_stops_no_mail(crowd: Sandbox, fast: Program) -> None:
    """Neither the progress and the log nor the summary, which is longer than the pipe, is waited for for ever."""
    with pipe() as both:
        process = start(fast, email("--log-level", "debug", "--format", "json"), both.writer, both.writer)
        assert process.wait(DEADLINE_SECONDS) == 1
    assert everybody_once(crowd)


def test_a_log_that_nobody_reads_does_not_spoil_the_summary(crowd: Sandbox, fast: Program) -> None:
    with pipe() as errors:
        process = start(fast, email("--log-level", "debug", "--format", "json"), subprocess.PIPE, errors.writer)
        out, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 0
    assert Ended(0, out.decode(), "").document["summary"]["sent"] == PEOPLE
    assert everybody_once(crowd)


def test_a_reader_that_stands_still_does_not_keep_a_run_from_being_stopped(crowd: Sandbox, fast: Program) -> None:
    """SIGTERM finishes the mails under way, records them and ends; the next run sends the rest."""
    with pipe() as both:
        process = start(fast, email("--log-level", "debug"), both.writer, both.writer)
        wait_until(lambda: sends(crowd) > 50, lambda: sends(crowd))
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_SECONDS) == 1
    assert fast.email().status == 0
    assert everybody_once(crowd)


@pytest.mark.parametrize(
    ("redirection", "status", "said"),
    [
        (">&-", 0, ""),
        ("2>&-", 0, ""),
        (">&- 2>&-", 0, ""),
        ("<&- >&- 2>&-", 0, ""),
        (">/dev/full", 1, "No space left on device"),
        ("2>/dev/full", 0, ""),
        (">/dev/full 2>/dev/full", 1, ""),
    ],
)
def test_a_stream_that_takes_nothing_stops_no_mail(
    sandbox: Sandbox, sqlite_url: str, redirection: str, status: int, said: str
) -> None:
    """What was lost is said where that is still possible, and the ledger has it."""
    sandbox.world.change(crowded(100, 20))
    notifier = program(sandbox, sqlite_url)
    line = ["bash", "-c", f'exec "$@" {redirection}', "bash", *email()]
    process = start(notifier, line, subprocess.PIPE, subprocess.PIPE)
    _, err = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == status, err
    assert b"Traceback" not in err
    assert said.encode() in err
    assert everybody_once(sandbox, 100)
    assert [mail["state"] for mail in notifier.run("ledger", "export").document["mails"]] == ["sent"] * 100


@pytest.mark.parametrize("when", [1, 200, PEOPLE - 1])
def test_a_terminal_that_goes_away_stops_no_mail(crowd: Sandbox, fast: Program, when: int) -> None:
    """The window is closed, or the connection is lost, after so many mails: SIGHUP, and nowhere to write to."""
    terminal, inside = pty.openpty()
    process = start(fast, ["setsid", "--ctty", "--wait", *email()], inside, inside, inside)
    os.close(inside)
    with read_meanwhile(terminal):
        wait_until(lambda: sends(crowd) >= when or process.poll() is not None, lambda: sends(crowd))
    os.close(terminal)
    wait_until(lambda: everybody_once(crowd), lambda: sends(crowd))
    assert process.wait(DEADLINE_SECONDS) in {0, -signal.SIGHUP, 128 + signal.SIGHUP}  # the wrapper may be hung up, too


@contextmanager
def read_meanwhile(terminal: int) -> Iterator[None]:
    os.set_blocking(terminal, False)
    with subprocess.Popen(["cat"], stdin=terminal, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as reading:
        yield
        reading.kill()


@pytest.mark.parametrize(
    ("command", "plain_status"),
    [
        (("--help",), 0),
        (("email", "--help"), 0),
        (("print", "--format", "json"), 0),
        (("print",), 0),
        (("ledger", "check"), 0),
        (("status", *WINDOW), 1),
    ],
    ids=str,
)
@pytest.mark.parametrize("redirection", [("| true", 0), (">&-", 0), (">/dev/full", 1)], ids=str)
def test_whatever_prints_ends_as_documented(
    shared_sandbox: Sandbox,
    sqlite_url: str,
    command: tuple[str, ...],
    plain_status: int,
    redirection: tuple[str, int],
) -> None:
    """Who has read enough is right to go; output that is lost on a full disk is a failure."""
    line = ["bash", "-c", f'set -o pipefail; "$@" {redirection[0]}', "bash", sys.executable, "-m", "notifier", *command]
    process = start(program(shared_sandbox, sqlite_url), line, subprocess.PIPE, subprocess.PIPE)
    _, err = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == (plain_status or redirection[1]), err
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "utf-16"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
    ids=str,
)
@pytest.mark.parametrize("output_format", ["table", "json"])
def test_every_encoding_will_do(
    sandbox: Sandbox, sqlite_url: str, environment: Mapping[str, str], output_format: str
) -> None:
    """What it does not have is written as its code; JSON is the same document."""
    sandbox.world.change(renamed("café 🚀"))
    running = program(sandbox, sqlite_url)
    encoding = environment.get("PYTHONIOENCODING", "ascii")
    line = [sys.executable, "-m", "notifier", "print", "--format", output_format]
    process = start(running.with_environment(**environment), line, subprocess.PIPE, subprocess.PIPE)
    out, err = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 0, err
    if output_format == "json":
        instances = Ended(0, out.decode(encoding), "").document["orgs"][0]["spaces"][0]["instances"]
        assert instances[0]["name"] == "café 🚀"
    else:
        assert "caf" in out.decode(encoding)


def renamed(name: str) -> Callable[[Truth], Truth]:
    def changed(truth: Truth) -> Truth:
        instances = {guid: replace(i, name=name) for guid, i in truth.service_instances.items()}
        return replace(truth, service_instances=instances)

    return changed


def test_who_waits_for_a_colleague_says_so_and_can_be_stopped(sandbox: Sandbox, sqlite_url: str) -> None:
    """The colleague's run is suspended with mails under way: it is alive, so they are neither sent nor given up."""
    people = 2 * WORKERS
    sandbox.world.change(crowded(people, 1))
    notifier = program(sandbox, sqlite_url)
    with sandbox.faults.during("notify:latency:5"):
        colleague = notifier.start("email", "--yes", *WINDOW)
        wait_until(lambda: sends(sandbox) == 1 + WORKERS, lambda: sends(sandbox))  # the first goes alone
        colleague.send_signal(signal.SIGSTOP)
    try:
        waiting = notifier.start("email", "--yes", *WINDOW)
        assert waiting.stderr is not None
        said = next(line for line in waiting.stderr if line.startswith("waiting for"))
        assert f"the run on {os.uname().nodename} since {time.gmtime().tm_year}-" in said
        assert "Ctrl-C ends the waiting" in said
        waiting.send_signal(signal.SIGINT)
        _, err = waiting.communicate(timeout=DEADLINE_SECONDS)
        assert waiting.returncode == 1
        assert "Traceback" not in err
    finally:
        colleague.send_signal(signal.SIGCONT)
        colleague.communicate(timeout=DEADLINE_SECONDS)
    assert notifier.email().status == 0
    assert everybody_once(sandbox, people)
