"""The notifier's command line: chooses the command and the exit status. Imports a command only to run it."""

import gc
import os
import sys
import traceback
from importlib import import_module

from fleet.program.streams import taken_over
from notifier.program import (
    COMPLETION_VARIABLE,
    EXIT_FAILED,
    EXIT_OK,
    EXIT_WRONG_USAGE,
    PROGRAM,
    Done,
    exit_status,
    say,
)

COMMANDS = {
    "print": "Show which orgs have updates waiting, and who would be told.",
    "preview": "Show the mails that they would get, in a mail to yourself or in files.",
    "email": "Tell every manager of every affected org, once.",
    "schedule": "Announce the window on the status page, without notifying anybody.",
    "cancel": "Tell everybody who was told that the window will not take place.",
    "status": "Ask GOV.UK Notify which mails have been delivered.",
    "defer": "Remember which tenants asked to wait.",
    "told": "Remember which orgs were told of the window another way.",
    "apply": "Apply the window's updates, and follow them to their end.",
    "checklist": "Show where a window stands, and keep the team's issue up to date.",
    "doctor": "Examine everything that a window needs, before the day comes.",
    "ledger": "Export or check the record of what was sent.",
    "completion": "Print a script that lets your shell complete command lines.",
}
CHECK = "--check"
HELP = f"""\
Usage: {PROGRAM} COMMAND [OPTIONS]

  Tell tenants about maintenance on their Redis and Valkey instances, once and only once.

  The usual order: print, preview, email, schedule, status, defer, told, apply; checklist and doctor at any time.

Commands:
{"".join(f"  {name:<12}{purpose}" + chr(10) for name, purpose in COMMANDS.items())}
Options:
  -h, --help    Show this help or, after a command, the help of that command.
  --check       Check every setting, file and secret without asking any remote system.
  --version     Show the version.

  The old runbook's --action print|preview|email works too.

Exit status:
  0  all done
  1  ran to the end, but something failed: each is named, nothing is lost, a re-run continues
  2  wrong usage or configuration; nothing was done
  3  a remote system could not be reached or refused us; a re-run continues
"""


_PATIENCE_SECONDS = 60.0


def main() -> None:
    """
    Runs the command line, and waits for whoever reads stdout.

    It waits as long as the reader needs, but only a minute once something was done, which the ledger has on record.
    """
    _suit_a_short_run()
    arguments, done = sys.argv[1:], Done()
    try:
        streams = taken_over(arguments, os.environ)
    except KeyboardInterrupt:
        os._exit(EXIT_FAILED)  # so soon that there is nothing to say, and nothing to say it with
    try:
        status = _answered(arguments, done)
    except KeyboardInterrupt:
        say(PROGRAM, "stopped before anything was done")
        status = EXIT_FAILED
    except Exception:  # noqa: BLE001 — a bug of ours: show Python's traceback
        traceback.print_exc()
        status = EXIT_FAILED
    lost_because = streams.close(_PATIENCE_SECONDS if done.in_words else None)
    if lost_because is not None:
        say(PROGRAM, f"stdout: {lost_because}; what was done is done, and what was to be shown here is lost")
        status = status or EXIT_FAILED
    streams.close_errors()
    os._exit(status)  # there is nothing left to do, and after a Ctrl-C threads may wait for an answer for a minute


def _suit_a_short_run() -> None:
    """Python's defaults are for programs that run for long: this one loads libraries while other systems answer."""
    gc.set_threshold(50_000)  # objects; loading libraries makes them by the hundred thousand, and none is garbage
    sys.setswitchinterval(0.0005)  # seconds for which a thread that loads one may keep an answer waiting


def _answered(arguments: list[str], done: Done) -> int:
    if COMPLETION_VARIABLE in os.environ:
        status: int = import_module("notifier.completion").answer(COMMANDS, os.environ[COMPLETION_VARIABLE])
        return status
    return run(arguments, done)


def run(arguments: list[str], done: Done | None = None) -> int:
    """Answers --help and --version without importing anything, so that they are as fast as Python itself."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(HELP)
        return EXIT_OK
    if arguments[0] == "--version":
        from fleet import __version__  # noqa: PLC0415 — see above

        sys.stdout.write(f"{PROGRAM}, version {__version__}\n")
        return EXIT_OK
    if arguments[0] in (*COMMANDS, CHECK):
        return _run(arguments[0], arguments[1:], done)
    from notifier.old_runbook import translation  # noqa: PLC0415 — see above

    try:
        translated = translation(arguments)
    except ValueError as error:
        return _refused(str(error))
    if translated is None:
        return _refused(f"no such command; there are {', '.join(COMMANDS)}")
    for flag in translated.ignored:
        sys.stderr.write(f"warning: {flag}: {translated.command} has no use for it, and ignores it\n")
    return _run(translated.command, translated.arguments, done)


def _run(command: str, arguments: list[str], done: Done | None) -> int:
    module = import_module("notifier.check" if command == CHECK else f"notifier.commands.{command}")
    return exit_status(module.command, f"{PROGRAM} {command}", arguments, done)


def _refused(message: str) -> int:
    """Does not show the word that was refused, because it may be a key whose option was left out."""
    say(PROGRAM, f"{message}; see --help")
    return EXIT_WRONG_USAGE


if __name__ == "__main__":
    main()
