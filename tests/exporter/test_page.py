"""The page at `/` as HTML; how it looks and behaves in a browser is shown elsewhere."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

from exporter.collectors.surveys import ExporterFacts
from exporter.ledger_status import LedgerStatus
from exporter.page import backlog_page
from exporter.region_status import Failure, RegionStatus
from fleet.region import Quotas
from fleet.survey import Survey
from fleet.tenants.tags import TenantTags
from fleet.tenants.tenancy import Tenancy
from ledger.deferral import Target
from ledger.maintenance_key import MaintenanceKey
from ledger.outlook import Outlook, planned_window
from tests.builders import (
    TAKEN_AT,
    action,
    deferral,
    group_of,
    service_instance,
    service_update,
    small_outlook,
    small_survey,
    survey,
)

FACTS = ExporterFacts("9.9.9", 300, 0.2, {"eu-west-1": Quotas(300, 300), "eu-west-2": Quotas(300, 300)})
NOW = TAKEN_AT + timedelta(minutes=5)


def page(*statuses: RegionStatus, ledger: LedgerStatus | None = None) -> str:
    return backlog_page(statuses, FACTS, NOW, ledger)


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


def test_what_a_window_could_take_is_counted_apart() -> None:
    """Without those that are deferred, and those that wait only for a major version; the share itself stays honest."""
    seen = words(page(surveyed(FOUR_WAIT), ledger=read_ledger(Outlook((deferral("guid-1"),)))))
    assert "100 % 4 of 4 tenant instances have at least one service update waiting." in seen
    assert "2 of 4 (50 %) could be updated in a window. 1 of those that wait is deferred. 1 of them waits only" in seen
    assert "▲ Above the threshold of 20 %: schedule a maintenance window." in seen


def test_major_versions_count_apart_without_a_ledger_too() -> None:
    seen = words(page(surveyed(FOUR_WAIT)))
    assert "3 of 4 (75 %) could be updated in a window. 1 of them waits only for a major version" in seen
    assert "ledger" not in seen
    assert "Planned" not in seen


def test_planned_windows_and_deferred_instances_are_shown() -> None:
    """With names that are text, whatever they hold; and nobody is asked to plan what is planned."""
    hostile = service_instance("guid-1", "<script>alert('cache')</script>", org="o<b>rg", space="&amp;")
    windows = tuple(
        planned_window(MaintenanceKey(key, "eu-west-1"))
        for key in ("2026-06-01T12:00Z/2026-06-01T13:00Z", "2026-06-16T22:00Z/2026-06-17T02:00Z")
    )
    skipping = deferral("guid-2", until=None, window_key="2026-06-16T22:00Z/2026-06-17T02:00Z")
    html = page(
        surveyed(replace(FOUR_WAIT, service_instances=(hostile, TWO, THREE, FOUR))),
        ledger=read_ledger(Outlook((deferral("guid-1"), skipping), windows)),
    )
    assert not {"script", "b"} & set(read(html).all_tags)
    seen = words(html)
    assert "Maintenance window on Monday 1 June 2026, 12:00 to 13:00 UTC: open now" in seen
    assert "Maintenance window on Tuesday 16 June 2026, 22:00 to Wednesday 17 June 2026, 02:00 UTC" in seen
    assert "o<b>rg &amp; <script>alert('cache')</script> 1 July 2026 yes" in seen
    assert "17 June 2026, 02:00 UTC (skips that window)" in seen
    assert "✓ Above the threshold of 20 %, and a maintenance window is planned: see below." in seen
    assert "schedule a maintenance window" not in seen


def test_where_all_that_wait_are_deferred_nobody_is_asked_to_schedule() -> None:
    """And it is not said that nothing waits."""
    org = deferral("org-guid", target=Target.ORG)
    seen = words(page(surveyed(FOUR_WAIT), ledger=read_ledger(Outlook((org,)))))
    assert "0 of 4 (0 %) could be updated in a window. 4 of those that wait are deferred" in seen
    assert "✓ Not above the threshold of 20 %." in seen
    assert "othing waits" not in seen


def test_a_deferral_of_an_instance_that_nothing_waits_for_is_shown() -> None:
    calm = survey(service_instances=(ONE,))
    seen = words(page(surveyed(calm), ledger=read_ledger(Outlook((deferral("guid-1"),)))))
    assert "org space cache-1 1 July 2026 no" in seen
    assert "✓ Nothing waits." in seen


def test_a_ledger_that_cannot_be_read_is_said() -> None:
    """With the cause; and what rests on it is not claimed."""
    cause = "ledger /var/lib/<b>ledger: it cannot be opened"
    failed = LedgerStatus(last_failure=Failure(NOW - timedelta(minutes=2), cause))
    seen = words(page(GOOD, ledger=failed))
    assert "▲ The ledger cannot be read, so it is not known who asked to wait and which windows are planned" in seen
    assert f"✗ The ledger cannot be read (2 minutes ago): {cause}" in seen
    assert "▲ Above the threshold of 20 %: schedule a maintenance window." in seen
    assert "The ledger has not been read yet." in words(page(GOOD, ledger=LedgerStatus()))


def test_before_the_first_survey_a_ledger_changes_nothing() -> None:
    seen = words(page(RegionStatus("Ireland", "eu-west-1"), ledger=read_ledger(small_outlook())))
    assert "No survey has succeeded yet" in seen


def test_the_platforms_own_words_head_the_columns() -> None:
    """Where tags say who the tenants are, their keys; whatever they hold, it is text."""
    words_of_tags = Tenancy(tags=TenantTags(org="<owner>", space="namespace")).words
    markup = page(replace(GOOD, words=words_of_tags))
    assert ">&lt;owner&gt;</th>" in markup
    assert ">namespace</th>" in markup
    assert "By &lt;owner&gt; and namespace" in markup
    assert ">Org</th>" not in markup
    nobody = words(page(replace(GOOD, survey=survey(), words=words_of_tags)))
    assert "No tenant instances: no replication group has the tag '<owner>'." in nobody
