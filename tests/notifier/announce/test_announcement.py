"""What an incident should be, and what has to be changed on the one that is there: a table, without any page."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from fleet.errors import ConfigurationError
from notifier.announce.announcement import MARK, SILENT, SWITCHES, Announcement, changes, digests, not_taken
from notifier.announce.components import chosen_components
from notifier.announce.incident import Component, Incident, UnreadableError, incident_of
from notifier.maintenance import Maintenance
from notifier.window import maintenance_window

WINDOW = maintenance_window("2026-06-16", "0900-1100", ZoneInfo("Europe/London"))
WANTED = Announcement(Maintenance("Ireland", "eu-west-1", WINDOW), ("c1",))
WRITTEN = digests(WANTED.fields)


def shown(**other: object) -> Incident:
    """As a page shows what was sent, but for what a test changes."""
    fields = WANTED.fields
    document = {
        "id": "inc1",
        **fields,
        "components": [{"id": "c1", "name": "Redis", "status": "operational"}],
        "incident_updates": [{"body": fields["body"], "created_at": "2026-06-01T00:00:00.000Z"}],
    }
    return incident_of({**document, **other})


def update(body: object, at: str = "2026-06-02T00:00:00Z") -> dict[str, object]:
    return {"body": body, "created_at": at}


def test_the_request_says_all_that_it_has_to() -> None:
    fields = WANTED.fields
    assert (fields["scheduled_for"], fields["scheduled_until"]) == ("2026-06-16T08:00:00Z", "2026-06-16T10:00:00Z")
    assert {name: fields[name] for name in SWITCHES} == dict(SWITCHES)
    assert set(SILENT.values()) == {False}
    assert len(SILENT) == 8
    assert (fields["component_ids"], "components" in fields) == (["c1"], False)
    assert fields["metadata"] == {MARK: {"aws_region": "eu-west-1", "window": "2026-06-16T08:00Z/2026-06-16T10:00Z"}}
    assert "between 09:00 and 11:00 (BST)" in fields["body"]


def test_a_name_that_is_too_long_or_hostile_is_cut_and_made_visible() -> None:
    wanted = Announcement(Maintenance("I\x1breland" + 300 * "x", "eu-west-1", WINDOW))
    assert len(wanted.name) == 255
    assert "I\\x1breland" in wanted.name


@pytest.mark.parametrize(
    ("found", "changed", "edited"),
    [
        (shown(), [], []),
        (shown(name="Theirs"), [], ["name"]),
        (shown(name=f" {WANTED.name}  "), [], []),
        (shown(name=None), [], []),
        (shown(incident_updates=[update("Theirs")]), [], ["body"]),
        (shown(incident_updates=[update("We begin late."), update(WANTED.body, "2026-06-01T00:00:00Z")]), [], ["body"]),
        (shown(incident_updates=[update(WANTED.body, "2026-06-01T00:00:00Z"), update("Late.")]), [], ["body"]),
        (shown(incident_updates=[update(""), update(WANTED.body.replace("\n", "\r\n"))]), [], []),
        (shown(incident_updates=[update("")]), [], ["body"]),
        (shown(incident_updates=None), [], []),
        (shown(incident_updates=[]), [], []),
        (shown(scheduled_for="2026-06-16T09:00:00.000+01:00"), [], []),
        (shown(scheduled_for="2026-06-16T08:30:00Z"), ["scheduled_for", "scheduled_until"], []),
        (shown(scheduled_until=None), ["scheduled_for", "scheduled_until"], []),
        (shown(scheduled_until="soon"), ["scheduled_for", "scheduled_until"], []),
        (shown(metadata={}), ["metadata"], []),
        (shown(metadata=None), ["metadata"], []),
        (shown(metadata=["odd"]), [], []),
        (shown(metadata={**WANTED.fields["metadata"], "theirs": {}}), [], []),
        (replace(shown(), metadata=None), [], []),
        (shown(components=[{"id": "c2"}]), [], []),
        (shown(components=None), [], []),
        (shown(components=[]), [], []),
        (shown(scheduled_auto_in_progress=None), [], []),
    ],
)
def test_what_is_changed_and_what_is_left(found: Incident, changed: list[str], edited: list[str]) -> None:
    """Every request has the switches and the components besides; none is sent where all is as it should be."""
    due = changes(WANTED, found, WRITTEN)
    assert list(due.left_as_edited) == edited
    assert sorted(set(due.fields) - set(SWITCHES) - {"component_ids"}) == changed
    has_other_components = found.component_ids not in (("c1",), None)
    assert bool(due.fields) is (bool(changed) or has_other_components)
    if due.fields:
        assert {name: due.fields[name] for name in SWITCHES} == dict(SWITCHES)
        assert due.fields["component_ids"] == ["c1"]


@pytest.mark.parametrize("switch", [name for name in SWITCHES if name != "deliver_notifications"])
def test_each_switch_is_put_right(switch: str) -> None:
    found = shown(**{switch: not SWITCHES[switch]})
    assert changes(WANTED, found, WRITTEN).fields == {**SWITCHES, "component_ids": ["c1"]}
    assert not_taken(WANTED, found) == [switch]


def test_what_we_wrote_ourselves_is_written_anew_when_it_should_be_other() -> None:
    """A region that is called otherwise now; what somebody edited stays all the same."""
    renamed = replace(WANTED, maintenance=replace(WANTED.maintenance, region_name="Dublin"))
    due = changes(renamed, shown(), WRITTEN)
    assert (due.fields["name"], due.fields["body"]) == (renamed.name, renamed.body)
    assert changes(renamed, shown(name="Theirs"), WRITTEN).left_as_edited == ["name"]
    assert changes(renamed, shown(), {}).left_as_edited == ["name", "body"], "the ledger has lost what we wrote"


def test_a_text_that_the_page_writes_otherwise_is_not_taken_for_an_edit() -> None:
    found = shown(name="Redis &amp; Valkey")
    written = digests(WANTED.fields, found)
    renamed = replace(WANTED, maintenance=replace(WANTED.maintenance, region_name="Dublin"))
    assert changes(WANTED, found, written).fields == {}
    assert changes(renamed, found, written).fields["name"] == renamed.name


def test_components_that_nobody_named_are_left_to_the_page() -> None:
    unnamed = replace(WANTED, component_ids=None)
    found = shown(components=[{"id": "c2"}, {"id": "c3"}])
    assert changes(unnamed, found, WRITTEN).fields == {}
    moved = replace(found, scheduled_for=WINDOW.starts_at + timedelta(hours=1))
    assert changes(unnamed, moved, WRITTEN).fields["component_ids"] == ["c2", "c3"]
    assert "component_ids" not in changes(unnamed, replace(moved, components=None), WRITTEN).fields


def test_times_that_the_page_leaves_out_are_not_put_right_and_a_null_is() -> None:
    document = {"id": "7", "status": "scheduled", "name": WANTED.name}
    assert "scheduled_for" not in changes(WANTED, incident_of(document), WRITTEN).fields
    assert not_taken(WANTED, incident_of(document)) == []
    emptied = incident_of({**document, "scheduled_for": None, "scheduled_until": None})
    assert not_taken(WANTED, emptied) == ["scheduled_for", "scheduled_until"]


@pytest.mark.parametrize("document", [None, [], "inc", {}, {"id": None}, {"id": ""}, {"id": True}])
def test_what_has_no_id_is_no_incident(document: object) -> None:
    with pytest.raises(UnreadableError):
        incident_of(document)


def test_what_a_page_leaves_out_or_writes_oddly_is_not_known() -> None:
    found = incident_of({"id": 7, "components": [{}, {"id": "c2"}], "incident_updates": ["x", {"body": 1}]})
    assert (found.id, found.name, found.status, found.body, found.component_ids) == ("7", None, "", "", None)
    assert incident_of({"id": 7, "components": ["c1"], "incident_updates": [{}]}).body is None
    assert incident_of({"id": 7, "components": ["c1", {"id": "c2"}]}).component_ids is None
    assert (found.is_planned, found.is_before("completed")) == (False, False)


PAGE = (
    Component("g1", "Ireland", is_group=True),
    Component("c1", "Redis", group_id="g1"),
    Component("c2", "Postgres", group_id="g1"),
    Component("g2", "London", is_group=True),
    Component("c3", "Redis", group_id="g2"),
    Component("g3", "Empty", is_group=True),
    Component("c4", " Apps "),
)


@pytest.mark.parametrize(
    ("named", "ids"),
    [
        (["Apps"], ["c4"]),
        (["apps", "c4", " Apps"], ["c4"]),
        (["Ireland/Redis"], ["c1"]),
        (["london/redis"], ["c3"]),
        (["c3", "c1"], ["c3", "c1"]),
        (["Ireland"], ["c1", "c2"]),
        (["g2"], ["c3"]),
    ],
)
def test_components_are_found_by_id_name_and_group(named: list[str], ids: list[str]) -> None:
    assert chosen_components(named, PAGE) == tuple(ids)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("Redis", r"2 have this name: Ireland/Redis \(c1\), London/Redis \(c3\); give one's id"),
        ("Empty", "a group without components"),
        ("Nowhere", "'Nowhere': not on the page, which has Apps, Empty, Ireland, Ireland/Postgres, Ireland/Redis,"),
    ],
)
def test_components_that_are_not_one_are_refused(named: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        chosen_components([named], PAGE)


def test_a_page_without_components_says_so() -> None:
    with pytest.raises(ConfigurationError, match="not on the page, which has none"):
        chosen_components(["x"], [])
