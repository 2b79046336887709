"""One issue a day, both regions in it, and nothing lost of what others wrote: on the sandbox's GitHub."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from fleet.errors import ConfigurationError
from ledger.issues import NOT_KNOWN, issue_hold, issue_record, record_issue
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from notifier.announce.github import Created, GitHub, GitHubSettings, Issue
from notifier.announce.github_answers import GitHubError
from notifier.announce.issue_text import Marks, part_in
from notifier.announce.story import LARGEST_PART, Part, Posted, Story
from sandbox.server import Options, Sandbox

DAY = date(2026, 6, 16)
WINDOW = "2026-06-16T08:00Z/2026-06-16T10:00Z"
REPOSITORY = "sandbox/platform"
OURS = 7
"""The number of the first issue that is made in a new sandbox."""


def nothing() -> None:
    """Nobody does anything meanwhile."""


@dataclass
class Team:
    """Its GitHub, its ledger, and what somebody does during the pauses."""

    sandbox: Sandbox
    ledger: Ledger
    meanwhile: Callable[[], object] = nothing
    warnings: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def story(self, text: str = "ours", aws_region: str = "eu-west-1") -> Story:
        environment = self.sandbox.environment
        settings = GitHubSettings(environment["GITHUB_TOKEN"], REPOSITORY, environment["GITHUB_API_URL"])
        part = Part("ElastiCache updates", DAY, MaintenanceKey(WINDOW, aws_region), lambda room: text[: max(0, room)])
        return Story(
            GitHub(settings, self._pause), self.ledger, "ada", part, self._pause, self.warnings.append, self._count
        )

    def post(self, text: str = "ours", aws_region: str = "eu-west-1", named: int | None = None) -> Posted:
        story = self.story(text, aws_region)
        story.post(named)
        return story.posted

    def part(self, aws_region: str = "eu-west-1", number: int = OURS) -> str | None:
        return part_in(self.body(number), Marks(DAY, aws_region, WINDOW))

    def body(self, number: int = OURS) -> str | None:
        return self.sandbox.github.tracker.issues[number].body

    def edit(self, body: str, number: int = OURS) -> None:
        self.sandbox.github.tracker.update(number, {"body": body}, "somebody")

    def numbers(self) -> list[int]:
        """Of all issues, those of long ago left out."""
        return sorted(self.sandbox.github.tracker.issues)[6:]

    def calls(self) -> list[str]:
        return [entry.call for entry in self.sandbox.journal.entries("github")]

    def _count(self, one: str, _: str) -> None:
        self.done.append(one)

    def _pause(self, _: float) -> None:
        act, self.meanwhile = self.meanwhile, nothing
        act()


@pytest.fixture
def team(sqlite_url: str) -> Iterator[Team]:
    with Sandbox(Options(instances=1)) as sandbox, Ledger(sqlite_url) as ledger:
        yield Team(sandbox, ledger)


def test_the_first_run_makes_the_issue_and_the_next_ones_change_their_part(team: Team) -> None:
    first, second = team.post("one"), team.post("two")
    assert (first.number, first.is_created, second.number, second.is_updated) == (OURS, True, OURS, True)
    assert first.url == f"{team.sandbox.environment['GITHUB_API_URL']}/sandbox/platform/issues/7"
    assert (team.part(), team.numbers()) == ("two", [OURS])
    assert team.done == ["issue created", "issue changed"]
    assert issue_record(team.ledger, REPOSITORY, DAY) is not None


def test_nothing_is_written_where_nothing_has_changed(team: Team) -> None:
    team.post()
    team.sandbox.journal.clear()
    assert not team.post().is_updated
    assert team.done == ["issue created"]
    assert team.calls() == ["GET issues/{number}"]


def test_both_regions_stand_in_one_issue(team: Team) -> None:
    team.post("ireland")
    team.post("london", "eu-west-2")
    team.post("ireland, changed")
    assert (team.part(), team.part("eu-west-2"), team.numbers()) == ("ireland, changed", "london", [OURS])


def test_an_issue_that_the_ledger_does_not_know_is_found_by_its_mark(team: Team) -> None:
    """Among all pages, the oldest of several; it may be closed, and stays so. A pull request that quotes it is none."""
    mark = Marks(DAY, "eu-west-2", WINDOW).begin
    tracker = team.sandbox.github.tracker
    tracker.create("a pull request", mark, "somebody", is_pull_request=True)
    tracker.create("the story", mark, "somebody", state="closed")
    tracker.create("a copy", mark, "somebody")
    for _ in range(120):
        tracker.create("another", None, "somebody")
    posted = team.post()
    assert (posted.number, posted.is_created) == (8, False)
    assert (team.part(number=8), tracker.issues[8].state) == ("ours", "closed")
    assert team.calls().count("GET issues") == 2


def test_closed_by_hand_stays_closed(team: Team) -> None:
    team.post("one")
    team.sandbox.github.tracker.update(OURS, {"state": "closed"}, "somebody")
    team.post("two")
    assert (team.sandbox.github.tracker.issues[OURS].state, team.part()) == ("closed", "two")


def test_titles_are_peoples_own_too(team: Team) -> None:
    team.post("one")
    team.sandbox.github.tracker.update(OURS, {"title": "Our story"}, "somebody")
    team.post("two")
    assert team.sandbox.github.tracker.issues[OURS].title == "Our story"


def test_the_teams_own_issue_is_taken_and_remembered(team: Team) -> None:
    team.sandbox.github.tracker.create("Our story", "Our words\r\n\r\n- [ ] a task\r\n", "somebody")
    assert team.post("one", named=OURS).is_updated
    assert str(team.body()).startswith("Our words\r\n\r\n- [ ] a task\r\n")
    team.post("two")
    assert (team.part(), team.numbers(), team.warnings) == ("two", [OURS], [])


def test_another_issue_takes_the_place_of_the_known_one(team: Team) -> None:
    team.post("one")
    team.sandbox.github.tracker.create("Our story", None, "somebody")
    team.post("two", named=8)
    assert (team.part(), team.part(number=8)) == ("one", "two")
    assert team.warnings == [
        "the story was issue #7 until now; what stands there is not changed any more",
        "besides issue #8, the story of this day stands in #7 too: choose one with --issue, and close the other",
    ]


def test_a_pull_request_is_no_story(team: Team) -> None:
    with pytest.raises(ConfigurationError, match="--issue 3: it is a pull request of sandbox/platform"):
        team.post(named=3)
    assert issue_record(team.ledger, REPOSITORY, DAY) is None


def test_what_another_run_overwrote_is_written_again(team: Team) -> None:
    """Whose ledger is another one, so that nothing keeps the two apart."""
    team.post("one")
    before = str(team.body())
    team.meanwhile = lambda: team.edit(f"{before}\n\nwords of the other run")
    team.post("two")
    assert team.part() == "two"
    assert str(team.body()).endswith("words of the other run")


def test_where_it_is_overwritten_again_and_again_that_is_said(team: Team) -> None:
    team.post("one")
    before = str(team.body())

    def overwrite() -> None:
        team.edit(before)
        team.meanwhile = overwrite

    team.meanwhile = overwrite
    with pytest.raises(GitHubError, match="overwritten again and again"):
        team.post("two")


def test_another_run_is_waited_for(team: Team, sqlite_url: str) -> None:
    """Of either region, as both write into the same issue."""
    with Ledger(sqlite_url) as other:
        run = other.run("checklist", "bo", holds=issue_hold(REPOSITORY, DAY))
        run.__enter__()
        team.meanwhile = lambda: run.__exit__(None, None, None)
        team.post()
    assert team.part() == "ours"
    [said] = team.warnings
    assert "run 1 of bo" in said
    assert said.endswith("waiting for it")


@pytest.mark.parametrize("fault", ["accepted-then-dropped", "accepted-then-half", "accepted-then-status"])
def test_an_issue_that_was_created_without_an_answer_is_found(team: Team, fault: str) -> None:
    team.sandbox.faults.add(f"github/POST issues:{fault}:next=1")
    posted = team.post()
    assert (posted.number, posted.is_created, team.numbers()) == (OURS, True, [OURS])


def test_of_two_that_are_made_at_once_the_older_one_is_used(team: Team, tmp_path: Path) -> None:
    """By runs that share no ledger: nothing keeps them apart, and neither finds the other's."""
    with Ledger(f"sqlite:///{tmp_path}/other/ledger.sqlite3") as ledger:
        other = Team(team.sandbox, ledger)
        story = team.story("ours")
        create = story.github.create

        def create_after_the_other(title: str, body: str) -> Created:
            other.post("theirs", "eu-west-2")
            return create(title, body)

        story.github.create = create_after_the_other  # type: ignore[method-assign] # this stand-in behaves otherwise
        story.post()
    assert (team.part(), team.part("eu-west-2"), team.part(number=8)) == ("ours", "theirs", None)
    assert (team.body(8), team.sandbox.github.tracker.issues[8].state) == ("The story of this day is #7.", "closed")
    assert [said.partition(";")[0] for said in team.warnings] == ["issue #8 was created while another run created #7"]
    record = issue_record(team.ledger, REPOSITORY, DAY)
    assert record is not None
    assert record.number == OURS


def test_an_older_one_that_the_list_shows_late_is_used_and_words_in_the_younger_are_kept(
    team: Team, tmp_path: Path
) -> None:
    with Ledger(f"sqlite:///{tmp_path}/other/ledger.sqlite3") as ledger:
        other = Team(team.sandbox, ledger)
        other.post("theirs", "eu-west-2")
    story = team.story("ours")
    listed, looks = story.github.issues, iter(range(100))

    def late() -> Iterator[Issue]:
        is_early = next(looks) < 3
        return (issue for issue in listed() if not (is_early and issue.number == OURS))

    story.github.issues = late  # type: ignore[method-assign] # this stand-in behaves otherwise
    team.meanwhile = lambda: team.edit(f"Our words\n\n{team.body(8)}", 8)
    story.post()
    assert (team.part(), team.part("eu-west-2"), story.posted.number) == ("ours", "theirs", OURS)
    assert team.body(8) == "Our words\n\nThe story of this day is #7."
    assert team.sandbox.github.tracker.issues[8].state == "closed"


def test_a_second_story_of_the_day_is_named_by_whoever_changes_the_known_one_until_it_is_closed(team: Team) -> None:
    """A run with another ledger has made it; nobody has noticed at that time."""
    team.post("one")
    team.sandbox.github.tracker.create("a copy", Marks(DAY, "eu-west-2", WINDOW).begin, "somebody")
    team.post("one")
    assert team.warnings == []
    team.sandbox.journal.clear()
    team.post("two")
    assert team.warnings == [
        "besides issue #7, the story of this day stands in #8 too: choose one with --issue, and close the other"
    ]
    assert team.calls().count("GET issues") == 1
    team.sandbox.github.tracker.update(8, {"state": "closed"}, "somebody")
    team.post("three")
    assert len(team.warnings) == 1


def test_words_that_come_while_the_part_is_made_are_kept(team: Team) -> None:
    """It is read again right before it is written."""
    team.post("one")
    story = team.story()
    texts = iter(range(100))

    def text(_: int) -> str:
        if next(texts) == 0:
            team.edit(f"{team.body()}\n\nPlease wait for Bo.")
        return "two"

    story.part = Part("", DAY, story.part.key, text)
    story.post()
    assert team.part() == "two"
    assert str(team.body()).endswith("Please wait for Bo.")


@pytest.mark.parametrize("fault", ["accepted-then-dropped:", "accepted-then-status:", "down:", "status:500,"])
def test_a_change_without_an_answer_is_looked_at(team: Team, fault: str) -> None:
    team.post("one")
    team.sandbox.faults.add(f"github/PATCH issues/{{number}}:{fault}next=1")
    assert team.post("two").is_updated
    assert team.part() == "two"


def test_an_issue_of_which_nobody_knows_is_looked_for_and_not_made_twice(team: Team) -> None:
    """The creation has not shown within a few seconds; GitHub brings it to its end later."""
    with team.sandbox.faults.during("github/POST issues:down"), pytest.raises(GitHubError, match="is not known"):
        team.post()
    record = issue_record(team.ledger, REPOSITORY, DAY)
    assert record is not None
    assert not record.is_known
    late = team.story().part.marks.begin
    team.meanwhile = lambda: team.sandbox.github.tracker.create("late", late, "sandbox-operator")
    assert team.post().number == OURS
    assert team.numbers() == [OURS]


def test_what_was_refused_leaves_no_sign(team: Team) -> None:
    """The issue was certainly not created."""
    team.sandbox.github.tracker.change(rights="read")
    with pytest.raises(GitHubError, match="may not write issues in sandbox/platform"):
        team.post()
    assert issue_record(team.ledger, REPOSITORY, DAY) is None


def test_an_intent_without_an_issue_is_carried_out(team: Team) -> None:
    record_issue(team.ledger, REPOSITORY, DAY, NOT_KNOWN)
    assert team.post().is_created
    assert team.numbers() == [OURS]


def test_a_part_leaves_room_for_others(team: Team) -> None:
    team.post("x" * 70_000)
    team.post("y" * 70_000, "eu-west-2")
    assert (team.part(), team.part("eu-west-2")) == ("x" * LARGEST_PART, "y" * LARGEST_PART)


def test_peoples_words_are_never_cut(team: Team) -> None:
    words = "w" * 60_000
    team.sandbox.github.tracker.create("Our story", words, "somebody")
    team.post("x" * 70_000, named=OURS)
    assert str(team.body()).startswith(words)
    assert len(str(team.body())) == 65_536


def test_where_there_is_no_room_that_is_said(team: Team) -> None:
    team.sandbox.github.tracker.create("Our story", "w" * 65_500, "somebody")
    story = team.story()
    story.part = Part("", DAY, story.part.key, lambda room: "text" if room >= 4 else None)
    with pytest.raises(
        GitHubError, match=r"issue #7 in sandbox/platform has no room: of 65,536 characters -\d+ are left"
    ):
        story.post(OURS)
    assert team.body() == "w" * 65_500


@pytest.mark.parametrize(
    ("happens", "line"),
    [
        (lambda team: team.sandbox.github.tracker.delete(OURS), "issue #7 in sandbox/platform was deleted"),
        (
            lambda team: team.sandbox.github.tracker.transfer(OURS, "/repositories/2/issues/3"),
            "/repositories/2/issues/3, which is not followed",
        ),
        (
            lambda team: (
                team.sandbox.github.tracker.update(OURS, {"is_locked": True}),
                team.sandbox.github.tracker.change(rights="issues"),
            ),
            "issue #7 in sandbox/platform is locked",
        ),
        (lambda team: team.sandbox.github.tracker.change(has_issues=False), "issues are turned off"),
        (lambda team: team.sandbox.github.tracker.change(full_name="sandbox/new"), "set GITHUB_REPOSITORY to the"),
        (lambda team: team.sandbox.github.tracker.change(is_archived=True), "is archived"),
        (lambda team: team.sandbox.github.tracker.change(rights="none"), "is not there"),
        (lambda team: team.sandbox.github.change(requests_per_hour=1), "GitHub's limit of requests is reached"),
        (lambda team: team.sandbox.github.change(writes_per_minute=1), "in 60 s"),
    ],
)
def test_what_became_of_the_issue_is_said(team: Team, happens: Callable[[Team], object], line: str) -> None:
    """And the ledger keeps its number, as it may come back."""
    team.post("one")
    happens(team)
    with pytest.raises(GitHubError) as refused:
        team.post("two")
    assert line in str(refused.value)
    record = issue_record(team.ledger, REPOSITORY, DAY)
    assert record is not None
    assert record.number == OURS
