"""What the tests of a window's conduct ask of a simulated AWS and of what it was made to do."""

from collections import Counter
from datetime import date

from ledger.deferral import Deferral, Target
from notifier.apply.result import Conducted
from tests.notifier.apply.fleet_of import BEGIN, TOLD_AT, Row
from tests.notifier.apply.simulated_aws import SimulatedAws


def rows(count: int, **changes: object) -> tuple[Row, ...]:
    return tuple(Row(f"guid-{number}", **changes) for number in range(10, 10 + count))  # type: ignore[arg-type] # as the fields' own types


def outcomes(conducted: Conducted) -> dict[str, int]:
    return dict(Counter(group.outcome.value for group in conducted.groups))


def reasons(conducted: Conducted) -> list[str | None]:
    return [group.reason and group.reason.value for group in conducted.groups]


def starts(aws: SimulatedAws) -> list[tuple[str, ...]]:
    return [groups for kind, _, groups in aws.calls if kind == "start"]


def minutes(aws: SimulatedAws, row: Row) -> list[float]:
    return [(begun.at - BEGIN).total_seconds() / 60 for begun in aws.groups[row.group_id].begun]


def deferral(row: Row) -> Deferral:
    instance = row.instance
    who = (instance.guid, instance.name, instance.org_guid, instance.org_name)
    until = date(2026, 7, 1)
    return Deferral(1, "eu-west-1", Target.INSTANCE, *who, until, "Europe/London", None, "x", None, TOLD_AT, "ada")
