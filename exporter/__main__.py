"""Starts the exporter, and turns every way of ending into a documented status, and every error into one line."""

import contextlib
import os
import signal
import sys

EXIT_OK = 0
EXIT_UNFORESEEN = 1
EXIT_WRONG_USAGE = 2
EXIT_REMOTE = 3


def main() -> None:
    """Handles signals before it imports the libraries, because loading them takes most of a second."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(EXIT_OK))  # nothing has begun yet
    signal.signal(signal.SIGHUP, lambda *_: None)  # nothing has been read yet that could be read again
    from fleet.program.streams import open_closed_streams  # noqa: PLC0415 — as above

    open_closed_streams()
    try:
        status = _run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        status = EXIT_OK  # the reader of --once has read enough
    except BaseException as error:  # noqa: BLE001 — reports any error in one line
        from exporter.unforeseen import cause_of  # noqa: PLC0415 — see above

        _say(f"unexpected: {cause_of(error)}")
        status = EXIT_UNFORESEEN
    # A survey that still waits for a remote system must not delay the end: it has nothing to lose.
    os._exit(status)


def _run(arguments: list[str]) -> int:
    from click import ClickException  # noqa: PLC0415 — see main

    from exporter.command_line import settings  # noqa: PLC0415 — see main
    from exporter.run import OutputLostError, check, print_once, serve  # noqa: PLC0415 — see main
    from fleet.errors import ConfigurationError, InsufficientScopeError  # noqa: PLC0415 — see main

    status = EXIT_OK
    try:
        found = settings(arguments)
        if found is None:
            return status
        if found.is_check:
            check(found)
        elif found.is_once:
            status = EXIT_OK if print_once(found) else EXIT_REMOTE
        else:
            serve(found, lambda: settings(arguments))
    except OutputLostError as error:
        status = _said(str(error), EXIT_UNFORESEEN)
    except ClickException as error:
        status = _said(error.format_message(), EXIT_WRONG_USAGE)
    except (ConfigurationError, InsufficientScopeError) as error:
        status = _said(str(error), EXIT_WRONG_USAGE)
    return status


def _said(message: str, status: int) -> int:
    """A setting that is wrong may be a key in the wrong place."""
    from fleet.program.secrecy import secrets_given, without_secrets  # noqa: PLC0415 — see main

    _say(without_secrets(message, secrets_given(sys.argv[1:], os.environ)))
    return status


def _say(message: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"elasticache-update-exporter: {' '.join(message.split())}\n")
        sys.stderr.flush()


if __name__ == "__main__":
    main()
