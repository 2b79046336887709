"""The page at `/` as HTML; how it looks and behaves in a browser is shown elsewhere."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from exporter.collectors.surveys import ExporterFacts
from exporter.ledger_status import LedgerStatus
from exporter.page.choice import Choice
from exporter.page.document import backlog_page
from exporter.page.facts import facts_of
from exporter.page.query import view_of
from exporter.page.view import View
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
    assert "▲ 1 replication group with an update waiting that no tenant claims" in seen
    assert "cf-nobodys" in seen
    assert "▲ 1 service instance whose group AWS does not know" in seen
    assert "b / <script>alert(1)</script> / cache" in seen


def test_what_does_not_join_comes_before_what_does() -> None:
    """A mistyped offering looks like a small backlog to whoever reads from the top."""
    html = page(GOOD)
    assert (
        html.index('id="unjoined"')
        < html.index('id="plan"')
        < html.index('id="updates"')
        < html.index('id="instances"')
    )


def test_long_lists_of_what_does_not_join_are_cut() -> None:
    """The page stays small; the JSON has them all."""
    groups = tuple(action("redis-1", f"cf-{number:04}") for number in range(200))
    seen = words(page(surveyed(survey(service_updates=(service_update("redis-1"),), update_actions=groups))))
    assert "and 150 more, in the JSON" in seen
    assert "cf-0049" in seen
    assert "cf-0050" not in seen


def test_an_update_says_what_it_is_and_what_aws_does_by_itself() -> None:
    """With the way to AWS's own page; a major version needs another way."""
    updates = (
        service_update(
            "redis-1",
            description="Fixes <b>everything</b>",
            auto_update_after_recommended_apply_by=True,
            estimated_update_time="soon",
        ),
        service_update("redis-7", type="engine-major-version-update", ends_at=None),
    )
    actions = (action("redis-1", ONE.replication_group_id, "scheduled"), action("redis-7", ONE.replication_group_id))
    html = page(
        surveyed(
            survey(
                service_updates=updates,
                update_actions=actions,
                service_instances=(ONE,),
                replication_groups=(group_of(ONE),),
            )
        )
    )
    seen = words(html)
    assert "redis-1 Fixes <b>everything</b> redis-1 in AWS's console security-update important" in seen
    assert (
        "applies it, in each group's own maintenance window, after 15 Jun 2026 has it scheduled for 1 group since 2 May 2026; in each one's own maintenance window: AWS gives no day"
        in seen
    )
    assert "no longer offered after 1 Dec 2026" in seen
    assert "soon (30 minutes per node are assumed)" in seen
    assert "engine-major-version-update needs another way: agree with each tenant" in seen
    assert "https://eu-west-1.console.aws.amazon.com/elasticache/home?region=eu-west-1#/service-updates" in html


def test_an_instance_has_everything_that_a_window_is_chosen_by() -> None:
    """What waits is sorted by urgency; what is overdue, stopped or not available is marked."""
    group_there = replace(group_of(ONE, 2), status="modifying")
    updates = (
        service_update("redis-1", recommended_apply_by=NOW - timedelta(days=2), severity="low"),
        service_update("redis-2", severity="critical"),
    )
    actions = (action("redis-1", group_there.id), action("redis-2", group_there.id, "stopped"))
    window = planned_window(
        MaintenanceKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1"), "Europe/London", frozenset({"guid-1"})
    )
    taken = survey(
        service_updates=updates, update_actions=actions, replication_groups=(group_there,), service_instances=(ONE,)
    )
    facts = facts_of(
        [surveyed(taken)],
        FACTS,
        NOW,
        read_ledger(Outlook((), (window,))),
        versions={"eu-west-1": {group_there.id: "7.1.0"}},
    )
    seen = words(backlog_page(Choice(View(), facts)))
    assert (
        f"cache-1 org space tiny-5.x highly available {group_there.id} ▲ modifying redis 7.1.0"
        " redis-1 low, security-update, ▲ overdue since 30 May 2026"
        " redis-2 critical, security-update, stopped, by 15 Jun 2026 no 16 Jun 2026"
    ) in seen
    assert "▲ 1 not available now" in seen
    assert "Maintenance window on Tuesday 16 June 2026, 09:00 to 11:00 BST" in seen
    assert "1 of the 1 that it could take were told of it." in seen


def test_what_filters_name_and_nobody_has_is_said() -> None:
    """Old links name orgs that are gone; that is no error."""
    seen = words(page(GOOD, query="org=%3Cscript%3E&update=redis-0"))
    assert "▲ There is no update redis-0 (any more)." in seen
    assert "▲ There is no org <script> (any more)." in seen
    assert "No instance matches. Without filters" in seen


def test_filters_stay_in_the_form_and_in_the_links() -> None:
    """So that the next choice narrows this one."""
    html = page(GOOD, query="org=back%5Cslash-guid&severity=critical&ha=yes&text=say+%22")
    assert 'name="org" value="back\\slash-guid" checked' in html
    assert 'name="severity" value="critical" checked' in html
    assert '<option value="yes" selected>' in html
    assert 'value="say &#34;"' in html
    assert 'href="backlog.csv?org=back%5Cslash-guid&amp;severity=critical&amp;ha=yes&amp;text=say+%22"' in html


def test_filters_that_choose_nothing_have_no_command() -> None:
    """But a reason. The page cannot be led to offer commands for everybody."""
    window = planned_window(MaintenanceKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1"))
    html = page(GOOD, ledger=read_ledger(Outlook((), (window,))), query="update=redis-0")
    seen = words(html)
    assert "▲ No command for these filters: they choose no update that a window takes here, and without them" in seen
    assert "notifier email" not in seen
    assert "notifier cancel --region Ireland" in seen


def test_no_character_of_a_link_hides_in_the_page() -> None:
    """What cannot be seen is written as its code; an org that is there is named by its guid where its name has any."""
    html = page(GOOD, query="org=a%E2%80%AEb&update=c%E2%80%8Bd")
    assert r"There is no org a\u202eb (any more)" in words(html)
    assert r"There is no update c\u200bd (any more)" in words(html)
    named = service_instance("guid-1", org="line one\nline two")
    html = page(surveyed(replace(FOUR_WAIT, service_instances=(named,))), query="org=line%20one%0Aline%20two")
    assert 'name="org" value="line one\nline two-guid" checked' in html
    assert "There is no org" not in words(html)


def test_a_region_that_was_never_surveyed_keeps_the_form_and_the_way_back() -> None:
    """And is said to be not known, alone or beside others."""
    unknown = RegionStatus("London", "eu-west-2")
    html = page(GOOD, unknown, query="region=London")
    assert '<input type="checkbox" name="region" value="eu-west-2" checked>' in html
    assert 'action="#filters"' in html
    assert "▲ Nothing is known of London: no survey of it has succeeded yet. Without filters" in words(html)
    assert "▲ Without London, of which nothing is known yet." in words(page(GOOD, unknown))
    alone = page(unknown, query="region=London&severity=critical")
    assert "Without filters" in words(alone)
    assert "<form" in alone


def test_links_beside_a_number_show_what_it_counts() -> None:
    """What is counted over everything does not keep the filters."""
    seven = replace(FOUR_WAIT, update_actions=FOUR_WAIT.update_actions[3:])
    html = page(surveyed(seven), query="region=eu-west-1&org=org&ha=no&text=cache")
    assert 'href="?type=engine-major-version-update#instances"' in html
    html = page(GOOD, query="region=eu-west-1&org=nobody")
    assert 'href="?region=eu-west-1&amp;show=unknown#instances"' in html


def test_what_aws_will_apply_by_itself_can_be_listed() -> None:
    """With the way there from the update and from the plan; stopped ones likewise have a list."""
    taken = replace(
        FOUR_WAIT,
        service_updates=(service_update("redis-1"), service_update("redis-2")),
        update_actions=(
            action("redis-1", ONE.replication_group_id, "scheduled"),
            action("redis-1", TWO.replication_group_id, "scheduling"),
            action("redis-2", THREE.replication_group_id, "stopped"),
        ),
    )
    html = page(surveyed(taken), query="show=scheduled")
    seen = words(html)
    assert "2 instances with an update that AWS will apply by itself." in seen
    assert "has it scheduled for 2 groups since 2 May 2026; in each one's own maintenance window" in seen
    assert "2 that AWS will update by itself" in seen
    assert 'href="?region=eu-west-1&amp;update=redis-1&amp;show=scheduled#instances"' in html
    assert "1 instance with an update stopped half-way." in words(page(surveyed(taken), query="show=stopped"))


def test_what_is_overdue_stands_beside_the_next_date() -> None:
    """It does not hide it."""
    late = service_update("redis-0", recommended_apply_by=NOW - timedelta(days=17))
    taken = replace(
        FOUR_WAIT,
        service_updates=(late, *FOUR_WAIT.service_updates),
        update_actions=(action("redis-0", ONE.replication_group_id), *FOUR_WAIT.update_actions),
    )
    seen = words(page(surveyed(taken)))
    assert "Before ▲ 17 days overdue redis-0, 15 May 2026 then 15 Jun 2026 redis-1, important, 13 days left" in seen


def test_a_page_after_the_last_says_so() -> None:
    """The backlog shrinks while somebody reads."""
    seen = words(page(GOOD, query="page=7"))
    assert "This page is after the last one: the list has 1 page now." in seen


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
    assert "▲ 2 replication groups with an update waiting that no tenant claims" in seen
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
    assert "▲ Maybe outdated for London, where the last survey failed, or was long ago." in seen
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
    html = page(GOOD)
    assert not re.search(r"""<(?!a )[^>]*(src|href)=["'](https?:)?//""", html)
    assert set(re.findall(r'href="(https://[^/]+)', html)) == {
        "https://docs.aws.amazon.com",
        "https://eu-west-1.console.aws.amazon.com",
    }


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
    assert (
        "2 of 4 (50 %) could be updated in a window. 1 of those that wait is deferred. Of those that wait, 1 waits only"
        in seen
    )
    assert "▲ Above the threshold of 20 %: schedule a maintenance window." in seen


def test_major_versions_count_apart_without_a_ledger_too() -> None:
    seen = words(page(surveyed(FOUR_WAIT)))
    assert "3 of 4 (75 %) could be updated in a window. Of those that wait, 1 waits only for a major version" in seen
    assert "Deferrals and windows are not known: the exporter has no ledger (LEDGER_URL)." in seen
    assert "not known not known" in seen


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
    assert "<script>alert('cache')</script> o<b>rg &amp; tiny-5.x" in seen
    assert "1 Jul 2026" in seen
    assert "17 Jun 2026, 02:00 UTC (skips that window)" in seen
    assert "✓ Above the threshold of 20 %, and a maintenance window is planned: see below." in seen
    assert "schedule a maintenance window" not in seen


@pytest.mark.parametrize(
    ("window", "is_in_time"),
    [
        ("2026-06-14T22:00Z/2026-06-15T02:00Z", True),
        ("2026-06-15T00:00Z/2026-06-15T02:00Z", False),
        ("2026-06-16T08:00Z/2026-06-16T10:00Z", False),
    ],
)
def test_a_window_after_the_next_date_is_not_enough(window: str, *, is_in_time: bool) -> None:
    """As the alert has it, which fires until one is planned that begins before that date. The date is 15 June, 00:00."""
    outlook = Outlook(windows=(planned_window(MaintenanceKey(window, "eu-west-1")),))
    seen = words(page(surveyed(FOUR_WAIT), ledger=read_ledger(outlook)))
    late = "▲ Above the threshold of 20 %, and the window that is planned begins too late."
    where = "▲ In Ireland no window begins before the next apply-by date, 15 Jun 2026 (redis-1): move it, or plan"
    assert (late in seen, where in seen, "✓ Above" in seen) == (
        (False, False, True) if is_in_time else (True, True, False)
    )


def test_which_dates_a_window_has_to_keep() -> None:
    """None that has passed, none of a major version, none that only deferred instances wait for."""
    first, second = (
        service_update(name, recommended_apply_by=NOW + timedelta(days=days), type=kind)
        for name, days, kind in (("first", 3, "security-update"), ("second", 30, "security-update"))
    )
    late = service_update("late", recommended_apply_by=NOW - timedelta(days=3))
    major = service_update("major", recommended_apply_by=NOW + timedelta(days=2), type="engine-major-version-update")
    taken = replace(
        FOUR_WAIT,
        service_updates=(first, late, major, second),
        update_actions=(
            action("first", ONE.replication_group_id),
            action("late", TWO.replication_group_id),
            action("second", TWO.replication_group_id),
            action("major", THREE.replication_group_id),
        ),
    )
    window = planned_window(MaintenanceKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1"))
    assert "apply-by date, 4 Jun 2026 (first)" in words(
        page(surveyed(taken), ledger=read_ledger(Outlook((), (window,))))
    )
    seen = words(page(surveyed(taken), ledger=read_ledger(Outlook((deferral("guid-1"),), (window,)))))
    assert "✓ Above the threshold of 20 %, and a maintenance window is planned" in seen


def test_a_region_above_the_threshold_does_not_hide_behind_the_others() -> None:
    """The alert goes by region."""
    many = survey(aws_region="eu-west-2", service_instances=tuple(service_instance(f"calm-{n}") for n in range(96)))
    calm = RegionStatus("London", "eu-west-2", survey=many, surveys_count=1, last_duration_seconds=0.1)
    seen = words(page(surveyed(FOUR_WAIT), calm))
    assert "▲ In Ireland above the threshold of 20 %: schedule a maintenance window there." in seen
    assert "✓ Not above" not in seen


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
    assert "✓ Nothing waits." in seen
    assert "1 Jul 2026" not in seen
    assert "cache-1 org space" in words(
        page(surveyed(calm), ledger=read_ledger(Outlook((deferral("guid-1"),))), query="show=deferred")
    )


def test_a_ledger_that_cannot_be_read_is_said() -> None:
    """With the cause; and what rests on it is not claimed."""
    cause = "ledger /var/lib/<b>ledger: it cannot be opened"
    failed = LedgerStatus(last_failure=Failure(NOW - timedelta(minutes=2), cause))
    seen = words(page(GOOD, ledger=failed))
    assert "▲ The ledger cannot be read, so it is not known who asked to wait and which windows are planned" in seen
    assert f"✗ The ledger cannot be read (2 minutes ago): {cause}" in seen
    assert "▲ Above the threshold of 20 %: schedule a maintenance window." in seen
    assert "The ledger has not been read yet." in words(page(GOOD, ledger=LedgerStatus()))


@pytest.mark.parametrize(
    ("ledger", "why"),
    [
        (None, "the exporter has no ledger (LEDGER_URL)"),
        (LedgerStatus(), "the ledger has not been read yet"),
        (LedgerStatus(last_failure=Failure(NOW, "it is locked")), "the ledger cannot be read"),
    ],
)
def test_nobody_is_said_not_to_be_deferred_where_that_is_not_known(ledger: LedgerStatus | None, why: str) -> None:
    """Neither in a list of them nor in the plan."""
    seen = words(page(GOOD, ledger=ledger, query="show=deferred"))
    assert f"Not known which instances are deferred: {why}." in seen
    assert "No instance matches" not in seen
    assert "0 instances that are deferred" not in seen
    assert "Left out, or busy deferred: not known" in seen


def test_before_the_first_survey_a_ledger_changes_nothing() -> None:
    seen = words(page(RegionStatus("Ireland", "eu-west-1"), ledger=read_ledger(small_outlook())))
    assert "No survey has succeeded yet" in seen


def test_the_platforms_own_words_head_the_columns() -> None:
    """Where tags say who the tenants are, their keys; whatever they hold, it is text."""
    words_of_tags = Tenancy(tags=TenantTags(org="<owner>", space="namespace")).words
    markup = page(replace(GOOD, words=words_of_tags))
    assert '<label for="org">&lt;owner&gt;</label>' in markup
    assert 'data-label="&lt;owner&gt; and namespace"' in markup
    assert "&lt;owner&gt; and namespace, backwards" in markup
    assert "<owner>" not in markup
    assert "Org and space" not in markup
    assert re.search(r"of \d+ &lt;owner&gt;s?;", markup)
    nobody = words(page(replace(GOOD, survey=survey(), words=words_of_tags)))
    assert "No tenant instances: no replication group has the tag '<owner>'." in nobody
