"""The notifier's command lines for a region and a view, quoted for a shell and ready to copy. Pure."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from exporter.page.view import View
from exporter.region_status import RegionStatus
from fleet.inventory import ServiceUpdate
from fleet.printable import visible

_PROGRAM = "elasticache-update-notifier"
_SEVERITIES = {"critical", "important", "medium", "low"}


class NoSelectionError(Exception):
    """The filters cannot be said to the notifier, and without them a command would be about more. One clause."""


@dataclass(frozen=True, slots=True)
class WindowFlags:
    day: date
    hours: str
    """Such as `0900-1100`."""
    time_zone: str | None = None
    """None for the one that the notifier knows for the region."""

    @property
    def in_words(self) -> str:
        """Such as `Tuesday 16 June 2026`."""
        return f"{self.day:%A} {self.day.day} {self.day:%B %Y}"


@dataclass(frozen=True, slots=True)
class CommandLine:
    purpose: str
    text: str


def selection(
    view: View, takeable: Iterable[ServiceUpdate], orgs: Mapping[str, Sequence[str]], *, has_matches: bool
) -> list[str]:
    """
    The options for what the filters choose in one region. Raises NoSelectionError where there is nothing to name.

    `takeable` are the updates that the filters leave for a window there, `orgs` those of the region by what the view
    names them, with their guids. A type has no option, so its updates are named; so is a severity in a word that the
    notifier does not have.
    """
    names = sorted(update.name for update in takeable)
    if view.has_update_filters and not names:
        raise NoSelectionError("they choose no update that a window takes here")
    if view.has_filters and not has_matches:
        raise NoSelectionError("they choose no instance here")
    is_named = bool(view.updates or view.types or set(view.severities) - _SEVERITIES)
    if is_named and not all(_is_copyable(name) for name in names):
        raise NoSelectionError("an update's name has characters that cannot be seen")
    updates = [("--only-update", name) for name in names] if is_named else []
    severities = [] if is_named else [("--severity", severity) for severity in view.severities]
    return [word for flag in (*updates, *severities, *_orgs(orgs)) for word in flag]


def command_lines(status: RegionStatus, what: Sequence[str], window: WindowFlags) -> tuple[CommandLine, ...]:
    """In the runbook's order. `what` are the options for the filters."""
    where, when = _region(status), _window(window)
    return (
        _line("Who is affected", "print", where, when, what),
        _line("What they will read", "preview --to-files mails", where, when, what),
        _line("Tell them: shows its plan, and asks first", "email", where, when, what),
        _line("Announce it on the status page", "schedule", where, when),
        _line("In the window: look at the plan", "apply --dry-run", where, when, what),
        _line("In the window: carry it through; asks first", "apply", where, when, what),
        _line("Where it stands", "checklist", where, when),
    )


def planned_lines(status: RegionStatus, window: WindowFlags) -> tuple[CommandLine, ...]:
    """What there is to do about a window that people were told of, whatever the filters."""
    where, when = _region(status), _window(window)
    leave_out = "defer add ORG/SPACE/NAME --skip-window --reason WHY"
    return (
        _line("Which mails have arrived", "status", where, when),
        _line("Somebody asks to be left out of it: put in whom, and why", leave_out, where, when),
        _line("Call it off: tells everybody who was told; asks first", "cancel", where, when),
    )


def stop_line(status: RegionStatus, window: WindowFlags) -> CommandLine:
    purpose = f"Stop what the window of {window.in_words} has under way"
    return _line(purpose, "apply --stop", _region(status), _window(window))


def left_out_filters(view: View) -> tuple[str, ...]:
    """What the notifier has no option for; its commands are about more instances than the page lists then."""
    given = {"text": view.text, "highly available": view.is_highly_available is not None}
    return tuple(name for name, is_given in given.items() if is_given)


def _line(purpose: str, command: str, *flags: Sequence[str]) -> CommandLine:
    words = [_PROGRAM, *command.split(), *(word for some in flags for word in some)]
    return CommandLine(purpose, shlex.join(words))


def _region(status: RegionStatus) -> list[str]:
    """A name from REGIONS_FILE is the notifier's too; a code is known to it only as AWS's."""
    if status.region_name == status.aws_region or not _is_copyable(status.region_name):
        return ["--aws-region", status.aws_region]
    return ["--region", status.region_name]


def _window(window: WindowFlags) -> list[str]:
    flags = ["--maintenance-window-date", window.in_words, "--maintenance-window-time-range", window.hours]
    return flags if window.time_zone is None else [*flags, "--time-zone", window.time_zone]


def _orgs(orgs: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """By what the view names them, or by their guids where that cannot be pasted."""
    words = [word for name, guids in orgs.items() for word in ([name] if _is_copyable(name) else guids)]
    if not all(_is_copyable(word) for word in words):
        raise NoSelectionError("an org's name has characters that cannot be seen, and it has no other guid")
    return [("--only-org", word) for word in dict.fromkeys(words)]


def _is_copyable(word: str) -> bool:
    """Quotes keep a shell from obeying a word, but a terminal that it is pasted into obeys control characters."""
    return visible(word) == word
