"""The page at `/`: one HTML document without scripts or external assets."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined

from exporter.page.backlog import overall, share
from exporter.page.choice import Choice
from exporter.page.commands import left_out_filters
from exporter.page.duration import DEFAULT_MAX_IN_FLIGHT
from exporter.page.listing import listing_page, short_window
from exporter.page.overall import overall_plan
from exporter.page.plan import region_plan
from exporter.page.query import SEVERITIES, TYPES
from exporter.page.updates import days_left
from exporter.page.view import Order, Show, View
from fleet.printable import visible

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_FRESH_INTERVALS = 3
"""After so many poll intervals a survey counts as outdated, as in the recording rules."""
_MOST_UPDATES = 40
_MOST_UNJOINED = 50
"""Longer lists are cut, so that the page stays small; the JSON has all."""

SHOWN = {
    Show.WAITING: "with an update waiting",
    Show.SCHEDULABLE: "that a window could take",
    Show.DEFERRED: "that are deferred",
    Show.UNDER_WAY: "with an update under way",
    Show.STOPPED: "with an update stopped half-way",
    Show.SCHEDULED: "with an update that AWS will apply by itself",
    Show.UNKNOWN: "whose group AWS does not know",
    Show.ALL: "all",
}


def _ago(moment: datetime, now: datetime) -> str:
    """The time since the moment, in the largest unit of which at least one has passed."""
    seconds = max(0, int((now - moment).total_seconds()))
    for unit, length_seconds in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if (count := seconds // length_seconds) > 0:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "less than a minute ago"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"


def _counted(count: int, one: str, several: str = "") -> str:
    """Such as `1 instance` or `1,200 instances`."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def _templates() -> Mapping[str, str]:
    folder = files("exporter") / "templates"
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".html")}


_environment = Environment(
    loader=DictLoader(_templates()),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(
    ago=_ago, day=_day, counted=_counted, short_window=short_window, days_left=days_left, share=share
)
_environment.globals.update(
    most_updates=_MOST_UPDATES, most_unjoined=_MOST_UNJOINED, shown=SHOWN, max_in_flight=DEFAULT_MAX_IN_FLIGHT
)
_template = _environment.get_template("backlog.html")


def backlog_page(choice: Choice) -> str:
    facts = choice.facts
    oldest = facts.now - timedelta(seconds=_FRESH_INTERVALS * facts.exporter.poll_interval_seconds)
    return _template.render(
        facts=facts,
        now=facts.now,
        view=choice.view,
        links=_order_links(choice),
        plans=[region_plan(choice, region) for region in choice.regions],
        overall=overall(facts.statuses, oldest),
        overall_plan=overall_plan(facts),
        listing=listing_page(choice),
        is_known=choice.is_known,
        unsurveyed=choice.unsurveyed,
        has_form=bool(facts.regions or choice.view.parameters),
        left_out=left_out_filters(choice.view),
        gone=_gone(choice),
        blank=View(),
        severities=_words(SEVERITIES, facts.known_words.severities),
        types=_words(TYPES, facts.known_words.types),
        chosen_orgs=_chosen_orgs(choice),
        has_unjoined=any(r.survey.unclaimed_group_ids or r.survey.unknown_instances for r in facts.regions),
    )


def _order_links(choice: Choice) -> Mapping[str, tuple[str, str]]:
    """For each order the link that sorts by it, the other way round where it is sorted so already, and `aria-sort`."""
    view, links = choice.view, {}
    for order in Order:
        is_this = view.order is order
        is_descending = is_this and not view.is_descending
        now = ("descending" if view.is_descending else "ascending") if is_this else ""
        links[order.value] = view.link(order=order, is_descending=is_descending), now
    return links


def _words(usual: Sequence[str], used: Iterable[str]) -> Sequence[str]:
    """The usual ones, and what AWS uses beside them."""
    return (*usual, *sorted(word for word in used if word and word.lower() not in usual))


def _chosen_orgs(choice: Choice) -> Mapping[str, str]:
    """By what the form sends the name of each org that the filters choose: a browser would change a name's newlines."""
    guids = {guid for orgs in choice.orgs.values() for found in orgs.values() for guid in found}
    rows = (row for region in choice.regions for row in region.rows) if guids else ()
    names = {row.instance.org_guid: row.instance.org_name for row in rows if row.instance.org_guid in guids}
    found: dict[str, str] = {}
    for org in choice.view.orgs:
        by_guid = {} if visible(org) == org else {guid: name for guid, name in names.items() if name == org}
        found.update(by_guid or {org: names.get(org, visible(org))})
    return found


def _gone(choice: Choice) -> Sequence[str]:
    """What the filters name and no region has: an old link may name an org or an update that is no more."""
    if not choice.facts.regions:
        return ()
    updates = {update.name for update in choice.facts.updates}
    found = [f"update {visible(name)}" for name in choice.view.updates if name not in updates]
    if choice.view.orgs:
        orgs = {name for found in choice.orgs.values() for name in found}
        word = choice.facts.statuses[0].words.org_in_short
        found += [f"{word} {visible(name)}" for name in choice.view.orgs if name not in orgs]
    return found
