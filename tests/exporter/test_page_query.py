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
        ("show=me", "show='me': it has to be waiting, schedulable, deferred, under-way, unknown, all"),
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
        ("hours=1100-0900", "hours='1100-0900': it has to be a time range of one day, such as 0900-1100"),
        ("hours=0960-1100", "hours='0960-1100': it has to be"),
        ("text=" + "x" * 301, "text: it has 301 characters; 300 are the most"),
        ("&".join(f"org={n}" for n in range(51)), "there are more than 50 parameters: give fewer"),
        ("region=%1B%5B2J%0Ax%E2%80%AE", r"region='\x1b[2J x\u202e': it has to be"),
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
