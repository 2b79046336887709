"""The page as HTML, and what a reader sees of it."""

import re
from datetime import timedelta
from html.parser import HTMLParser

from exporter.collectors.surveys import ExporterFacts
from exporter.ledger_status import LedgerStatus
from exporter.page.choice import Choice
from exporter.page.document import backlog_page
from exporter.page.facts import facts_of
from exporter.page.query import view_of
from exporter.region_status import RegionStatus
from fleet.region import Quotas
from fleet.survey import Survey
from ledger.outlook import Outlook
from tests.builders import (
    TAKEN_AT,
    action,
    group_of,
    service_instance,
    service_update,
    small_survey,
    survey,
)

FACTS = ExporterFacts("9.9.9", 300, 0.2, {"eu-west-1": Quotas(300, 300), "eu-west-2": Quotas(300, 300)})
NOW = TAKEN_AT + timedelta(minutes=5)


def page(*statuses: RegionStatus, ledger: LedgerStatus | None = None, query: str = "") -> str:
    facts = facts_of(statuses, FACTS, NOW, ledger)
    return backlog_page(Choice(view_of(query, facts.known_words), facts))


class Text(HTMLParser):
    """What a reader sees, tags checked for balance on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.open: list[str] = []
        self.all_tags: list[str] = []

    def handle_starttag(self, tag: str, _: object) -> None:
        self.all_tags.append(tag)
        if tag not in {"meta", "link", "br", "input"}:
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


def surveyed(taken: Survey) -> RegionStatus:
    return RegionStatus("Ireland", "eu-west-1", survey=taken, surveys_count=1, last_duration_seconds=0.1)


ONE, TWO, THREE, FOUR = (service_instance(f"guid-{number}", name=f"cache-{number}") for number in range(1, 5))
FOUR_WAIT = survey(
    service_updates=(service_update("redis-1"), service_update("redis-7", type="engine-major-version-update")),
    update_actions=tuple(
        [action("redis-1", instance.replication_group_id) for instance in (ONE, TWO, THREE)]
        + [action("redis-7", instance.replication_group_id) for instance in (THREE, FOUR)]
    ),
    replication_groups=tuple(group_of(instance) for instance in (ONE, TWO, THREE, FOUR)),
    service_instances=(ONE, TWO, THREE, FOUR),
)


def read_ledger(outlook: Outlook) -> LedgerStatus:
    return LedgerStatus(outlook, read_at=NOW)
