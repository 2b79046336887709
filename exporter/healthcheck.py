"""
`python -m exporter.healthcheck`: asks this container's exporter whether it serves. It is the image's HEALTHCHECK.

It finds out where the exporter listens from its own flags, else from the flags of the container's first process, else
from the environment, which is the same for both. TLS needs no setting: it asks in plain text first, and over TLS if
the exporter does not understand that.
"""

import ssl
import sys
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

import click

from exporter.listen_options import listen_options

_PATH = "/-/healthy"
_TIMEOUT_SECONDS = 2
_OK = 200
_EVERY_INTERFACE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 — asked for, not listened on
_FIRST_PROCESS = Path("/proc/1/cmdline")
_PROGRAM = "elasticache-update-exporter"


@click.command(
    context_settings={
        "help_option_names": ["-h", "--help"],
        "ignore_unknown_options": True,  # the exporter's other options
        "allow_extra_args": True,
    }
)
@listen_options
def healthcheck(listen_address: str, port: int) -> int:
    """Ask the exporter whether it serves. Exit status: 0 if it does; 1 if not, and the line says why."""
    host = _EVERY_INTERFACE.get(listen_address, listen_address)
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        answer = _answer(host, port)
    except (OSError, HTTPException) as error:
        answer = f"{error or type(error).__name__}"
    click.echo(f"{where}{_PATH}: {answer}")
    return 0 if answer == "OK" else 1


def _answer(host: str, port: int) -> str:
    try:
        return _status(HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS))
    except (HTTPException, ConnectionResetError):
        return _answer_over_tls(host, port)


def _answer_over_tls(host: str, port: int) -> str:
    """Asks over TLS. A server that wants a client certificate refuses us, which also shows that it runs."""
    context = ssl.create_default_context()
    context.check_hostname = False  # no certificate is made for an address in the container
    context.verify_mode = ssl.CERT_NONE
    try:
        return _status(HTTPSConnection(host, port, timeout=_TIMEOUT_SECONDS, context=context))
    except ssl.SSLError as error:
        if not isinstance(error, ssl.SSLEOFError) and "ALERT" not in (error.reason or ""):
            raise
    except (ConnectionResetError, BrokenPipeError):  # how we are refused depends on the versions of TLS and Python
        pass
    return "OK"


def _status(connection: HTTPConnection) -> str:
    connection.request("GET", _PATH)
    response = connection.getresponse()
    return "OK" if response.status == _OK else f"status {response.status}"


def first_process_flags(command_line: Sequence[str]) -> list[str]:
    """The words after the exporter's name, which may follow the names of an interpreter or an init process."""
    names = [index for index, word in enumerate(command_line) if word.endswith(_PROGRAM)]
    return list(command_line[names[-1] + 1 :]) if names else []


def main() -> None:
    flags = sys.argv[1:] or first_process_flags(_first_process())
    try:
        sys.exit(healthcheck.main(flags, prog_name="python -m exporter.healthcheck", standalone_mode=False))
    except click.ClickException as error:
        click.echo(error.format_message())
        sys.exit(1)  # Docker reserves 2


def _first_process() -> list[str]:
    try:
        return _FIRST_PROCESS.read_text(errors="replace").split("\0")
    except OSError:
        return []


if __name__ == "__main__":
    main()
