"""The page's GET parameters: what they mean, what is refused, and that every view is a link."""

from dataclasses import fields
from datetime import date

import pytest

from exporter.page.query import KnownWords, QueryError, view_of
from exporter.page.view import Order, Show, View

KNOWN = KnownWords({"eu-west-1": "Ireland", "eu-west-2": "eu-west-2"}, {"critical", "Apocalyptic"}, {"new-type"})


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("region=mars", "region='mars': it has to be eu-west-1 (Ireland), eu-west-2"),
        ("colour=red", "'colour': no such parameter; there are region, org,"),
        ("=x", "'': no such parameter;"),
        ("severity=high", "severity='high': it has to be critical, important, medium, low, Apocalyptic"),
        (
            "type=patch",
            "type='patch': it has to be security-update, engine-update, engine-major-version-update, new-type",
        ),
        ("ha=maybe", "ha='maybe': it has to be yes or no"),
        ("ha=yes&ha=no", "ha is given twice, as 'yes' and 'no': choose one"),
        ("show=me", "show='me': it has to be waiting, schedulable, deferred, under-way, stopped, scheduled,"),
        (
            "sort=size",
            "sort='size': it has to be urgency, org, name, group, deferred, window, or one of them after a minus",
        ),
        ("sort=--org", "sort='--org': it has to be"),
        ("page=0", "page='0': it has to be a whole number from 1"),
        ("page=-1", "page='-1': it has to be"),
        ("page=1e3", "page='1e3': it has to be"),
        ("page=٣", "page='٣': it has to be"),
        ("page=99999999999999999999", "page='99999999999999999999': it has to be"),
        ("date=tomorrow", "date='tomorrow': it has to be a day such as 2026-06-16"),
        ("date=0001-01-01", "date='0001-01-01': it has to be"),
        ("date=20260616", "date='20260616': it has to be a day such as 2026-06-16"),
        ("date=2026-W25-2", "date='2026-W25-2': it has to be"),
        ("date=2026-06-31", "date='2026-06-31': it has to be"),
        ("date=2026-6-16", "date='2026-6-16': it has to be"),
        ("hours=1100-0900", "hours='1100-0900': it has to be a time range of one day, such as 0900-1100"),
        ("hours=0960-1100", "hours='0960-1100': it has to be"),
        ("text=" + "x" * 301, "text: it has 301 characters; 300 are the most"),
        ("&".join(f"org={n}" for n in range(51)), "there are more than 50 parameters: give fewer"),
        ("region=%1B%5B2J%0Ax%E2%80%AE", r"region='\x1b[2J x\u202e': it has to be"),
        ("org=x%15echo%0A", r"org='x\x15echo': it has to be a text without control characters"),
        ("update=%1B%5B201~", r"update='\x1b[201~': it has to be a text without"),
        ("text=a%7F", r"text='a\x7f': it has to be"),
        ("var-org=a%C2%9Bb", r"org='a\x9bb': it has to be"),
        ("var-region=mars", "region='mars': it has to be eu-west-1 (Ireland), eu-west-2"),
        ("var-update=" + "x" * 301, "update: it has 301 characters"),
        ("ha=%FF%00", r"ha='�\x00': it has to be yes or no"),
    ],
)
def test_what_cannot_be_meant_is_one_line(query: str, line: str) -> None:
    """With the parameter, the value in printable form, and what would do."""
    with pytest.raises(QueryError) as refused:
        view_of(query, KNOWN)
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


def test_several_values_are_any_of_them_and_empty_ones_are_none() -> None:
    """Forms send empty values for what was left open."""
    assert view_of("severity=low&severity=CRITICAL&severity=low&org=&text=&ha=&update=&page=", KNOWN) == View(
        severities=("low", "critical")
    )


@pytest.mark.parametrize(
    ("query", "view"),
    [
        ("var-region=eu-west-1&var-region=eu-west-2", View(regions=("eu-west-1", "eu-west-2"))),
        ("var-org=a%20b&var-org=c", View(orgs=("a b", "c"))),
        ("var-update=redis-1&update=redis-2&var-update=redis-2", View(updates=("redis-1", "redis-2"))),
        ("var-severity=LOW&var-type=new-type", View(severities=("low",), types=("new-type",))),
        ("var-region=$__all&var-org=All&var-update=.*", View()),
        ("var-datasource=prometheus&var-page=x&var-show=all&var-region=&show=under-way", View(show=Show.UNDER_WAY)),
        ("org=All&update=.*", View(orgs=("All",), updates=(".*",))),
    ],
)
def test_the_dashboards_own_spelling_means_the_same_filters(query: str, view: View) -> None:
    """As Grafana writes its variables into links: all of a variable is no filter, and those of others mean nothing."""
    assert view_of(query, KNOWN) == view


def test_an_org_that_is_there_may_have_any_name() -> None:
    """Only a link that somebody made up has other control characters."""
    known = KnownWords({}, has_org={"line one\nline two"}.__contains__)
    assert view_of("org=line%20one%0Aline%20two", known).orgs == ("line one\nline two",)
    with pytest.raises(QueryError):
        view_of("org=line%20one%0Aline%20three", known)


def test_a_region_may_be_named() -> None:
    assert view_of("region=ireland&region=EU-WEST-2", KNOWN).regions == ("eu-west-1", "eu-west-2")


def test_every_view_is_a_link() -> None:
    """Whatever the fields hold: reading the link back gives the same view."""
    full = View(
        regions=("eu-west-1", "eu-west-2"),
        orgs=('a&b="c"', "=cmd|' /C calc'!A0", "café ☕"),
        updates=("redis-1",),
        severities=("Apocalyptic",),
        types=("new-type",),
        is_highly_available=False,
        text="<script>%41+x y</script>",
        show=Show.DEFERRED,
        order=Order.WINDOW,
        is_descending=True,
        page=7,
        window_date=date(2026, 6, 16),
        window_hours="0900-1100",
    )
    plain = View()
    assert all(getattr(full, field.name) != getattr(plain, field.name) for field in fields(View))
    assert view_of(full.link(page=7).removeprefix("?"), KNOWN) == full
    assert plain.link() == "?"
