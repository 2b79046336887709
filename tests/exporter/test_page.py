"""The page at `/` as HTML; how it looks and behaves in a browser is shown elsewhere."""

import re
from datetime import timedelta
from html.parser import HTMLParser

from exporter.collectors.surveys import ExporterFacts
from exporter.page import backlog_page
from exporter.publication import Publication
from exporter.region_status import Failure, RegionStatus
from fleet.region import Quotas
from tests.builders import TAKEN_AT, small_survey, survey

FACTS = ExporterFacts("9.9.9", 300, 0.2, {"eu-west-1": Quotas(300, 300), "eu-west-2": Quotas(300, 300)})
NOW = TAKEN_AT + timedelta(minutes=5)


def page(*statuses: RegionStatus) -> str:
    return backlog_page(Publication(FACTS, statuses), NOW)


class Text(HTMLParser):
    """What a reader sees, tags checked for balance on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.open: list[str] = []
        self.all_tags: list[str] = []

    def handle_starttag(self, tag: str, _: object) -> None:
        self.all_tags.append(tag)
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.pieces.append(data)


def read(html: str) -> Text:
    text = Text()
    text.feed(html)
    assert text.open == []
    return text


def words(html: str) -> str:
    return re.sub(r"\s+", " ", "".join(read(html).pieces))


GOOD = RegionStatus("Ireland", "eu-west-1", survey=small_survey(), surveys_count=1, last_duration_seconds=0.5)


def test_the_fraction_and_what_it_counts() -> None:
    """Large, in words, and compared with the threshold."""
    seen = words(page(GOOD))
    assert "33 % 1 of 3 tenant instances has at least one service update waiting." in seen
    assert "▲ Above the threshold of 20 %: schedule a maintenance window." in seen
    assert "Last surveyed 1 June 2026 12:00:00 UTC (5 minutes ago). ✓ The last survey succeeded in 0.50 s." in seen


def test_names_of_tenants_are_text() -> None:
    """A space called like a script is shown, not run."""
    html = page(GOOD)
    text = read(html)
    assert "script" not in text.all_tags
    assert "<script>alert(1)</script>" in "".join(text.pieces)
    assert "back\\slash" in "".join(text.pieces)


def test_what_does_not_join_is_listed() -> None:
    """Counted and named, never dropped."""
    seen = words(page(GOOD))
    assert "1 replication group with an update waiting that no tenant claims cf-nobodys" in seen
    assert "1 service instance whose group AWS does not know b / <script>alert(1)</script> / cache" in seen


def test_a_failed_survey_is_said_and_the_last_good_one_shown() -> None:
    """With the cause, so that nobody has to look for the log first."""
    failed = RegionStatus(
        "Ireland",
        "eu-west-1",
        survey=small_survey(),
        last_failure=Failure(NOW - timedelta(seconds=30), "uaa: POST /oauth/token: HTTP 500"),
        surveys_count=2,
        last_duration_seconds=0.5,
    )
    seen = words(page(failed))
    assert "✗ The last survey failed less than a minute ago: uaa: POST /oauth/token: HTTP 500" in seen
    assert "What you see is the last good one." in seen
    assert "33 %" in seen


def test_before_the_first_survey_nothing_is_claimed() -> None:
    """No zero that could be taken for good news."""
    seen = words(page(RegionStatus("Ireland", "eu-west-1")))
    assert "No survey has succeeded yet" in seen
    assert "The first survey is under way." in seen
    assert "0 %" not in seen.replace("20 %", "")


def test_nothing_waiting_is_good_news() -> None:
    """Without instances too."""
    seen = words(
        page(RegionStatus("Ireland", "eu-west-1", survey=survey(), surveys_count=1, last_duration_seconds=0.1))
    )
    assert "0 % 0 of 0 tenant instances have at least one service update waiting. ✓ Nothing waits." in seen
    assert "AWS has no available update for Redis or Valkey." in seen


def test_every_region_has_a_section() -> None:
    """With its own share beside the overall one."""
    other = RegionStatus(
        "London", "eu-west-2", survey=survey(aws_region="eu-west-2"), surveys_count=1, last_duration_seconds=0.1
    )
    seen = words(page(GOOD, other))
    assert "Ireland (eu-west-1)" in seen
    assert "London (eu-west-2)" in seen
    assert "33 % 1 of 3 tenant instances" in seen


def test_nothing_is_loaded_from_elsewhere() -> None:
    """The page works on a network without internet, and tells nobody who reads it."""
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page(GOOD))
