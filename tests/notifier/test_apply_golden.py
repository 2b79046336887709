"""
What people read of an apply, kept as files: the plan, the live view, the lines, the report, and its JSON.

`UPDATE_GOLDEN=1 pytest tests/notifier/test_apply_golden.py` writes them anew.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fleet.inventory import ServiceInstance
from ledger.deferral import Deferral
from ledger.run import Run
from ledger.who_was_told import Notice, Told
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import Plan
from notifier.apply.result import planned_groups
from notifier.apply.surroundings import Wish
from notifier.maintenance import Maintenance
from notifier.reports.apply_changes import change_text
from notifier.reports.apply_document import ApplyReport, apply_json
from notifier.reports.apply_live import live_lines
from notifier.reports.apply_plan_text import plan_text, stop_text
from notifier.reports.apply_report_text import report_text
from tests.builders import service_update
from tests.notifier.apply.fleet_of import BEGIN, TOLD_AT, UPDATE, WINDOW, Row, told
from tests.notifier.apply.simulated_aws import SimulatedAws, simulated
from tests.notifier.apply.test_plan import deferral
from tests.notifier.apply.window_run import WindowRun

GOLDEN = Path(__file__).parent / "golden"
MAINTENANCE = Maintenance("Ireland", "eu-west-1", WINDOW)
MAJOR = service_update("redis-8-major", type="engine-major-version-update")
NEWER = service_update("redis-2", released_at=TOLD_AT + timedelta(days=2), estimated_update_time="about 1 hour")
OPTIONS = ApplyOptions(canaries=1, max_in_flight=2, max_failures=1)
PROGRAM = ("elasticache-update-notifier", "apply")
ARGUMENTS = (*PROGRAM, "--region", "Ireland", "--maintenance-window-date", "Tuesday 16 June 2026", "--yes")
RUN = Run(1, "apply", "jumpbox-1", BEGIN, "ada")


NAMES = {
    "guid-12": ("カナリア倉庫", "本番"),
    "guid-13": ("a name\nin two lines", "staging"),
    "guid-14": ("q" * 70, "s"),
}


class NamedRow(Row):
    """A row whose instance has names that tenants chose."""

    @property
    def instance(self) -> ServiceInstance:
        name, space = NAMES.get(self.guid, (f"cache-{self.guid}", "production"))
        return replace(super().instance, name=name, space_name=space)


ROWS = (
    NamedRow("guid-11", nodes=2),
    NamedRow("guid-12", nodes=3),
    NamedRow("guid-13"),
    NamedRow("guid-14", update="redis-2"),
    NamedRow("guid-15", nodes=11),
    NamedRow("guid-21", org="patient"),
    NamedRow("guid-22", org="silent"),
    NamedRow("guid-23", org="newcomers"),
    NamedRow("guid-24", group_status="snapshotting"),
    NamedRow("guid-25", status="in-progress"),
    NamedRow("guid-26", status="scheduling"),
    NamedRow("guid-27", update="redis-8-major"),
    NamedRow("guid-28", is_claimed=False),
    NamedRow("guid-29", nodes=13),
)
BY_GUID = {row.guid: row for row in ROWS}


def situation() -> WindowRun:
    """One group for each reason to be left alone, and one of each outcome."""
    aws: SimulatedAws = simulated(*ROWS)
    aws.region = replace(aws.region, updates=(UPDATE, NEWER, MAJOR))
    newcomer = Notice(BY_GUID["guid-23"].instance.org_guid, frozenset({"another"}), TOLD_AT)
    silent = {"guid-22", "guid-23"}
    informed = told(*(row for row in ROWS if row.guid not in silent))
    window = WindowRun(aws, OPTIONS, told=Told((*informed.notices, newcomer)))
    window.deferrals = [_of(BY_GUID["guid-21"])]
    aws.groups[BY_GUID["guid-13"].group_id].fate = "stops"
    aws.groups[BY_GUID["guid-15"].group_id].seconds = 6900
    return window


def _of(row: Row) -> Deferral:
    return deferral(row)


def plan() -> Plan:
    return situation().plan()


def planned_report(made: Plan) -> ApplyReport:
    return ApplyReport(MAINTENANCE, OPTIONS, planned_groups(made), "000000000000")


def done() -> ApplyReport:
    window = situation()
    conducted = window.run()
    return ApplyReport(
        maintenance=MAINTENANCE,
        options=replace(OPTIONS, outside_window_reason="it's urgent"),
        groups=conducted.groups,
        account="000000000000",
        run=RUN,
        ended_at=window.aws.now,
        halted_by=conducted.halted_by,
        still_listed=[(BY_GUID["guid-11"].group_id, "redis-8-major")],
        newer_updates=["redis-9"],
    )


def view() -> str:
    window = situation()
    window.run()
    picture = next(p for p in window.pictures if sum(task.phase == "under_way" for task in p.tasks) > 1)
    lines = live_lines(picture, MAINTENANCE, picture.at + timedelta(seconds=90), Wish.GO_ON, (80, 24))
    return "".join(f"{line}\n" for line in lines)


def changes() -> str:
    window = situation()
    window.run()
    found = [change_text(task, p.at, WINDOW.zone) for p in window.pictures for task in p.changes]
    return "".join(f"{line}\n" for line in found)


WRITTEN: dict[str, Callable[[], str]] = {
    "apply-plan-on-80-columns": lambda: plan_text(plan(), planned_report(plan()), 80),
    "apply-plan": lambda: plan_text(plan(), planned_report(plan()), None),
    "apply-dry-run": lambda: report_text(planned_report(plan()), (*ARGUMENTS, "--dry-run")),
    "apply-dry-run.json": lambda: apply_json(planned_report(plan())),
    "apply-view-on-80-columns": view,
    "apply-changes": changes,
    "apply-report": lambda: report_text(done(), ARGUMENTS),
    "apply-report.json": lambda: apply_json(done()),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_people_and_programs_read(name: str) -> None:
    """Byte for byte; the same values always give the same bytes."""
    written = WRITTEN[name]()
    assert written == WRITTEN[name]()
    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / name).write_text(written, newline="")
    assert written == (GOLDEN / name).read_text()


def test_a_stop_says_what_may_be_under_way_and_what_it_does_not_undo() -> None:
    window = situation()
    window.run()
    made = window.plan()
    text = stop_text(replace(made, steps=(), skips=()), planned_report(made), None)
    assert "Nodes under way are finished; updated nodes stay updated; stopped groups still wait." in text
    nothing = stop_text(replace(made, earlier=(), steps=(), skips=()), planned_report(made), None)
    assert "Nothing is under way." in nothing
    others = replace(made, earlier=(), steps=(), skips=(), warnings=("others may be",))
    assert "Nothing of what was chosen is under way.\nwarning: others may be" in stop_text(
        others, planned_report(made), None
    )


def test_a_view_is_never_taller_than_the_terminal() -> None:
    """It says how many it does not show."""
    rows = tuple(Row(f"guid-{number}") for number in range(100, 160))
    window = WindowRun(simulated(*rows), ApplyOptions(canaries=0, max_in_flight=60))
    window.run()
    lines = live_lines(window.pictures[0], MAINTENANCE, BEGIN, Wish.STOP, (80, 24))
    assert len(lines) <= 24
    assert "more under way" in lines[-1]
    assert all(len(line) <= 80 for line in lines)


def gone_on(ended_at: datetime, called_off: str | None = None) -> str:
    """The end of the report on a window that was not finished."""
    window = situation()
    window.wish = Wish.START_NO_MORE
    groups = (*done().groups, *window.run().groups)
    report = replace(done(), options=OPTIONS, groups=groups, ended_at=ended_at, called_off=called_off)
    return report_text(report, ARGUMENTS).partition("Released since the plan")[2].partition("\n")[2]


def test_the_report_never_ends_with_a_command_that_would_be_refused() -> None:
    """After the window a reason is needed, and no reason helps once the window is called off."""
    within = gone_on(ended_at=WINDOW.ends_at - timedelta(minutes=1))
    assert "\nTo go on:\n" in within
    assert "--outside-window" not in within
    after = gone_on(ended_at=WINDOW.ends_at)
    assert "\nTo go on outside of the window, which is over, once that is agreed:\n" in after
    assert after.count("--outside-window REASON") == after.count("elasticache-update-notifier apply") == 2
    called_off = gone_on(ended_at=WINDOW.ends_at, called_off="the window was moved; give that one")
    assert called_off.startswith("\nNo more can be begun: the window was moved; give that one.\n")
    assert "elasticache-update-notifier apply" not in called_off
