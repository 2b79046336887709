"""The notifier's command lines for a region and a view, quoted for a shell and ready to copy. Pure."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from exporter.page.view import View
from exporter.region_status import RegionStatus
from fleet.inventory import ServiceUpdate

_PROGRAM = "elasticache-update-notifier"


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


def command_lines(
    status: RegionStatus, view: View, takeable: Iterable[ServiceUpdate], window: WindowFlags
) -> tuple[CommandLine, ...]:
    """In the runbook's order. `takeable` are the updates that the view's filters leave for a window in this region."""
    where = _region(status)
    when = _window(window)
    what = _selection(view, takeable)

    def line(purpose: str, command: str, *flags: Sequence[str]) -> CommandLine:
        words = [_PROGRAM, *command.split(), *(word for some in flags for word in some)]
        return CommandLine(purpose, shlex.join(words))

    return (
        line("Who is affected", "print", where, when, what),
        line("What they will read", "preview --to-files mails", where, when, what),
        line("Tell them: shows its plan, and asks first", "email", where, when, what),
        line("Announce it on the status page", "schedule", where, when),
        line("In the window: look at the plan", "apply --dry-run", where, when, what),
        line("In the window: carry it through; asks first", "apply", where, when, what),
        line("Where it stands", "checklist", where, when),
    )


def left_out_filters(view: View) -> tuple[str, ...]:
    """What the notifier has no option for; its commands are about more instances than the page lists then."""
    given = {"text": view.text, "highly available": view.is_highly_available is not None}
    return tuple(name for name, is_given in given.items() if is_given)


def _region(status: RegionStatus) -> list[str]:
    """A name from REGIONS_FILE is the notifier's too; a code is known to it only as AWS's."""
    if status.region_name == status.aws_region:
        return ["--aws-region", status.aws_region]
    return ["--region", status.region_name]


def _window(window: WindowFlags) -> list[str]:
    flags = ["--maintenance-window-date", window.in_words, "--maintenance-window-time-range", window.hours]
    return flags if window.time_zone is None else [*flags, "--time-zone", window.time_zone]


def _selection(view: View, takeable: Iterable[ServiceUpdate]) -> list[str]:
    """A type has no option, so its updates are named; so is a severity in a word that the notifier does not have."""
    names = sorted(update.name for update in takeable)
    is_named = bool(view.updates or view.types or set(view.severities) - {"critical", "important", "medium", "low"})
    updates = [("--only-update", name) for name in names] if is_named else []
    severities = [] if is_named else [("--severity", severity) for severity in view.severities]
    orgs = [("--only-org", org) for org in view.orgs]
    return [word for flag in (*updates, *severities, *orgs) for word in flag]
