"""Posts a window's part of the story: exactly one issue a day, and nothing lost that people or other regions wrote."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from fleet.errors import ConfigurationError
from fleet.printable import visible
from ledger.issues import NOT_KNOWN, forget_intent, issue_hold, issue_record, record_issue
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.run import AlreadyHeldError
from notifier.announce.github import GitHub, GitHubSettings
from notifier.announce.github_answers import AGAIN, GitHubError, UnclearError
from notifier.announce.issue_text import (
    MOST_CHARACTERS,
    Marks,
    is_part_in,
    room_for_part,
    with_part,
    without_part,
)
from notifier.announce.stories import PAUSES_AFTER_CREATING, Stories

LARGEST_PART = 30_000
"""Leaves room for the other region's part, and for people's words."""
_SETTLE_SECONDS = 1.0
"""After which what somebody else was writing at the same moment has been written."""
_MOST_WRITES, _MOST_READS = 6, 24
_MOST_UNCLEAR = 3
_WAIT_SECONDS, _LOOK_SECONDS = 120.0, 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """What a window has to say in the story of its day."""

    title: str
    """Of the issue, where it is to be created."""
    window_day: date
    """In the time zone of the window."""
    key: MaintenanceKey
    text: Callable[[int], str | None]
    """As long as fits into so many characters; None where not even the shortest does."""

    @property
    def marks(self) -> Marks:
        return Marks(self.window_day, self.key.aws_region, self.key.window_key)


@dataclass
class Posted:
    """What was done, also where it ends with an error."""

    number: int | None = None
    url: str | None = None
    is_created: bool = False
    is_updated: bool = False


def known_issue(ledger: Ledger, settings: GitHubSettings | None, window_day: date) -> Posted:
    """As far as the ledger knows, without asking GitHub."""
    record = issue_record(ledger, settings.repository, window_day) if settings else None
    if settings is None or record is None or not record.is_known:
        return Posted()
    return Posted(record.number, settings.issue_url(record.number))


@dataclass
class Story:
    github: GitHub
    ledger: Ledger
    operator: str
    part: Part
    pause: Callable[[float], None]
    warn: Callable[[str], None]
    """Gets one line for people."""
    count: Callable[[str, str], None]
    """Gets what was done, in the singular and the plural, as soon as it is done."""
    posted: Posted = field(default_factory=Posted)

    def __post_init__(self) -> None:
        self._stories = Stories(self.github, self.part.window_day, self.pause, self.warn)

    def post(self, named: int | None = None) -> None:
        """
        What was done is in `posted`, also where this raises. `named` is the number of the team's own issue.

        Raises RemoteError, and ConfigurationError where it is no issue, or another run holds it for long.
        """
        hold, waited = issue_hold(self._repository, self._day), 0.0
        while True:
            try:
                with self.ledger.run("checklist", self.operator, holds=hold):
                    self._write(self._number(named))
                    return
            except AlreadyHeldError as error:
                if waited >= _WAIT_SECONDS:
                    raise
                if waited == 0.0:
                    self.warn(visible(f"{error}; waiting for it"))
            self.pause(_LOOK_SECONDS)
            waited += _LOOK_SECONDS

    @property
    def _repository(self) -> str:
        return self.github.settings.repository

    @property
    def _day(self) -> date:
        return self.part.window_day

    def _number(self, named: int | None) -> int:
        known = issue_record(self.ledger, self._repository, self._day)
        if named is not None:
            return self._named(named, known.number if known and known.is_known else None)
        if known is not None and known.is_known:
            return known.number
        found = self._stories.oldest()
        if found is None and known is not None:  # a run was killed while it created one
            self.pause(PAUSES_AFTER_CREATING[-1])
            found = self._stories.oldest()
        if found is not None:
            record_issue(self.ledger, self._repository, self._day, found)
            return found
        return self._created()

    def _named(self, number: int, known: int | None) -> int:
        if not self.github.issue(number).is_issue:
            raise ConfigurationError(
                f"--issue {number}: it is a pull request of {self._repository}; give the number of an issue"
            )
        if known not in (None, number):
            self.warn(f"the story was issue #{known} until now; what stands there is not changed any more")
        record_issue(self.ledger, self._repository, self._day, number)
        return number

    def _created(self) -> int:
        record_issue(self.ledger, self._repository, self._day, NOT_KNOWN)
        try:
            issue = self.github.create(self.part.title, with_part(None, self.part.marks, self._text_for(None, None)))
        except UnclearError as error:
            number = self._created_after_all(error)
        except GitHubError:
            forget_intent(self.ledger, self._repository, self._day)
            raise
        else:
            number = issue.number
        self.count("issue created", "issues created")
        record_issue(self.ledger, self._repository, self._day, number)
        older = self._stories.older_than(number)
        if older is None:
            self.posted.is_created = True
            return number
        # A run with another ledger has created one at the same moment.
        record_issue(self.ledger, self._repository, self._day, older)
        pointer = f"The story of this day is #{older}."
        self.github.close(number, without_part(self.github.issue(number).body, self.part.marks, pointer))
        self.warn(f"issue #{number} was created while another run created #{older}; it is closed, and #{older} is used")
        return older

    def _created_after_all(self, error: UnclearError) -> int:
        for seconds in PAUSES_AFTER_CREATING:
            self.pause(seconds)
            if (number := self._stories.oldest()) is not None:
                return number
        raise GitHubError(
            error.call, f"whether the issue was created is not known ({error}): {AGAIN}, which looks for it first"
        ) from error

    def _write(self, number: int) -> None:
        """
        Reads back what it wrote, after a moment: where somebody else overwrote it meanwhile, writes it again.

        GitHub has no condition for a change, so all is made ready first, and the issue is read right before it.
        """
        self.posted.number = number
        self.posted.url = self.github.settings.issue_url(number)
        writes = unclear = 0
        ready: tuple[str | None, str] | None = None
        for _ in range(_MOST_READS):
            issue = self.github.issue(number)
            self.posted.url = issue.url or self.posted.url
            if ready is None or ready[0] != issue.body:
                text = self._text_for(issue.body, number)
                if is_part_in(issue.body, self.part.marks, text):
                    self._count_update(is_one=writes > 0)
                    return
                ready = issue.body, with_part(issue.body, self.part.marks, text)
                self._stories.name_others(number)
                continue
            if writes == _MOST_WRITES:
                break
            writes += 1
            try:
                self.github.write(number, ready[1])
                self._count_update(is_one=True)
            except UnclearError:
                unclear += 1
                if unclear == _MOST_UNCLEAR:
                    raise
            self.pause(_SETTLE_SECONDS)
        raise GitHubError(
            f"PATCH issue #{number}", f"issue #{number} in {self._repository} is overwritten again and again: {AGAIN}"
        )

    def _count_update(self, *, is_one: bool) -> None:
        if is_one and not self.posted.is_updated:
            self.posted.is_updated = True
            if not self.posted.is_created:
                self.count("issue changed", "issues changed")

    def _text_for(self, body: str | None, number: int | None) -> str:
        room = min(room_for_part(body, self.part.marks), LARGEST_PART)
        if (text := self.part.text(room)) is None:
            raise GitHubError(
                f"PATCH issue #{number}",
                f"issue #{number} in {self._repository} has no room: of {MOST_CHARACTERS:,} characters {room:,} are"
                " left; shorten what people wrote there, or give another one's number with --issue",
            )
        return text
