"""The checklist as Markdown: nothing that others named acts in it, and it can be cut to any length that holds it."""

import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from notifier.announce.issue_text import Marks, is_story_of, part_in, with_part
from notifier.checklist.step import Item
from notifier.reports.checklist_markdown import checklist_markdown, shortened_to
from tests.notifier.checklist.facts_of import MAINTENANCE
from tests.notifier.checklist.reports_of import report
from tests.notifier.test_hostile_names import NAMES, is_harmless

MARKS = Marks(MAINTENANCE.window.starts_at.date(), "eu-west-1", MAINTENANCE.window.key)


@given(name=NAMES)
@example("@team")
@example("team/platform#1")
@example("GH-1")
@example("- [x] ")
@example("1. ")
@example("12) ")
@example("+ ")
@example("=== ")
@example("    code")
@example("```")
@example("~~~")
@example("<!-- ")
@example("> ")
@example(MARKS.begin)
@example(f"\n{MARKS.end}\n")
@settings(max_examples=150)
def test_names_are_text_and_nothing_else(name: str) -> None:
    """No formatting, HTML, link, mention or reference; no mark, so that the part stays one."""
    text = checklist_markdown(report(name))
    assert is_harmless(text)
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)
    plain = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(checklist_markdown(report("name")))
    assert re.findall(r"</?[a-z0-9]+", html) == re.findall(r"</?[a-z0-9]+", plain)
    shown = re.sub(r"<[^>]*>", "", html)
    assert not re.search(r"(?<!\w)@\w|#\w|\bGH-\d", shown, re.ASCII | re.IGNORECASE)
    assert part_in(with_part("words", MARKS, text), MARKS) == text.strip("\n")
    assert not is_story_of(text, MARKS.window_day)


def test_what_is_too_long_loses_entries_and_counts_them() -> None:
    """As few as have to go; steps and their states stay."""
    made = report()
    items = tuple(Item(f"org/space/cache-{n}", "redis-1: not begun") for n in range(1000))
    long = replace(made, steps=(*made.steps[:-1], replace(made.steps[-1], items=items)))
    cut = shortened_to(long)(10_000)
    assert cut is not None
    assert 9_900 < len(cut) <= 10_000
    shown = cut.count("org/space/cache-")
    assert f"  - and {1000 - shown} more\n" in cut
    assert cut.count("\n- [") == 6
    assert shortened_to(long)(100_000) == checklist_markdown(long)


@pytest.mark.parametrize("room", [0, -5, 100])
def test_what_does_not_fit_at_all_is_not_shown_in_part(room: int) -> None:
    assert shortened_to(report())(room) is None


@given(st.integers(0, 6000))
@settings(max_examples=60)
def test_no_room_is_exceeded(room: int) -> None:
    """An emoji counts twice, as GitHub may count it."""
    cut = shortened_to(report("\N{ROCKET}\N{ROCKET}"))(room)
    assert cut is None or len(cut.encode("utf-16-le")) // 2 <= room


def test_no_survey_is_said_first() -> None:
    text = checklist_markdown(report(survey_problem="cloudfoundry: GET /v3: HTTP 500"))
    assert text.splitlines()[2] == (
        "There is no survey, so this is only what the ledger knows: cloudfoundry: GET /v3: HTTP 500"
    )
