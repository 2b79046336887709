"""The checklist as Markdown: on stdout, and as a region's part of the story's issue."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from notifier.checklist.step import Item, State, Step
from notifier.reports.checklist_document import ChecklistReport
from notifier.reports.markdown import markdown

_TITLES = {
    "chosen": "Window chosen",
    "told": "Tenants told",
    "status_page": "Announced on the status page",
    "deferrals": "Deferrals recorded",
    "applied": "Updates applied",
    "left_over": "Left over",
}
_SIGNS = {State.DONE: "[x]", State.OPEN: "[ ]", State.PARTLY: "[ ]", State.PROBLEM: "[ ]"}
_MOST_CHARACTERS = 500
"""Of one text: nobody reads longer ones in a list."""
_NOTHING_TO_SEE = "&#8203;"
_BEGINS_A_BLOCK = re.compile(r"[-+=]|\d{1,9}[.)]")
"""What would make a list, a heading or a line of the first word of an entry."""


def checklist_markdown(report: ChecklistReport) -> str:
    return _text(report, None)


def shortened_to(report: ChecklistReport) -> Callable[[int], str | None]:
    """Answers the Markdown with so many entries a list that it has at most so many characters, the rest counted."""

    def shortened(most_characters: int) -> str | None:
        text = _text(report, None)
        if _length(text) <= most_characters:
            return text
        least, most = 0, max(len(step.items) for step in report.steps)
        if _length(_text(report, least)) > most_characters:
            return None
        while most - least > 1:
            middle = (least + most) // 2
            if _length(_text(report, middle)) <= most_characters:
                least = middle
            else:
                most = middle
        return _text(report, least)

    return shortened


def story_title(report: ChecklistReport) -> str:
    """Of a new issue, which is that of all regions."""
    return f"ElastiCache updates: {report.maintenance.window.date_in_words}"


def _text(report: ChecklistReport, most_items: int | None) -> str:
    return "".join(f"{line}\n" for line in _lines(report, most_items)).rstrip("\n")


def _lines(report: ChecklistReport, most_items: int | None) -> Iterator[str]:
    zone = report.maintenance.window.zone
    yield f"## {markdown(report.maintenance.in_words)}"
    yield ""
    if report.survey_problem is not None:
        yield f"There is no survey, so this is only what the ledger knows: {_shown(report.survey_problem)}"
        yield ""
    for step in report.steps:
        state = "" if step.state in (State.DONE, State.OPEN) else f" ({step.state})"
        who = _who_and_when(step, zone)
        yield f"- {_SIGNS[step.state]} **{_TITLES[step.name]}**{state}: {_shown(step.detail)}{who}"
        shown = step.items if most_items is None else step.items[:most_items]
        for item in shown:
            yield f"  - {_shown_first(item.name)}: {_shown(item.text)}{_who_and_when(item, zone)}"
        if more := len(step.items) - len(shown):
            yield f"  - and {more} more"
    yield ""
    yield f"As of {_moment(report.made_at, zone)}."


def _who_and_when(said: Step | Item, zone: ZoneInfo) -> str:
    """Such as ` (16 June 2026 at 09:05 BST, ada)`."""
    parts = [_moment(said.at, zone) if said.at else "", _shown(said.by) if said.by else ""]
    known = ", ".join(filter(None, parts))
    return f" ({known})" if known else ""


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%-d %B %Y at %H:%M %Z}"


def _shown(text: str) -> str:
    cut = text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
    return markdown(cut)


def _shown_first(name: str) -> str:
    shown = _shown(name.strip())
    return f"{_NOTHING_TO_SEE}{shown}" if _BEGINS_A_BLOCK.match(shown) or not shown else shown


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
