"""The view as CSV and JSON, and how all three are served."""

import csv
import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from exporter.collectors.surveys import ExporterFacts
from exporter.ledger_status import LedgerStatus
from exporter.messages import Answer, Request
from exporter.page.answers import PATHS, PageAnswers
from exporter.page.files import CSV_COLUMNS
from exporter.page.listing import PAGE_LENGTH
from exporter.publication import Publication
from exporter.region_status import Failure, RegionStatus
from fleet.region import Quotas
from fleet.survey import Survey
from ledger.maintenance_key import MaintenanceKey
from ledger.outlook import Outlook, planned_window
from sandbox.names import HOSTILE_NAMES
from tests.builders import TAKEN_AT, action, deferral, group_of, service_instance, service_update, small_survey, survey

EXPORTER = ExporterFacts("9.9.9", 300, 0.2, {"eu-west-1": Quotas(300, 300)})
REGION = RegionStatus("Ireland", "eu-west-1")


def answers(
    taken: Survey | None = None, outlook: Outlook | None = None, ledger: LedgerStatus | None = None
) -> PageAnswers:
    publication = Publication(EXPORTER, [REGION])
    if taken is not None:
        publication.publish(replace(REGION, survey=taken, surveys_count=1, last_duration_seconds=0.1))
    if outlook is not None:
        ledger = LedgerStatus(outlook, read_at=TAKEN_AT)
    if ledger is not None:
        publication.publish_ledger(ledger)
    return PageAnswers(publication)


def asked(page: PageAnswers, path: str, query: str = "", **headers: str) -> Answer:
    return page.answer(path, Request("GET", path, headers, query))


def text_of(answer: Answer) -> str:
    return b"".join(answer.pieces).decode()


def rows(page: PageAnswers, query: str = "") -> list[Mapping[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of(asked(page, "/backlog.csv", query)))))


def document(page: PageAnswers, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text_of(asked(page, "/backlog.json", query)))
    return found


TOLD = planned_window(MaintenanceKey("2099-06-16T08:00Z/2099-06-16T10:00Z", "eu-west-1"), None, frozenset({"guid-1"}))
LEDGER = Outlook((deferral("guid-1", until=TAKEN_AT.replace(year=2099).date()),), (TOLD,))


def test_a_row_of_the_csv() -> None:
    """Every fact of the page's table, each in a column of its own."""
    (row,) = rows(answers(small_survey(), LEDGER))
    assert tuple(row) == CSV_COLUMNS
    assert row == {
        "aws_region": "eu-west-1",
        "region": "Ireland",
        "org": "back\\slash",
        "space": "café ☕",
        "name": r'say "cheese"\nplease',
        "plan": "tiny-5.x",
        "highly_available": "yes",
        "replication_group_id": "cf-ux4xkdjccy5em",
        "group_status": "available",
        "engine": "redis",
        "engine_version": "",
        "updates": "redis-2, redis-1",
        "severities": "critical, important",
        "types": "security-update, security-update",
        "statuses": "stopped, not-applied",
        "apply_by": "2026-06-15",
        "schedulable": "no",
        "deferred_until": "2099-05-31T23:00:00+00:00",
        "told_of_windows": "2099-06-16T08:00Z/2099-06-16T10:00Z",
        "service_instance_guid": "guid-1",
        "space_guid": "back\\slash-café ☕-guid",
        "org_guid": "back\\slash-guid",
    }


def test_the_json_has_all_that_the_page_has() -> None:
    found = document(answers(small_survey(), LEDGER), "show=all&sort=org")
    assert list(found) == [
        *("version", "generated_at", "parameters", "regions", "regions_not_surveyed", "ledger", "updates"),
        *("page", "pages", "count", "instances"),
    ]
    assert (found["version"], found["count"], found["page"]) == (1, 3, None)
    assert found["parameters"] == {"show": "all", "sort": "org"}
    (region,) = found["regions"]
    assert (region["unclaimed_groups"], region["unknown_instances"]) == (
        ["cf-nobodys"],
        ["00000000-0000-0000-0000-000000000001"],
    )
    assert region["plan"]["windows"] == [{"window": "2099-06-16T08:00Z/2099-06-16T10:00Z", "is_open": False, "told": 1}]
    assert region["plan"]["commands"][0].startswith("elasticache-update-notifier print --region Ireland")
    assert [update["name"] for update in found["updates"]] == ["redis-2", "redis-1"]
    unknown, done, waiting = found["instances"]
    assert unknown["group"] is None
    assert done["updates"] == [
        {"name": "redis-2", "severity": "critical", "type": "security-update", "status": "in-progress"}
    ]
    assert (done["deferred_until"], done["told_of_windows"]) == (None, [])
    assert waiting["name"] == 'say "cheese"\nplease'
    assert waiting["group"]["is_highly_available"] is True


def test_what_is_not_known_is_empty_and_not_none_of_it() -> None:
    """Without a ledger nobody knows who was told."""
    page = answers(small_survey())
    (row,) = rows(page)
    assert row["told_of_windows"] == ""
    assert document(page)["instances"][0]["told_of_windows"] is None


UNREADABLE = LedgerStatus(last_failure=Failure(TAKEN_AT, "ledger: it cannot be opened"))


@pytest.mark.parametrize(
    ("ledger", "said"),
    [
        (None, None),
        (LedgerStatus(), {"is_readable": False, "read_at": None, "last_failure": None}),
        (
            UNREADABLE,
            {
                "is_readable": False,
                "read_at": None,
                "last_failure": {"at": "2026-06-01T12:00:00Z", "cause": "ledger: it cannot be opened"},
            },
        ),
        (
            LedgerStatus(Outlook(), read_at=TAKEN_AT),
            {"is_readable": True, "read_at": "2026-06-01T12:00:00+00:00", "last_failure": None},
        ),
    ],
)
def test_without_a_ledger_that_can_be_read_nobody_is_said_not_to_be_deferred(
    ledger: LedgerStatus | None, said: object
) -> None:
    """Neither for a region nor in a list of those who are; and the file says whether the ledger could be read."""
    page = answers(small_survey(), ledger=ledger)
    is_known = ledger is not None and ledger.outlook is not None
    found, deferred = document(page), document(page, "show=deferred")
    assert found["ledger"] == said
    plan = found["regions"][0]["plan"]
    assert (plan["deferred"], plan["windows"]) == ((0, []) if is_known else (None, None))
    assert found["count"] == 1
    listed = (deferred["count"], deferred["pages"], deferred["instances"])
    assert listed == ((0, 1, []) if is_known else (None, None, None))


def test_a_region_of_which_nothing_is_known_has_no_list() -> None:
    """An empty one would say that nothing waits there."""
    found = document(answers(), "region=Ireland")
    assert (found["regions_not_surveyed"], found["count"], found["instances"]) == (["eu-west-1"], None, None)


def test_what_the_page_says_of_the_commands_is_beside_them() -> None:
    """An example, a filter without an option, a window that is unwise, and filters that choose nothing."""
    page = answers(small_survey())
    plan = document(page, "text=cheese&ha=yes")["regions"][0]["plan"]
    assert plan["command_window"]["is_example"] is True
    assert plan["filters_without_option"] == ["text", "highly available"]
    assert (len(plan["commands"]), plan["no_commands_because"], plan["warnings"]) == (7, None, [])
    plan = document(page, "update=gone&date=2020-01-07&hours=0900-1000")["regions"][0]["plan"]
    assert plan["command_window"] == {
        "date": "2020-01-07",
        "hours": "0900-1000",
        "time_zone": None,
        "is_planned": False,
        "is_example": False,
    }
    assert (plan["commands"], plan["no_commands_because"], plan["warnings"]) == (
        [],
        "they choose no update that a window takes here",
        ["it is over"],
    )
    planned = document(answers(small_survey(), LEDGER))["regions"][0]["plan"]
    assert planned["command_window"]["is_planned"] is True
    assert [line.split()[1] for line in planned["commands_for_planned_windows"]] == ["status", "defer", "cancel"]


def test_files_have_everybody_and_a_page_if_asked_for_one() -> None:
    instances = tuple(
        service_instance(f"guid-{number:03}", f"cache-{number:03}") for number in range(2 * PAGE_LENGTH + 1)
    )
    page = answers(survey(service_instances=instances))
    assert len(rows(page, "show=all")) == len(instances)
    assert [row["name"] for row in rows(page, "show=all&page=3")] == [instances[-1].name]
    assert rows(page, "show=all&page=4") == []
    found = document(page, "show=all&page=3")
    assert (found["page"], found["pages"], found["count"], len(found["instances"])) == (3, 3, len(instances), 1)


@pytest.mark.parametrize("name", [*HOSTILE_NAMES, "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "a;=1", "\uff1d1"])
def test_no_cell_is_a_formula_and_no_name_is_lost(name: str) -> None:
    """Whoever opens the CSV in a spreadsheet runs nothing of a tenant's."""
    one = service_instance("guid-1", name, org=name, space=name)
    page = answers(
        survey(
            service_updates=(service_update("redis-1"),),
            update_actions=(action("redis-1", one.replication_group_id),),
            replication_groups=(group_of(one),),
            service_instances=(one,),
        )
    )
    (row,) = rows(page)
    for cell in row.values():
        for part in cell.split(";"):
            assert not part.lstrip().startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r"))
    (found,) = document(page)["instances"]
    assert (found["name"], found["org"]["name"], found["space"]["name"]) == (name, name, name)


@pytest.mark.parametrize("path", PATHS)
def test_a_parameter_that_cannot_be_meant_is_refused(path: str) -> None:
    """In one line, with 400, wherever it is asked for, and before the first survey too."""
    for page in (answers(small_survey()), answers()):
        refused = asked(page, path, "region=mars")
        assert (refused.status, text_of(refused)) == (400, "region='mars': it has to be eu-west-1 (Ireland)\n")
        assert "Refresh" not in dict(refused.headers)


@pytest.mark.parametrize("path", PATHS)
def test_what_is_served_says_what_it_is(path: str) -> None:
    """Compressed for who wants it; nobody keeps it, and nothing else may run in it."""
    page = answers(small_survey())
    plain, packed = asked(page, path), asked(page, path, **{"accept-encoding": "br, gzip"})
    headers = dict(plain.headers)
    assert gzip.decompress(b"".join(packed.pieces)) == b"".join(plain.pieces)
    assert dict(packed.headers)["Content-Encoding"] == "gzip"
    assert packed.length == len(b"".join(packed.pieces))
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Content-Type"].endswith("; charset=utf-8")


def test_the_page_reloads_itself_once_there_is_something_new() -> None:
    """Soon while nothing is known; a file that reloaded itself would be saved again and again."""
    assert dict(asked(answers(), "/").headers)["Refresh"] == "15"
    page = answers(small_survey())
    assert dict(asked(page, "/").headers)["Refresh"] == "300"
    assert "Refresh" not in dict(asked(page, "/backlog.csv").headers)


def test_a_view_is_rendered_once_and_a_new_survey_shows_at_once() -> None:
    publication = Publication(EXPORTER, [REGION])
    page = PageAnswers(publication)
    status = replace(REGION, survey=small_survey(), surveys_count=1, last_duration_seconds=0.1)
    publication.publish(status)
    (first,) = asked(page, "/", "show=all").pieces
    (again,) = asked(page, "/", "show=all&page=1&text=").pieces
    assert first == again
    assert b"33 %" in first
    publication.publish(replace(status, survey=survey(), surveys_count=2))
    assert b"No tenant instances" in next(iter(asked(page, "/", "show=all").pieces))
