"""The page at `/` as HTML: a region's share, its updates, and what does not join."""

import re
from dataclasses import replace
from datetime import timedelta

from exporter.page.choice import Choice
from exporter.page.document import backlog_page
from exporter.page.facts import facts_of
from exporter.page.view import View
from exporter.region_status import Failure, RegionStatus
from fleet.tenants.tags import TenantTags
from fleet.tenants.tenancy import Tenancy
from ledger.maintenance_key import MaintenanceKey
from ledger.outlook import Outlook, planned_window
from tests.builders import (
    action,
    group_of,
    service_instance,
    service_update,
    small_survey,
    survey,
)
from tests.exporter.page_texts import (
    FACTS,
    GOOD,
    NOW,
    ONE,
    page,
    read,
    read_ledger,
    surveyed,
    words,
)


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
