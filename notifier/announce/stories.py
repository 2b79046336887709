"""Finds the issues that have a mark of a day, in the repository's list: the search's index is late."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice

from fleet.printable import visible
from notifier.announce.github import GitHub, Issue
from notifier.announce.issue_text import is_story_of

PAUSES_AFTER_CREATING = (1.0, 2.0, 4.0)
"""In which an issue that was created, by this run or at the same moment by another, appears in the list."""
_NEWEST = 100
"""Of the issues: among them stands what was created at the same moment."""


@dataclass
class Stories:
    github: GitHub
    window_day: date
    pause: Callable[[float], None]
    warn: Callable[[str], None]
    """Gets one line for people."""
    is_looked_for: bool = False
    """Whether others than the story were looked for already; once a run is enough."""

    def oldest(self) -> int | None:
        """Of all, open and closed."""
        marked = self._marked(self.github.issues())
        self.is_looked_for = True
        number = min((issue.number for issue in marked), default=None)
        self._name_others(marked, number)
        return number

    def older_than(self, number: int) -> int | None:
        """Looks for a while, because the list may show late what was created at the same moment."""
        for seconds in PAUSES_AFTER_CREATING:
            self.pause(seconds)
            newest = islice(self.github.issues(), _NEWEST)
            older = min((issue.number for issue in self._marked(newest) if issue.number < number), default=None)
            if older is not None:
                return older
        return None

    def name_others(self, number: int) -> None:
        """Among the newest: a run with another ledger may have made one for the same day."""
        if not self.is_looked_for:
            self.is_looked_for = True
            self._name_others(self._marked(islice(self.github.issues(), _NEWEST)), number)

    def _marked(self, issues: Iterable[Issue]) -> list[Issue]:
        return [issue for issue in issues if is_story_of(issue.body, self.window_day)]

    def _name_others(self, marked: Iterable[Issue], number: int | None) -> None:
        """Which one counts is for people to say: --issue may have taken one in another's place."""
        others = ", ".join(f"#{i.number}" for i in marked if i.number != number and i.state != "closed")
        if others:
            said = f"besides issue #{number}, the story of this day stands in {others} too"
            self.warn(visible(f"{said}: choose one with --issue, and close the other"))
