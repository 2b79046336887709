"""The numbers in the rules that somebody may want otherwise: where each stands, in expressions and in words."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Threshold:
    """`places` are what surrounds the number, `(#)`. Each is found in each of the alerts, always with one number."""

    name: str
    meaning: str
    alerts: tuple[str, ...]
    places: tuple[str, ...]

    def pattern(self, place: str) -> re.Pattern[str]:
        before, after = place.split("(#)")
        return re.compile(f"(?<={re.escape(before)})\\d+(?:\\.\\d+)?(?={re.escape(after)})")


THRESHOLDS = (
    Threshold(
        "dueSoonDays",
        "so many days before the apply-by date an alert asks for a window",
        ("ElastiCacheUpdateDueSoon",),
        ("< (#) * 86400", "within (#) days"),
    ),
    Threshold(
        "dueInDays",
        "and so many days before it, more urgently",
        ("ElastiCacheUpdateDueInDays",),
        ("< (#) * 86400", "within (#) days"),
    ),
    Threshold(
        "deferredPastDateDays",
        "so many days before the date it is told once who waits past it; three hold a working day even at a weekend",
        ("ElastiCacheUpdateDeferredPastDate",),
        ("< (#) * 86400", "less than (#) days"),
    ),
    Threshold(
        "aboutToBeAppliedDays",
        "so many days before AWS may apply an update by itself",
        ("ElastiCacheUpdateAboutToBeAppliedByAws",),
        ("< (#) * 86400", "less than (#) days"),
    ),
    Threshold(
        "releasedDays",
        "so many days a release is news",
        ("ElastiCacheUpdateReleased",),
        ("< (#) * 86400",),
    ),
    Threshold(
        "stuckTimesEstimate",
        "an update is stuck after so many times AWS's estimate",
        ("ElastiCacheUpdateStuck",),
        ("(#) * (", "more than (#) times"),
    ),
    Threshold(
        "stuckEstimateSeconds",
        "AWS's estimate where it gives none, in seconds",
        ("ElastiCacheUpdateStuck",),
        ("+ (#)\n",),
    ),
    Threshold(
        "stoppedPagesHours",
        "so many hours after an update was under way, its having been stopped pages at any hour",
        ("ElastiCacheUpdateStoppedHalfWay",),
        ("[(#)h]", "or (#) hours", "last (#) hours"),
    ),
    Threshold(
        "quotaShare",
        "the share of a quota, from 0 to 1, above which somebody should ask for more",
        ("ElastiCacheNodesNearQuota", "ElastiCacheParameterGroupsNearQuota"),
        ("> (#)\n",),
    ),
    Threshold(
        "failingShare",
        "the share of an exporter's surveys, from 0 to 1, above which they mostly fail",
        ("ElastiCacheUpdateExporterFailing",),
        ("> (#)\n",),
    ),
)


def thresholds_of(alert: str) -> Iterable[Threshold]:
    return (threshold for threshold in THRESHOLDS if alert in threshold.alerts)


def numbers(texts_by_alert: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """
    By name, the number that each threshold has in these texts of alerts: their expressions and their words.

    Raises ValueError where a place is missing, or two places have different numbers.
    """
    texts: dict[str, list[str]] = {}
    for alert, text in texts_by_alert:
        texts.setdefault(alert, []).append(text)
    found = {}
    for threshold in THRESHOLDS:
        there = {
            (alert, place): threshold.pattern(place).findall("\0".join(texts.get(alert, ())))
            for alert in threshold.alerts
            for place in threshold.places
        }
        if missing := [where for where, listed in there.items() if not listed]:
            raise ValueError(f"{threshold.name}: alerts/thresholds.py looks for it where there is none: {missing}")
        if len(different := {number for listed in there.values() for number in listed}) > 1:
            raise ValueError(f"{threshold.name}: the rules say {sorted(different)}; make it one number everywhere")
        found[threshold.name] = different.pop()
    return found
