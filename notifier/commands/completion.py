"""`completion`: prints the script with which a shell completes this program's command lines."""

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from notifier.program import COMPLETION_VARIABLE, CONTEXT, EXIT_OK, EXIT_STATUSES, PROGRAM

_SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command(
    "completion",
    context_settings=CONTEXT,
    epilog=f"""\b
Examples:
  eval "$({PROGRAM} completion bash)"    # in ~/.bashrc
  eval "$({PROGRAM} completion zsh)"     # in ~/.zshrc, after compinit
  {PROGRAM} completion fish | source     # in ~/.config/fish/config.fish
{EXIT_STATUSES}""",
)
@click.argument("shell", type=click.Choice(list(_SHELLS)))
def command(shell: str) -> int:
    """
    Print the script that lets your shell complete commands, options and their values.

    The script asks the program at each Tab, so you need not print it again after an upgrade.
    """
    click.echo(_SHELLS[shell](command, {}, PROGRAM, COMPLETION_VARIABLE).source())
    return EXIT_OK
