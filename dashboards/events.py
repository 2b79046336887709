"""What is marked on every panel over time: releases, maintenance windows and alerts."""

from dataclasses import dataclass

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery

from dashboards.panels import DATASOURCE
from dashboards.queries import date, window


@dataclass(frozen=True)
class Event:
    name: str
    color: str
    expression: str
    title: str
    text: str
    tags: str = "aws_region,aws_account_id"
    """Labels that are shown where there are any."""
    is_moment: bool = False
    """True if the value is the moment of the event, in milliseconds; else it lasts while the value is above 0."""

    @property
    def query(self) -> AnnotationQuery:
        return (
            AnnotationQuery()
            .name(self.name)
            .datasource(DATASOURCE)
            .enable(enable=True)
            .icon_color(self.color)
            .expr(self.expression)
        )

    @property
    def beyond_the_schema(self) -> dict[str, object]:
        """What Grafana's Prometheus data source reads of an annotation, and this version of the schema leaves open."""
        return {
            "titleFormat": self.title,
            "textFormat": self.text,
            "tagKeys": self.tags,
            "useValueForTime": self.is_moment,
            "step": "10m" if self.is_moment else "1m",
        }


EVENTS = (
    Event(
        "Releases",
        "purple",
        f"1000 * {date('release')}",
        "{{elasticache_service_update}}",
        "released by AWS in {{aws_region}}",
        is_moment=True,
    ),
    Event(
        "Planned windows",
        "blue",
        f"1000 * {window('start')}",
        "{{maintenance_window}}",
        "window begins in {{aws_region}}",
        is_moment=True,
    ),
    Event(
        "Open windows",
        "light-blue",
        f"{window('start')} <= time()",
        "{{maintenance_window}}",
        "window is open in {{aws_region}}",
    ),
    Event(
        "Alerts",
        "red",
        "max by (alertname, severity, aws_region, aws_account_id, elasticache_service_update, instance)"
        ' (ALERTS{alertname=~"ElastiCache.+",alertstate="firing",aws_region=~"$region|",'
        'aws_account_id=~"$account|"})',
        "{{alertname}}",
        "{{severity}}",
        "aws_region,aws_account_id,elasticache_service_update,instance",
    ),
)
