"""Which instances a view lists, and in which order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from exporter.collectors.surveys import ExporterFacts
from exporter.ledger_status import LedgerStatus
from exporter.page.choice import Choice
from exporter.page.facts import facts_of
from exporter.page.listing import PAGE_LENGTH, listing_page
from exporter.page.query import view_of
from exporter.region_status import RegionStatus
from fleet.survey import Survey
from ledger.maintenance_key import MaintenanceKey
from ledger.outlook import Outlook, planned_window
from tests.builders import TAKEN_AT, action, deferral, group_of, service_instance, service_update, survey

EXPORTER = ExporterFacts("9.9.9", 300, 0.2, {})

ANT, BEE, CAT, DOG, EEL, FOX = (
    service_instance(f"guid-{name}", name, org=org)
    for name, org in zip(("ant", "bee", "Cat", "dog", "eel", "fox"), ("Z", "a", "a", "b", "b", "b"), strict=True)
)
MAJOR = "engine-major-version-update"
UPDATES = (
    service_update("critical", severity="critical"),
    service_update("major", severity="low", type=MAJOR, recommended_apply_by=None),
    service_update("overdue", severity="low", recommended_apply_by=TAKEN_AT - timedelta(days=3)),
    service_update("auto", severity="medium"),
)
IRELAND = survey(
    service_updates=UPDATES,
    update_actions=(
        action("critical", ANT.replication_group_id),
        action("critical", BEE.replication_group_id),
        action("overdue", CAT.replication_group_id),
        action("critical", CAT.replication_group_id),
        action("major", DOG.replication_group_id),
        action("critical", EEL.replication_group_id, "in-progress"),
        action("auto", CAT.replication_group_id, "scheduled"),
        action("auto", DOG.replication_group_id, "scheduling"),
    ),
    replication_groups=(group_of(ANT, 2), *(group_of(i) for i in (BEE, CAT, DOG, EEL))),
    service_instances=(ANT, BEE, CAT, DOG, EEL, FOX),
)
GNU = service_instance("guid-gnu", "gnu", org="a")
LONDON = replace(
    survey(
        service_updates=(service_update("critical", severity="critical"),),
        update_actions=(action("critical", GNU.replication_group_id, "stopped"),),
        replication_groups=(group_of(GNU),),
        service_instances=(GNU,),
    ),
    aws_region="eu-west-2",
)
WINDOW = planned_window(MaintenanceKey("2026-06-16T08:00Z/2026-06-16T10:00Z", "eu-west-1"), None, frozenset({CAT.guid}))
LEDGER = LedgerStatus(Outlook((deferral(BEE.guid),), (WINDOW,)), read_at=TAKEN_AT)


def choice(query: str, *surveys: Survey) -> Choice:
    names = {"eu-west-1": "Ireland", "eu-west-2": "London"}
    statuses = [
        RegionStatus(names[one.aws_region], one.aws_region, survey=one, surveys_count=1, last_duration_seconds=0.1)
        for one in surveys or (IRELAND, LONDON)
    ]
    facts = facts_of(statuses, EXPORTER, TAKEN_AT, LEDGER)
    return Choice(view_of(query, facts.known_words), facts)


def names(query: str) -> list[str]:
    return [row.instance.name for row in choice(query).listed]


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("", "Cat bee gnu ant dog"),
        ("show=all&sort=org", "bee Cat gnu dog eel fox ant"),
        ("show=schedulable", "Cat gnu ant"),
        ("show=deferred", "bee"),
        ("show=under-way", "eel"),
        ("show=stopped", "gnu"),
        ("show=stopped&region=Ireland", ""),
        ("show=stopped&update=overdue", ""),
        ("show=scheduled", "Cat dog"),
        ("show=scheduled&update=overdue", ""),
        ("show=scheduled&update=auto&org=b", "dog"),
        ("show=unknown", "fox"),
        ("region=London", "gnu"),
        ("region=eu-west-1&region=eu-west-2&org=a-guid", "Cat bee gnu"),
        ("org=Z&org=b", "ant dog"),
        ("update=overdue", "Cat"),
        ("update=gone", ""),
        ("severity=critical", "bee Cat gnu ant"),
        ("severity=critical&update=overdue", ""),
        (f"type={MAJOR}", "dog"),
        (f"type={MAJOR}&show=schedulable", "dog"),
        ("update=major&show=schedulable", "dog"),
        ("severity=low&show=schedulable", "Cat"),
        ("ha=yes", "ant"),
        ("ha=no", "Cat bee gnu dog"),
        ("ha=no&show=unknown", ""),
        ("text=CAT", "Cat"),
        ("text=guid-g", "gnu"),
        (f"text={DOG.replication_group_id}", "dog"),
        ("text=tiny-5&region=London", "gnu"),
        ("sort=name", "ant bee Cat dog gnu"),
        ("sort=-name", "gnu dog Cat bee ant"),
        ("sort=-org", "ant dog bee Cat gnu"),
        ("sort=-urgency", "dog bee gnu ant Cat"),
        ("sort=deferred", "bee Cat gnu dog ant"),
        ("sort=window", "Cat bee gnu dog ant"),
    ],
)
def test_a_view_lists_these_in_this_order(query: str, listed: str) -> None:
    """Overdue first, whatever the severity; where the order leaves it open, by org, space and name."""
    assert " ".join(names(query)) == listed


def test_two_regions_may_have_an_instance_of_one_guid() -> None:
    """Where a tag says whose a group is: who asked to wait in Ireland has not asked in London."""
    twin = replace(BEE, name="twin")
    london = replace(LONDON, service_instances=(twin,), update_actions=(action("critical", twin.replication_group_id),))
    found = choice("show=deferred", IRELAND, london)
    assert [row.instance.name for row in found.listed] == ["bee"]
    assert [row.instance.name for row in found.schedulable["eu-west-2"]] == ["twin"]
    (row,) = found.schedulable["eu-west-2"]
    assert (found.is_deferred(row), found.is_schedulable(row)) == (False, True)


def test_groups_sort_by_their_ids() -> None:
    rows = choice("sort=group&show=all").listed
    assert [row.instance.replication_group_id for row in rows] == sorted(
        row.instance.replication_group_id for row in rows
    )


def test_pages_have_everybody_once() -> None:
    instances = [service_instance(f"guid-{number:03}", f"cache-{number:03}") for number in range(2 * PAGE_LENGTH + 1)]
    taken = survey(service_instances=tuple(instances))
    pages = [listing_page(choice(f"show=all&page={number}", taken)) for number in (1, 2, 3, 4)]
    assert [(len(page.rows), page.pages, page.count, page.is_beyond) for page in pages] == [
        (PAGE_LENGTH, 3, 2 * PAGE_LENGTH + 1, False),
        (PAGE_LENGTH, 3, 2 * PAGE_LENGTH + 1, False),
        (1, 3, 2 * PAGE_LENGTH + 1, False),
        (0, 3, 2 * PAGE_LENGTH + 1, True),
    ]
    assert [one.instance.guid for page in pages for one in page.rows] == [i.guid for i in instances]
    assert (pages[2].first, pages[2].last) == (2 * PAGE_LENGTH + 1, 2 * PAGE_LENGTH + 1)
