"""Writes a manual page for each command, from what its --help is made of: `python docs/manual_pages.py FOLDER`."""

import inspect
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click

from exporter.command_line import PROGRAM as EXPORTER
from exporter.command_line import exporter
from fleet import __version__
from notifier.__main__ import CHECK, COMMANDS, HELP
from notifier.program import PROGRAM as NOTIFIER

SUITE = f"elasticache-updates {__version__}"
_HEADING = re.compile(r"(?P<title>[A-Z][\w ]+):")


def pages() -> dict[str, str]:
    """By name: each program, and each command of the notifier."""
    made = {EXPORTER: _page(EXPORTER, exporter)}
    for name in COMMANDS:
        command: click.Command = import_module(f"notifier.commands.{name}").command
        made.update(_pages_of(f"{NOTIFIER}-{name}", command))
    check: click.Command = import_module("notifier.check").command
    made[f"{NOTIFIER}-check"] = _page(f"{NOTIFIER}-check", check, line=f"{NOTIFIER} {CHECK}")
    made[NOTIFIER] = _overview([name for name in made if name.startswith(NOTIFIER)])
    return made


def _pages_of(name: str, command: click.Command) -> Iterator[tuple[str, str]]:
    """Of the commands that do something. What a group says at its end is said of each of its commands."""
    if isinstance(command, click.Group):
        for subname, subcommand in command.commands.items():
            full = f"{name}-{subname}"
            yield full, _page(full, subcommand, ending=command.epilog or "")
    else:
        yield name, _page(name, command)


def _page(name: str, command: click.Command, *, line: str = "", ending: str = "") -> str:
    line = line or _line(name)
    context = command.make_context(line, [], resilient_parsing=True)
    purpose, *paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    usage = " ".join(command.collect_usage_pieces(context))
    parts = [_head(name, purpose), ".SH SYNOPSIS", f".B {_roff(line)}", _roff(usage), ".SH DESCRIPTION"]
    parts += [f".PP\n{_roff(_joined(paragraph))}" for paragraph in paragraphs] or [_roff(_joined(purpose))]
    heading = None
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None:
            continue
        group = getattr(getattr(parameter, "group", None), "title", None)
        title = "OPTIONS" if group is None else f"{group.upper()} OPTIONS"
        if title != heading:
            heading = title
            parts.append(f".SH {title}")
        parts.append(f".TP\n.B {_roff(record[0])}\n{_roff(_joined(record[1]))}")
    parts += [*_epilog(inspect.cleandoc(command.epilog or "")), *_epilog(inspect.cleandoc(ending))]
    return "\n".join(parts) + "\n"


def _line(name: str) -> str:
    """How it is called, such as `elasticache-update-notifier defer add`."""
    if not name.startswith(f"{NOTIFIER}-"):
        return name
    return f"{NOTIFIER} {name.removeprefix(f'{NOTIFIER}-').replace('-', ' ')}"


def _overview(names: list[str]) -> str:
    usage, purpose, *rest = HELP.strip().split("\n\n")
    parts = [_head(NOTIFIER, _joined(purpose)), ".SH SYNOPSIS", _roff(usage.removeprefix("Usage: ")), ".SH DESCRIPTION"]
    for paragraph in rest:
        parts += _epilog(paragraph) if _HEADING.match(paragraph) else [f".PP\n{_roff(_joined(paragraph))}"]
    return "\n".join([*parts, ".SH SEE ALSO", ",\n".join(f".BR {_roff(name)} (1)" for name in names)]) + "\n"


def _head(name: str, purpose: str) -> str:
    one_line = _joined(purpose).removesuffix(".")
    return (
        f'.TH {_roff(name.upper())} 1 "" "{_roff(SUITE)}" ""\n.nh\n.ad l\n.SH NAME\n{_roff(name)} \\- {_roff(one_line)}'
    )


def _epilog(text: str) -> Iterator[str]:
    r"""Paragraphs as they stand, under a section where they have a heading. `\b` is click's word for that."""
    for paragraph in re.split(r"\n\s*\n", text.replace("\b", "").strip("\n")):
        lines = inspect.cleandoc(paragraph).splitlines()
        if not lines:
            continue
        heading = _HEADING.fullmatch(lines[0])
        yield f".SH {heading['title'].upper()}" if heading else ".SH NOTES"
        yield ".nf"
        yield from (_roff(line) for line in inspect.cleandoc("\n".join(lines[1:] if heading else lines)).splitlines())
        yield ".fi"


def _joined(text: str) -> str:
    return " ".join(text.split())


def _roff(text: str) -> str:
    """Each character stands for itself, at the beginning of a line too."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for page, roff in pages().items():
        (folder / f"{page}.1").write_text(roff)
