"""How many of the instances wait, in a region and over all of them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from exporter.region_status import RegionStatus
from fleet.survey import Survey


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the instances have at least one update waiting."""

    waiting: int
    instances: int

    @property
    def fraction(self) -> float:
        return self.waiting / self.instances if self.instances else 0.0

    @property
    def percent(self) -> str:
        """A whole number that says 0 or 100 only if that is exact, because people act on those two."""
        if 0 < self.fraction < 0.01:  # noqa: PLR2004 — one per cent
            return "<1"
        if 0.99 < self.fraction < 1:  # noqa: PLR2004 — ninety-nine per cent
            return ">99"
        return f"{self.fraction:.0%}".removesuffix("%")


@dataclass(frozen=True, slots=True)
class Overall:
    """Totals over all regions that have ever been surveyed."""

    share: Share
    unclaimed_groups: int
    """How many replication groups have an update waiting and belong to no tenant."""
    unknown_regions: tuple[str, ...]
    """Names of the regions that have never been surveyed."""
    outdated_regions: tuple[str, ...]
    """Names of the regions in which no survey has succeeded lately."""

    @property
    def is_all_clear(self) -> bool:
        """True if nothing waits, every region was surveyed lately, and there are instances at all."""
        doubts = self.unclaimed_groups or self.unknown_regions or self.outdated_regions
        return self.share.instances > 0 and not self.share.waiting and not doubts


def share(survey: Survey) -> Share:
    return Share(len(survey.waiting_instance_guids), len(survey.service_instances))


def overall(statuses: Sequence[RegionStatus], oldest: datetime) -> Overall | None:
    """None until a survey of some region has succeeded. Surveys from before `oldest` are outdated."""
    known = [status.survey for status in statuses if status.survey is not None]
    if not known:
        return None
    return Overall(
        share=Share(
            sum(len(survey.waiting_instance_guids) for survey in known),
            sum(len(survey.service_instances) for survey in known),
        ),
        unclaimed_groups=sum(len(survey.unclaimed_group_ids) for survey in known),
        unknown_regions=tuple(status.region_name for status in statuses if status.survey is None),
        outdated_regions=tuple(
            status.region_name
            for status in statuses
            if status.survey is not None and (status.last_failure or status.survey.taken_at < oldest)
        ),
    )
