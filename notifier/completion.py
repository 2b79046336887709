"""
Completes command lines: a shell runs the program at each Tab, and click answers what may come next.

The shell's side is a script, which `notifier.commands.completion` prints.
"""

from collections.abc import Mapping
from importlib import import_module

import click
from click.shell_completion import CompletionItem, get_completion_class

from notifier.program import COMPLETION_VARIABLE, CONTEXT, EXIT_FAILED, EXIT_OK, PROGRAM


class Commands(click.Group):
    """All commands as one click group, for completion only. Imports only the command that is being typed."""

    def __init__(self, purposes: Mapping[str, str]) -> None:
        """`purposes` has one line of help for each command's name."""
        options: list[click.Parameter] = [
            click.Option(["--check"], is_flag=True, help="Check every setting, and ask no remote system."),
            click.Option(["--version"], is_flag=True, help="Show the version."),
        ]
        super().__init__(PROGRAM, params=options, context_settings=CONTEXT)
        self._purposes = purposes

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 — as click calls it
        return list(self._purposes)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 — as click calls it
        if cmd_name not in self._purposes:
            return None
        command: click.Command = import_module(f"notifier.commands.{cmd_name}").command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        named = [
            CompletionItem(name, help=purpose)
            for name, purpose in self._purposes.items()
            if name.startswith(incomplete)
        ]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]


def answer(purposes: Mapping[str, str], instruction: str) -> int:
    """`instruction` is the script's, such as `bash_complete`. The environment has the words typed so far."""
    shell = get_completion_class(instruction.partition("_")[0])
    if shell is None:
        return EXIT_FAILED
    click.echo(shell(Commands(purposes), {}, PROGRAM, COMPLETION_VARIABLE).complete())
    return EXIT_OK
