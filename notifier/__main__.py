"""The notifier's command line: which command, and which exit status. It imports a command only when it runs."""

import os
import sys
from importlib import import_module

from notifier.program import COMPLETION_VARIABLE, PROGRAM, exit_status

COMMANDS = {
    "print": "Show which orgs have updates waiting, and who would be told.",
    "preview": "Show what they would read, in a mail to yourself or in files.",
    "email": "Tell every manager of every affected org, once.",
    "status": "Ask GOV.UK Notify which mails have been delivered.",
    "defer": "Remember which tenants asked to wait.",
    "apply": "Apply the window's updates, and follow them to their end.",
    "ledger": "Export or check the record of what was sent.",
    "completion": "Print what your shell needs to complete command lines.",
}
HELP = f"""\
Usage: {PROGRAM} COMMAND [OPTIONS]

  Tell tenants of maintenance on their Redis and Valkey instances, once and only once.

  The usual order: print, preview, email, status, defer, apply.

Commands:
{"".join(f"  {name:<12}{purpose}" + chr(10) for name, purpose in COMMANDS.items())}
Options:
  -h, --help    This, or after a command what the command does.
  --version     The version.

  --action print|preview|email is understood too, as the old runbook has it.

Exit status:
  0  all done
  1  ran to the end, but something failed: each is named, nothing is lost, a re-run continues
  2  wrong usage or configuration; nothing was done
  3  a remote system could not be reached or refused us; a re-run continues
"""


def main() -> None:
    if COMPLETION_VARIABLE in os.environ:
        sys.exit(import_module("notifier.completion").answer(COMMANDS, os.environ[COMPLETION_VARIABLE]))
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Help and version without importing anything: they answer as fast as Python starts."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(HELP)
        return 0
    if arguments[0] == "--version":
        from fleet import __version__  # noqa: PLC0415 — see above

        sys.stdout.write(f"{PROGRAM}, version {__version__}\n")
        return 0
    if arguments[0] in COMMANDS:
        return _run(arguments[0], arguments[1:])
    from notifier.old_runbook import translation  # noqa: PLC0415 — see above

    try:
        translated = translation(arguments)
    except ValueError as error:
        return _refused(str(error))
    if translated is None:
        return _refused(f"'{arguments[0]}': no such command; there are {', '.join(COMMANDS)}")
    for flag in translated.ignored:
        sys.stderr.write(f"warning: {flag}: {translated.command} has no use for it, and ignores it\n")
    return _run(translated.command, translated.arguments)


def _run(command: str, arguments: list[str]) -> int:
    module = import_module(f"notifier.commands.{command}")
    return exit_status(module.command, f"{PROGRAM} {command}", arguments)


def _refused(message: str) -> int:
    sys.stderr.write(f"{PROGRAM}: {message}; see --help\n")
    return 2


if __name__ == "__main__":
    main()
