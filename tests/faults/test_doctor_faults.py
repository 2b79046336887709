"""`doctor` × every system that fails: a failed check with its remedy, and everything else examined all the same."""

import pytest

from fleet.patience import Patience, with_patience
from tests.faults.notifier_struck import faulty
from tests.faults.own_faults import Row
from tests.faults.platform import Platform
from tests.faults.table import RUNS
from tests.notifier.doctor_here import Found, doctor
from tests.notifier_here import Here

UNHURRIED = Patience(
    pause_factor=0.01,
    call_seconds=5.0,
    read_seconds=3.0,
    aws_read_seconds=3.0,
    aws_answer_seconds=4.0,
    acting_seconds=3.0,
    survey_seconds=10.0,
)
"""The others have to answer within it, all at once, on a machine that is busy."""
SECTIONS = {"elasticache": "aws", "sts": "aws", "uaa": "cloudfoundry"}
"""Under which doctor has the systems' checks, where it is not their own name."""
BELONGS = ("cloudfoundry", "belongs to AWS")
"""Asked only where both answer."""


@pytest.fixture(scope="module")
def good() -> dict[str, Found]:
    return {}


def outside(found: Found, section: str) -> set[tuple[str, str, str]]:
    rows = {(row["system"], row["check"], row["state"]) for row in found.rows if row["check"] != "clock"}
    return {row for row in rows if row[0] != section and row[:2] != BELONGS}


@pytest.mark.parametrize("row", RUNS["doctor"], ids=lambda row: row.id)
def test_a_system_that_fails_is_a_failed_check(
    row: Row, notifier: Here, platform: Platform, good: dict[str, Found]
) -> None:
    if not good:
        good["found"] = doctor(notifier)
        assert good["found"].ended.status == 0, good["found"].rows
    with faulty(platform, row, notifier), with_patience(UNHURRIED):
        found = doctor(notifier)
    assert "Traceback" not in found.ended.err
    assert found.ended.status == 1
    section = SECTIONS.get(row.system, row.system)
    failed = [each for each in found.rows if each["state"] == "failed"]
    assert {each["system"] for each in failed} == {section}
    assert all(each["remedy"] and len(each["detail"]) < 700 and each["detail"].isprintable() for each in failed)
    assert not [each for each in failed if "report this" in each["remedy"]]
    assert outside(found, section) == outside(good["found"], section)
    assert platform.updates.applied == 0
    assert not platform.inbox.accepted
