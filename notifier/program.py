"""The notifier as a program: its name, its exit statuses, and the message for each way in which it can end."""

import os
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from fleet.errors import ConfigurationError, InsufficientScopeError, RemoteError
from fleet.program.secrecy import secrets_given, without_secrets
from fleet.program.terminal import typed_line
from fleet.program.text import text_of_lines

if TYPE_CHECKING:
    import click

PROGRAM = "elasticache-update-notifier"
COMPLETION_VARIABLE = "_ELASTICACHE_UPDATE_NOTIFIER_COMPLETE"
"""Only the completion script sets it, when a shell asks how a command line continues."""

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_WRONG_USAGE = 2
EXIT_REMOTE = 3

EXIT_STATUSES = """
\b
Exit status:
  0  all done
  1  ran to the end, but something failed: each is named, nothing is lost, a re-run continues
  2  wrong usage or configuration; nothing was done
  3  a remote system could not be reached or refused us; a re-run continues"""

CONTEXT: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""The settings of click that all commands share."""


class Done:
    """
    Counts what this run has changed so far, so that a run that ends early never claims to have done nothing.

    A command that changes anything gets it through `@click.pass_obj`.
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def add(self, singular: str, plural: str) -> None:
        """Counts one more, such as `mail sent` and `mails sent`. Any thread may call it."""
        with self._lock:
            self._counts[singular, plural] += 1

    @property
    def in_words(self) -> str:
        """Such as `7 deliveries recorded`; empty if nothing was done."""
        with self._lock:
            counts = dict(self._counts)
        return ", ".join(f"{count} {one if count == 1 else many}" for (one, many), count in counts.items())


def exit_status(command: "click.Command", name: str, arguments: list[str], done: Done | None = None) -> int:
    """Runs the command. If something goes wrong, says so in one line."""
    import click  # noqa: PLC0415 — the program's help works without click, and is faster without it

    done = done or Done()
    known = secrets_given(arguments, os.environ)

    def said(message: str, status: int) -> int:
        say(name, without_secrets(message.removeprefix(f"{name.rpartition(' ')[2]}: "), known))
        return status

    def said_with(error: Exception, status_without: int) -> int:
        """Exit status 2 promises that nothing was done, so it is not used once something was."""
        if done.in_words:
            again = "" if _ADVICE in str(error) else f"; {_AGAIN}"
            return said(f"{error}; until then: {done.in_words}{again}", EXIT_REMOTE)
        return said(str(error), status_without)

    try:
        status: int = command.main(arguments, prog_name=name, standalone_mode=False, obj=done) or EXIT_OK
    except click.exceptions.Exit as error:
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = said(
            f"stopped: {done.in_words}; {_AGAIN}" if done.in_words else "stopped before anything was done", EXIT_FAILED
        )
    except click.ClickException as error:
        status = said(_without_words(error.format_message()), EXIT_WRONG_USAGE)
    except (ConfigurationError, InsufficientScopeError) as error:
        status = said_with(error, EXIT_WRONG_USAGE)
    except RemoteError as error:
        status = said_with(error, EXIT_REMOTE)
    return status


def require_terminal() -> None:
    """Raises ConfigurationError if there is no terminal at which to ask the operator for confirmation."""
    if not sys.stdin.isatty():
        raise ConfigurationError("--yes is missing: there is no terminal to ask at, so say it if you mean it")


def require_yes(question: str) -> None:
    """Asks at the terminal, until it is a yes or a no. Raises click.Abort for a no, which is the default."""
    import click  # noqa: PLC0415 — as in exit_status

    while True:
        text = typed_line(f"{question} [y/N]:")
        answer = "" if text is None else text.strip().lower()
        if answer in {"y", "yes"}:
            return
        if answer in {"", "n", "no"}:
            raise click.Abort


_ADVICE = "run the same command again"
_AGAIN = f"{_ADVICE} to continue"
_SURPLUS = ("Got unexpected extra argument", "No such command")


def _without_words(message: str) -> str:
    """Hides a surplus word, which click would show: it may be a key whose option was left out."""
    surplus = next((words for words in _SURPLUS if message.startswith(words)), None)
    return message if surplus is None else f"{surplus}; it is not shown, as it may be a secret; see --help"


def say(name: str, message: str) -> None:
    """One line on stderr."""
    sys.stderr.write(text_of_lines([f"{name}: {' '.join(message.split())}"]))
