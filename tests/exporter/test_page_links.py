"""The filters and links of the page: what is chosen stays chosen, and what is not there is said."""

from dataclasses import replace
from datetime import timedelta

from exporter.region_status import RegionStatus
from ledger.maintenance_key import MaintenanceKey
from ledger.outlook import Outlook, planned_window
from tests.builders import (
    action,
    service_instance,
    service_update,
)
from tests.exporter.page_texts import FOUR_WAIT, GOOD, NOW, ONE, THREE, TWO, page, read_ledger, surveyed, words


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
