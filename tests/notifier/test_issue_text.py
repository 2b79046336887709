"""A region's part of an issue takes the place of its former self, and no other character of the issue changes."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.announce.issue_text import (
    MOST_CHARACTERS,
    Marks,
    characters,
    is_part_in,
    is_story_of,
    part_in,
    room_for_part,
    with_part,
)

DAY = date(2026, 6, 16)
KEY = "2026-06-16T08:00Z/2026-06-16T10:00Z"
IRELAND = Marks(DAY, "eu-west-1", KEY)
LONDON = Marks(DAY, "eu-west-2", KEY)
AFTERNOON = Marks(DAY, "eu-west-1", "2026-06-16T13:00Z/2026-06-16T15:00Z")
OLD = f"{IRELAND.begin}\nold\n{IRELAND.end}"
NEW = f"{IRELAND.begin}\nnew\n{IRELAND.end}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(None, NEW, id="no text at all"),
        pytest.param("", NEW, id="an empty text"),
        pytest.param(OLD, NEW, id="only ours"),
        pytest.param(f"above\n\n{OLD}\n\nbelow", f"above\n\n{NEW}\n\nbelow", id="words above and below"),
        pytest.param(f"above\r\n{OLD}\r\nbelow\r\n", f"above\r\n{NEW}\r\nbelow\r\n", id="line ends of a browser"),
        pytest.param(
            f"a\r\n{IRELAND.begin}\r\nold\r\nand theirs\r\n{IRELAND.end}\r\nb",
            f"a\r\n{NEW}\r\nb",
            id="ours in line ends of a browser",
        ),
        pytest.param("words", f"words\n\n{NEW}", id="the team's own issue"),
        pytest.param("words\r\n", f"words\r\n\n{NEW}", id="the team's own issue, with a last line end"),
        pytest.param("words\n\n", f"words\n\n{NEW}", id="the team's own issue, with an empty last line"),
        pytest.param(
            f"{IRELAND.begin}\nold\nwords", f"{IRELAND.begin}\nold\nwords\n\n{NEW}", id="the second mark deleted"
        ),
        pytest.param(f"old\n{IRELAND.end}\nwords", f"old\n{IRELAND.end}\nwords\n\n{NEW}", id="the first mark deleted"),
        pytest.param(
            f"{IRELAND.end}\nold\n{IRELAND.begin}",
            f"{IRELAND.end}\nold\n{IRELAND.begin}\n\n{NEW}",
            id="the wrong order",
        ),
        pytest.param(f"{OLD}\n{OLD}", f"{NEW}\n{OLD}", id="both twice"),
        pytest.param(f"{IRELAND.begin}\ntheirs\n{OLD}", f"{IRELAND.begin}\ntheirs\n{NEW}", id="the first mark twice"),
        pytest.param(f"{OLD}\ntheirs\n{IRELAND.end}", f"{NEW}\ntheirs\n{IRELAND.end}", id="the second mark twice"),
        pytest.param(f"```\n{OLD}\n```", f"```\n{OLD}\n```\n\n{NEW}", id="in a code block"),
        pytest.param(f"~~~ text\n{OLD}\n~~~\n{OLD}", f"~~~ text\n{OLD}\n~~~\n{NEW}", id="in a code block, and below"),
        pytest.param(f"    {OLD}", f"    {OLD}\n\n{NEW}", id="as indented code"),
        pytest.param(f"> {OLD}", f"> {OLD}\n\n{NEW}", id="in a quotation"),
        pytest.param(f"`{IRELAND.begin}` is ours", f"`{IRELAND.begin}` is ours\n\n{NEW}", id="within a sentence"),
        pytest.param(f"```\nopen\n{OLD}", f"```\nopen\n{NEW}", id="below a fence that nobody closed"),
        pytest.param("```\nopen", f"{NEW}\n\n```\nopen", id="only a fence that nobody closed"),
        pytest.param(
            f"  {IRELAND.begin}  \nold\n {IRELAND.end}\t", f"  {IRELAND.begin}\nnew\n{IRELAND.end}\t", id="spaces"
        ),
        pytest.param(
            f"{IRELAND.begin}\n{LONDON.begin}\ntheirs\n{LONDON.end}\n{IRELAND.end}",
            f"{IRELAND.begin}\n{LONDON.begin}\ntheirs\n{LONDON.end}\n{IRELAND.end}\n\n{NEW}",
            id="the other region's moved between ours",
        ),
    ],
)
def test_only_what_is_between_the_marks_changes(body: str | None, expected: str) -> None:
    """And a second time nothing does."""
    written = with_part(body, IRELAND, "new")
    assert written == expected
    assert with_part(written, IRELAND, "new") == written
    assert is_part_in(written, IRELAND, "new")


def test_regions_and_windows_of_a_day_stand_side_by_side() -> None:
    body = with_part(with_part(with_part("words", IRELAND, "i"), LONDON, "l"), AFTERNOON, "a")
    body = with_part(body, LONDON, "changed")
    assert [part_in(body, marks) for marks in (IRELAND, LONDON, AFTERNOON)] == ["i", "changed", "a"]
    assert body.startswith("words\n\n")


def test_an_issue_is_the_story_of_a_day_where_any_region_of_it_is_marked() -> None:
    assert is_story_of(with_part(None, LONDON, "l"), DAY)
    assert is_story_of(f"words\r\n{IRELAND.end}\r\n", DAY)
    assert not is_story_of(with_part(None, LONDON, "l"), date(2026, 6, 17))
    assert not is_story_of(f"```\n{OLD}\n```", DAY)
    assert not is_story_of(None, DAY)


def test_a_part_is_found_again_with_the_line_ends_of_a_browser() -> None:
    """Somebody saved the issue in one, and changed nothing."""
    saved = with_part("words", IRELAND, "- [x] a\n  - b").replace("\n", "\r\n")
    assert is_part_in(saved, IRELAND, "- [x] a\n  - b")
    assert not is_part_in(saved, IRELAND, "- [ ] a\n  - b")


def test_the_room_is_what_other_words_leave() -> None:
    """However long the part is that is to be replaced. An emoji counts twice, as it does in a browser."""
    body = with_part("x" * 1000 + "\N{ROCKET}", IRELAND, "y" * 5000)
    room = room_for_part(body, IRELAND)
    assert characters(with_part(body, IRELAND, "z" * room)) == MOST_CHARACTERS
    assert room_for_part("x" * 70_000, IRELAND) < 0


_PIECES = st.sampled_from(
    [
        IRELAND.begin,
        IRELAND.end,
        LONDON.begin,
        LONDON.end,
        "```",
        "~~~",
        "```\n",
        "\n",
        "\r\n",
        "\r",
        "words",
        " ",
        "> ",
    ]
)


@settings(max_examples=300)
@given(st.lists(_PIECES).map("".join))
def test_whatever_people_do_to_the_issue_a_part_is_written_once(body: str) -> None:
    """Each character outside of the marks stays, the other region's part too, and writing it again changes nothing."""
    written = with_part(body, IRELAND, "new")
    assert is_part_in(written, IRELAND, "new")
    assert with_part(written, IRELAND, "new") == written
    assert part_in(with_part(written, LONDON, "other"), IRELAND) == "new"
    before, found, after = written.partition(f"{IRELAND.begin}\nnew\n{IRELAND.end}")
    assert found
    is_replaced = body.startswith(before) and body.endswith(after)
    is_added_below = not after and before.startswith(body) and not before[len(body) :].strip("\n")
    is_added_above = not before and after == f"\n\n{body}"
    assert is_replaced or is_added_below or is_added_above
