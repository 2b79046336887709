"""Each service update as people need to know it: how urgent, how long, and what AWS does by itself. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from exporter.page.rows import JoinedSurvey
from fleet.estimates import has_estimate, per_node
from fleet.inventory import ServiceUpdate

_SEVERITIES = ("critical", "important", "medium", "low")
_SECONDS_A_DAY = 86400
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class UpdateRow:
    update: ServiceUpdate
    aws_region: str
    waiting_instances: int
    waiting_groups: int
    under_way_groups: int
    scheduled_groups: int
    """Groups on which AWS will apply it by itself, and has not begun."""
    scheduled_since: datetime | None
    time_left: timedelta | None
    """Until the recommended apply-by date, negative once it has passed; None if AWS gives no date."""

    @property
    def deadline(self) -> str:
        """In whole days, of what is left as of what has passed."""
        if self.time_left is None:
            return "no date"
        days = abs(self.time_left) // _DAY
        if self.is_overdue:
            return f"{days} day{_s(days)} overdue" if days else "less than a day overdue"
        return f"{days} day{_s(days)} left" if days else "today"

    @property
    def is_overdue(self) -> bool:
        return self.time_left is not None and self.time_left < timedelta()

    @property
    def estimate(self) -> str:
        """In AWS's words; where they cannot be read, with what the notifier assumes."""
        said = self.update.estimated_update_time
        if has_estimate(self.update):
            return said
        assumed = f"{per_node(self.update) // _MINUTE} minutes per node are assumed"
        return f"{said} ({assumed})" if said else f"not given; {assumed}"

    @property
    def console_address(self) -> str:
        """AWS's own page about service updates in this region, for whoever may sign in."""
        region = self.aws_region
        domains = (domain for start, domain in _CONSOLES.items() if region.startswith(start))
        domain = next(domains, "console.aws.amazon.com")
        return f"https://{region}.{domain}/elasticache/home?region={quote(region)}#/service-updates"


_CONSOLES = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}
"""Of AWS's partitions, by how their regions' codes begin."""


def update_rows(joined: JoinedSurvey, now: datetime) -> tuple[UpdateRow, ...]:
    """First those that wait for somebody; of these overdue ones first, then by severity and date."""
    rows = [
        UpdateRow(
            update=update,
            aws_region=joined.survey.aws_region,
            waiting_instances=joined.waiting_instances.get(update.name, 0),
            waiting_groups=joined.waiting_groups.get(update.name, 0),
            under_way_groups=joined.under_way_groups.get(update.name, 0),
            scheduled_groups=joined.scheduled_groups.get(update.name, 0),
            scheduled_since=joined.scheduled_since.get(update.name),
            time_left=None if update.recommended_apply_by is None else update.recommended_apply_by - now,
        )
        for update in joined.survey.our_service_updates
    ]
    return tuple(sorted(rows, key=lambda row: (row.waiting_groups == 0, *urgency(row.update, now))))


def urgency(update: ServiceUpdate, now: datetime) -> tuple[bool, int, float, str]:
    """What sorts updates by how much they hurry: overdue first whatever the severity."""
    severity = update.severity.lower()
    rank = _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)
    days = days_left(update.recommended_apply_by, now)
    return days is None or days >= 0, rank, float("inf") if days is None else days, update.name


def ranks(updates: Iterable[ServiceUpdate], now: datetime) -> Mapping[str, int]:
    """By the update's name its place among all, from the most urgent one."""
    by_name = {update.name: update for update in updates}
    return {name: n for n, name in enumerate(sorted(by_name, key=lambda name: urgency(by_name[name], now)))}


def days_left(moment: datetime | None, now: datetime) -> int | None:
    """Rounded down, so that it is negative as soon as the moment has passed."""
    return None if moment is None else int((moment - now).total_seconds() // _SECONDS_A_DAY)


def _s(count: int) -> str:
    return "" if count == 1 else "s"
