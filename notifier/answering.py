"""Maps what can go wrong in a command to the documented exit statuses, with one line each."""

import os
import sys

import click

from fleet.errors import ConfigurationError, InsufficientScopeError, RemoteError
from notifier.statuses import EXIT_FAILED, EXIT_OK, EXIT_REMOTE, EXIT_WRONG_USAGE


def exit_status(command: click.Command, program: str, arguments: list[str]) -> int:
    try:
        status: int = command.main(arguments, prog_name=program, standalone_mode=False) or EXIT_OK
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = _said(program, "stopped before anything was done", EXIT_FAILED)
    except click.ClickException as error:
        status = _said(program, error.format_message(), EXIT_WRONG_USAGE)
    except (ConfigurationError, InsufficientScopeError) as error:
        status = _said(program, str(error), EXIT_WRONG_USAGE)
    except RemoteError as error:
        status = _said(program, str(error), EXIT_REMOTE)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read it has read enough
        status = EXIT_OK
    return status


def _said(program: str, message: str, status: int) -> int:
    click.echo(f"{program}: {' '.join(message.split())}", err=True)
    return status
