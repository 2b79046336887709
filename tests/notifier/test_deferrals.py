"""Deferrals: which of them counts, for which windows, whom an operator means, and what is unwise."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from fleet.errors import ConfigurationError
from ledger.deferral import Deferral, Target, longest
from notifier.deferrals import counting, covered_instances, deferral_warnings, until_day
from notifier.instance_names import named_instance, named_org
from notifier.window import maintenance_window
from tests.builders import action, service_instance, service_update, survey

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
WINDOW = maintenance_window("2026-06-16", "0900-1100", LONDON)
LATER = maintenance_window("2026-06-30", "0900-1100", LONDON)
CACHE = service_instance("guid-1", "cache", org="a")
OTHER = service_instance("guid-10", "cache", org="b")


def deferral(id_: int = 1, **changes: object) -> Deferral:
    facts: dict[str, object] = {
        "aws_region": "eu-west-1",
        "target": Target.INSTANCE,
        "guid": CACHE.guid,
        "name": CACHE.name,
        "org_guid": CACHE.org_guid,
        "org_name": CACHE.org_name,
        "until": None,
        "time_zone": "Europe/London",
        "window_key": None,
        "reason": "election",
        "ticket": None,
        "added_at": NOW,
        "added_by": "ada",
    }
    return Deferral(id_, **(facts | changes))  # type: ignore[arg-type] # fields by name


def of_org(id_: int = 1, **changes: object) -> Deferral:
    return deferral(id_, target=Target.ORG, guid=CACHE.org_guid, name=CACHE.org_name, **changes)


@pytest.mark.parametrize(
    ("wish", "is_left_alone"),
    [
        (deferral(until=date(2026, 6, 17)), True),
        (deferral(until=date(2026, 6, 16)), False),  # from that day on it may be updated
        (deferral(until=date(2026, 6, 16), time_zone="America/New_York"), False),
        (deferral(until=date(2026, 6, 17), time_zone="Pacific/Auckland"), True),
        (deferral(until=date(2026, 6, 16), time_zone="Pacific/Auckland"), False),
        (deferral(window_key=WINDOW.key), True),
        (deferral(window_key=LATER.key), False),
        (of_org(until=date(2026, 6, 17)), True),
        (deferral(guid=OTHER.guid, until=date(2027, 1, 1)), False),
        (deferral(until=date(2027, 1, 1), ended_at=NOW, ended_by="bob"), False),
    ],
)
def test_a_window_leaves_alone_whoever_asked_for_it(wish: Deferral, *, is_left_alone: bool) -> None:
    """Until a day means every window that begins before that day, where it was asked for; skipping means this one."""
    assert (CACHE.guid in counting([wish], [CACHE, OTHER], WINDOW)) is is_left_alone


def test_of_several_the_longest_counts() -> None:
    """An org's beside an instance's own; the one that skips a later window does not cover this one."""
    short, long = deferral(1, until=date(2026, 6, 20)), of_org(2, until=date(2026, 7, 1))
    skip, elsewhere = deferral(3, window_key=WINDOW.key), deferral(4, window_key=LATER.key)
    assert counting([long, short, skip, elsewhere], [CACHE], WINDOW) == {CACHE.guid: long}
    assert counting([short, skip, elsewhere], [CACHE], WINDOW) == {CACHE.guid: short}
    assert longest([short, elsewhere]) == elsewhere
    assert longest([]) is None


def test_an_orgs_deferral_is_about_the_instances_that_it_has_now() -> None:
    newcomer = service_instance("guid-2", "new", org="a")
    wish = of_org(until=date(2026, 7, 1))
    assert covered_instances(wish, [OTHER, newcomer, CACHE]) == [CACHE, newcomer]
    assert counting([wish], [newcomer], WINDOW) == {newcomer.guid: wish}


def test_how_long_a_deferral_lasts_goes_by_its_own_time_zone() -> None:
    """Until the start of the day there, or the end of the window that it skips."""
    assert deferral(until=date(2026, 7, 1)).lasts_until.astimezone(UTC) == datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert deferral(window_key=WINDOW.key).lasts_until == WINDOW.ends_at


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-06-01", "--until '2026-06-01' lies in the past"),  # today defers nothing
        ("2026-05-31", "--until '2026-05-31' lies in the past"),
        ("June", "--until 'June': not a date; write it as 2026-07-01"),
        ("2026-02-30", "--until '2026-02-30': not a date; write it as 2026-07-01"),
    ],
)
def test_a_day_that_defers_nothing_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        until_day(text, LONDON, NOW)
    assert str(refused.value) == said


def test_tomorrow_is_a_day_to_defer_until() -> None:
    assert until_day("2026-06-02", LONDON, NOW) == date(2026, 6, 2)


@pytest.mark.parametrize("text", ["guid-1", "a/space/cache", "a/b/c"])
def test_an_instance_is_meant_by_guid_or_long_name(text: str) -> None:
    """Names may hold slashes: the whole is compared."""
    slashes = service_instance("guid-3", "c", org="a", space="b")
    found = named_instance(text, [CACHE, OTHER, slashes])
    assert found == (slashes if text == "a/b/c" else CACHE)


def test_a_name_that_one_instance_has_is_enough() -> None:
    assert named_instance("queue", [CACHE, service_instance("guid-4", "queue")]).guid == "guid-4"


def test_a_name_that_several_have_is_refused_with_all_of_them() -> None:
    third = service_instance("guid-5", "cache", org="c")
    with pytest.raises(ConfigurationError) as refused:
        named_instance("cache", [OTHER, CACHE, third])
    assert str(refused.value) == (
        "3 instances are called 'cache': a/space/cache, b/space/cache, c/space/cache; use one of these names"
    )


def test_instances_that_look_alike_even_so_are_told_apart_by_guid() -> None:
    twins = [
        service_instance("guid-6", "b/c", org="o", space="a"),
        service_instance("guid-7", "c", org="o", space="a/b"),
    ]
    with pytest.raises(ConfigurationError, match=r"2 instances .*: guid-6, guid-7; use one"):
        named_instance("o/a/b/c", twins)


def test_a_name_that_is_another_ones_long_name_is_not_proposed() -> None:
    """It would be refused again."""
    posing = service_instance("guid-8", "a/space/cache", org="evil")
    with pytest.raises(ConfigurationError, match=r"2 instances .*: evil/space/a/space/cache, guid-1; use one"):
        named_instance("a/space/cache", [CACHE, posing])
    with pytest.raises(ConfigurationError, match=r"2 instances .*: b/space/cache, guid-1; use one"):
        named_instance("cache", [CACHE, OTHER, posing])


def test_what_nobody_has_is_refused_with_what_may_be_meant() -> None:
    with pytest.raises(ConfigurationError, match=r"INSTANCE 'cahce': no instance .* did you mean 'cache'"):
        named_instance("cahce", [CACHE])
    with pytest.raises(ConfigurationError, match="--org 'x': no org"):
        named_org("x", [CACHE])


def test_an_org_is_meant_by_name_or_guid() -> None:
    assert named_org("a", [CACHE, OTHER]) == named_org(CACHE.org_guid, [CACHE, OTHER]) == (CACHE.org_guid, "a")


def test_warnings_say_what_speaks_against_it() -> None:
    """The recommended date, what AWS does by itself, and what has begun already; majors are nobody's hurry."""
    updates = (
        service_update("due"),
        service_update("forced", auto_update_after_recommended_apply_by=True),
        service_update("later", recommended_apply_by=datetime(2026, 9, 1, tzinfo=UTC)),
        service_update("major", type="engine-major-version-update"),
        service_update("running"),
    )
    group = CACHE.replication_group_id
    actions = [
        action(update.name, group, "in-progress" if update.name == "running" else "not-applied") for update in updates
    ]
    fleet = survey(
        service_updates=updates,
        update_actions=(*actions, action("due", OTHER.replication_group_id)),
        service_instances=(CACHE, OTHER),
    )
    assert deferral_warnings(deferral(until=date(2026, 7, 1)), fleet) == [
        "a/space/cache: update due should be applied by 15 June 2026, before the deferral ends",
        (
            "a/space/cache: update forced should be applied by 15 June 2026, before the deferral ends;"
            " AWS applies it by itself after that day, whatever is deferred"
        ),
        "a/space/cache: update running is under way already; this does not stop it",
    ]
    assert deferral_warnings(deferral(until=date(2026, 6, 10)), fleet)[:-1] == []
