"""Gets a secret from a command such as `credhub get -q -n /prod/notify`, run without a shell and within limits."""

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import time

from fleet.errors import ConfigurationError

TIME_LIMIT_SECONDS = 30.0
MOST_BYTES = 64 * 1024
_GLANCE_SECONDS = 0.05


def printed_secret(variable: str, command_line: str) -> str:
    """
    The command's output without surrounding white space. Raises ConfigurationError.

    No message shows the command or its output, because both may hold a secret.
    """
    try:
        arguments = shlex.split(command_line)
    except ValueError as error:
        raise ConfigurationError(f"{variable}: not a command line: {str(error).lower()}") from None
    if not arguments:
        raise ConfigurationError(f"{variable}: it names no command")
    try:
        process = subprocess.Popen(  # noqa: S603 — the operator's own command
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds a NUL"
        raise ConfigurationError(f"{variable}: its command cannot be run: {reason}") from None
    with process:
        try:
            printed = _printed(variable, process)
        except BaseException:
            _kill(process)
            raise
    if process.returncode != 0:
        raise ConfigurationError(f"{variable}: {_ending(process.returncode)}; run it yourself to see why")
    try:
        secret = printed.decode().strip()
    except UnicodeDecodeError:
        raise ConfigurationError(f"{variable}: its command printed something that is not text") from None
    if not secret:
        raise ConfigurationError(f"{variable}: its command printed nothing")
    return secret


def _printed(variable: str, process: "subprocess.Popen[bytes]") -> bytes:
    """
    Reads until the command has ended, even if a daemon that it started keeps its output open.

    Reads at most MOST_BYTES, and no longer than the time limit.
    """
    assert process.stdout is not None  # noqa: S101 — it is a pipe
    deadline = time.monotonic() + TIME_LIMIT_SECONDS
    printed = bytearray()
    is_open = True
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (seconds_left := deadline - time.monotonic()) > 0:
            if is_open and selector.select(min(_GLANCE_SECONDS, seconds_left)):
                chunk = os.read(process.stdout.fileno(), MOST_BYTES)
                printed += chunk
                is_open = bool(chunk)
                if len(printed) > MOST_BYTES:
                    raise ConfigurationError(f"{variable}: its command printed more than {MOST_BYTES // 1024} KiB")
            elif process.poll() is not None:
                return bytes(printed)
            elif not is_open:
                time.sleep(min(_GLANCE_SECONDS, seconds_left))
    raise ConfigurationError(f"{variable}: its command did not end within {TIME_LIMIT_SECONDS:.0f} s")


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Kills the command's children too, which would otherwise keep its output open."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _ending(return_code: int) -> str:
    return f"its command {f'ended with {return_code}' if return_code > 0 else f'was ended by signal {-return_code}'}"
