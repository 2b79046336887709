"""The backlog page at `/`: one HTML document without scripts or external assets."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined

from exporter.backlog import overall, region_backlog
from exporter.collectors.surveys import ExporterFacts
from exporter.ledger_status import LedgerStatus
from exporter.plan import overall_plan, region_plan
from exporter.region_status import RegionStatus

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_FRESH_INTERVALS = 3
"""After so many poll intervals a survey counts as outdated, as in the recording rules."""


def _ago(moment: datetime, now: datetime) -> str:
    """The time since the moment, in the largest unit of which at least one has passed."""
    seconds = max(0, int((now - moment).total_seconds()))
    for unit, length_seconds in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if (count := seconds // length_seconds) > 0:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "less than a minute ago"


_environment = Environment(
    loader=DictLoader({"backlog.html": (files("exporter") / "templates" / "backlog.html").read_text(encoding="utf-8")}),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters["ago"] = _ago
_template = _environment.get_template("backlog.html")


def backlog_page(
    statuses: Sequence[RegionStatus], facts: ExporterFacts, now: datetime, ledger: LedgerStatus | None
) -> str:
    """`ledger` is None without LEDGER_URL."""
    regions = [(status, region_backlog(status, now)) for status in statuses]
    plans = [region_plan(status, ledger, now) for status in statuses]
    oldest = now - timedelta(seconds=_FRESH_INTERVALS * facts.poll_interval_seconds)
    return _template.render(
        now=now,
        facts=facts,
        regions=regions,
        plans=plans,
        overall=overall(regions, oldest),
        overall_plan=overall_plan(plans, facts.update_fraction_threshold),
        ledger=ledger,
    )
