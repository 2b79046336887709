"""The backlog page at `/`: one HTML document without scripts or external assets."""

from datetime import UTC, datetime
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined

from exporter.backlog import overall_share, region_backlog
from exporter.publication import Publication

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def _ago(moment: datetime, now: datetime) -> str:
    """Roughly, in the largest unit that still says something."""
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


def backlog_page(publication: Publication, now: datetime | None = None) -> str:
    now = now or datetime.now(UTC)
    regions = [(status, region_backlog(status, now)) for status in publication.latest.statuses]
    backlogs = [backlog for _, backlog in regions if backlog is not None]
    return _template.render(
        now=now,
        facts=publication.facts,
        regions=regions,
        overall=overall_share(backlogs) if backlogs else None,
    )
