"""The page at `/` as HTML; how it looks and behaves in a browser is shown elsewhere."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

from exporter.collectors.surveys import ExporterFacts
from exporter.page import backlog_page
from exporter.region_status import Failure, RegionStatus
from fleet.region import Quotas
from fleet.survey import Survey
from tests.builders import TAKEN_AT, action, service_instance, service_update, small_survey, survey

FACTS = ExporterFacts("9.9.9", 300, 0.2, {"eu-west-1": Quotas(300, 300), "eu-west-2": Quotas(300, 300)})
NOW = TAKEN_AT + timedelta(minutes=5)


def page(*statuses: RegionStatus) -> str:
    return backlog_page(statuses, FACTS, NOW, None)


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


def surveyed(taken: Survey) -> RegionStatus:
    return RegionStatus("Ireland", "eu-west-1", survey=taken, surveys_count=1, last_duration_seconds=0.1)


def test_nothing_waiting_is_good_news() -> None:
    """Where there are instances."""
    seen = words(page(surveyed(survey(service_instances=(service_instance("guid-1"),)))))
    assert "0 % 0 of 1 tenant instance have at least one service update waiting. ✓ Nothing waits." in seen
    assert "AWS has no available update for Redis or Valkey." in seen
    assert "No tenant's instance has an update waiting." in seen


def test_no_instances_is_not_nothing_waiting() -> None:
    """It is what a mistyped offering looks like, above all where groups wait that somebody must own."""
    html = page(
        surveyed(
            survey(
                service_updates=(service_update("redis-1"),),
                update_actions=(action("redis-1", "cf-a"), action("redis-1", "cf-b")),
            )
        )
    )
    seen = words(html)
    assert "– No tenant instances: Cloud Foundry has none of the configured service offerings." in seen
    assert "▲ An update waits for 2 replication groups of no tenant" in seen
    assert "<title>No tenant instances" in html
    assert "othing waits" not in seen
    assert "0 of 0" not in seen


def test_what_is_not_known_is_said_beside_the_share() -> None:
    """A region that was never seen, or not lately, does not hide behind the others."""
    old = replace(small_survey("eu-west-2"), taken_at=NOW - timedelta(minutes=16))
    seen = words(
        page(
            GOOD,
            RegionStatus("London", "eu-west-2", survey=old, surveys_count=1, last_duration_seconds=0.1),
            RegionStatus("Paris", "eu-west-3"),
        )
    )
    assert "▲ Without Paris, where no survey has succeeded yet." in seen
    assert "▲ Outdated for London, where no survey has succeeded lately." in seen
    assert "Ireland, where" not in seen


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
