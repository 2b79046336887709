"""Every state of every step, from the ledger's facts and a survey alone."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger.deferral import Target
from ledger.incident_record import IncidentState
from ledger.mail_record import Kind
from ledger.mail_record import State as MailState
from ledger.update_record import UpdateState
from ledger.window_record import WindowState
from notifier.checklist.checklist import checklist
from notifier.checklist.facts import Facts
from notifier.checklist.step import Step
from notifier.window import later_window
from tests import builders
from tests.notifier.checklist.facts_of import (
    ADA,
    BEFORE,
    BO,
    DEAD_RUN,
    OPEN,
    OVER,
    TOLD_AT,
    WINDOW,
    A,
    B,
    deferral,
    facts,
    incident,
    mail,
    step,
    survey,
    telling,
    update,
    window,
)

LATER = later_window("Thursday 18 June 2026", "0900-1100", WINDOW, ("--date", "--range"))
CANCELLED = window(WindowState.CANCELLED)
MOVED = window(WindowState.MOVED, LATER.key)
DONE = (update(A), update(B))


def test_the_steps_come_in_the_runbooks_order() -> None:
    names = [step.name for step in checklist(facts())]
    assert names == ["chosen", "told", "status_page", "deferrals", "applied", "left_over"]


CHOSEN = {
    "known": (facts(), "done", "it has not begun; first recorded by email"),
    "open now": (facts(OPEN), "done", "it is open now"),
    "over": (facts(OVER), "done", "it is over"),
    "not known": (facts(window=None, mails=()), "open", "the ledger does not know this window"),
    "cancelled": (facts(window=CANCELLED), "problem", "was cancelled"),
    "moved": (facts(window=MOVED), "problem", "it takes place on Thursday 18 June 2026 between 09:00 and 11:00"),
    "unwise": (facts(warnings=["it is a bank holiday"]), "done", "it has not begun"),
}
TOLD = {
    "everybody": (facts(), "done", "orgs told: 2; mails sent: 2, delivered: 2, failed: 0"),
    "still on its way": (facts(mails=(mail(A), mail(B, BO, delivery=None))), "done", "sent: 2, delivered: 1"),
    "nobody yet": (facts(window=None, mails=()), "open", "nobody told: 2"),
    "nobody, and it is over": (facts(OVER, mails=()), "problem", "nobody told: 2"),
    "one org of two": (facts(mails=(mail(A),)), "partly", "nobody told: 1"),
    "one org of two, and it is over": (facts(OVER, mails=(mail(A),)), "problem", "nobody told: 1"),
    "only another way": (facts(mails=(), tellings=(telling(A), telling(B))), "done", "mails sent: 0, delivered: 0"),
    "one of them another way": (facts(mails=(mail(A),), tellings=(telling(B),)), "done", "told another way: 1"),
    "failed for good": (facts(mails=(mail(A), mail(B, delivery="permanent-failure"))), "problem", "failed: 1"),
    "failed for good, told another way": (
        facts(mails=(mail(A), mail(B, delivery="permanent-failure")), tellings=(telling(B),)),
        "done",
        "nobody told: 0",
    ),
    "failed for one of two in an org": (
        facts(mails=(mail(A), mail(B), mail(B, BO, delivery="permanent-failure"))),
        "partly",
        "failed: 1",
    ),
    "refused": (facts(mails=(mail(A), mail(B, state=MailState.REFUSED, sent_at=None))), "problem", "failed: 1"),
    "outcome not known": (
        facts(mails=(mail(A), mail(A, BO, state=MailState.SENDING, sent_at=None, delivery=None), mail(B))),
        "partly",
        "run email again",
    ),
    "not sent yet": (
        facts(mails=(mail(A), mail(B, state=MailState.PENDING, sent_at=None, delivery=None))),
        "partly",
        "not sent, or not known to be: 1",
    ),
    "not of this instance": (facts(mails=(mail(A), mail(B, instance_guids=("other",)))), "partly", "nobody told: 0"),
    "who asked to wait need not be told": (facts(mails=(mail(A),), deferrals=(deferral(B),)), "done", "orgs told: 1"),
    "what is released after the window concerns nobody": (
        facts(OVER, mails=(), survey=survey(A, released_at=OVER)),
        "open",
        "nobody told: 0",
    ),
    "no survey": (facts(survey=None), "partly", "there is no survey"),
    "cancelled, everybody told": (
        facts(window=CANCELLED, mails=(mail(A, kind=Kind.CANCELLED),)),
        "done",
        "told that it was cancelled: 1",
    ),
    "cancelled, somebody not told": (facts(window=CANCELLED), "partly", "run cancel again"),
    "cancelled, nobody had been told": (facts(window=CANCELLED, mails=()), "open", "told that it was cancelled: 0"),
    "moved": (facts(window=MOVED), "done", "mails sent before it was moved: 2"),
}
STATUS_PAGE = {
    "none": (facts(), "open", "run schedule"),
    "known": (facts(incident=incident()), "done", "incident p31zjtct2jer announces it"),
    "over": (facts(OVER, incident=incident()), "done", "schedule --complete"),
    "being made": (facts(incident=incident(IncidentState.CREATING)), "partly", "is being made"),
    "not known": (facts(incident=incident(IncidentState.CREATING, DEAD_RUN)), "problem", "run schedule"),
    "deleted": (facts(incident=incident(IncidentState.CANCELLED)), "problem", "run schedule to make another"),
    "cancelled with the window": (
        facts(window=CANCELLED, incident=incident(IncidentState.CANCELLED)),
        "done",
        "as the window does not take place",
    ),
    "window cancelled": (facts(window=CANCELLED, incident=incident()), "problem", "delete it on the status page"),
    "window moved": (facts(window=MOVED, incident=incident()), "problem", "delete it on the status page"),
    "none, window moved": (facts(window=MOVED), "open", "no incident is known"),
}
DEFERRALS = {
    "nobody yet": (facts(), "open", "nobody has asked to wait"),
    "nobody": (facts(OPEN), "done", "nobody has asked to wait"),
    "one": (
        facts(deferrals=(deferral(A),), survey=survey(A, B, recommended_apply_by=None)),
        "done",
        "asked to wait: 1; instances left alone: 1",
    ),
    "an org": (
        facts(
            deferrals=(deferral(A, target=Target.ORG, guid=A.org_guid, name=A.org_name),),
            survey=survey(A, B, recommended_apply_by=None),
        ),
        "done",
        "asked to wait: 1; instances left alone: 1",
    ),
    "only this window": (
        facts(deferrals=(deferral(A, until=None, window_key=WINDOW.key),), survey=survey(B)),
        "done",
        "asked to wait: 1",
    ),
    "another window": (facts(deferrals=(deferral(A, until=None, window_key=LATER.key),)), "open", "nobody"),
    "until before it": (facts(deferrals=(deferral(A, until=date(2026, 6, 16)),)), "open", "nobody"),
    "taken back": (facts(deferrals=(deferral(A, ended_at=BEFORE, ended_by="bo"),)), "open", "nobody"),
    "past the date": (facts(deferrals=(deferral(A),)), "problem", "asked to wait: 1"),
    "begun all the same": (
        facts(OVER, deferrals=(deferral(A),), updates=(update(A),), survey=survey()),
        "problem",
        "asked to wait: 1",
    ),
    "begun before they asked": (
        facts(OVER, deferrals=(deferral(A, added_at=OVER),), updates=(update(A),), survey=survey()),
        "done",
        "asked to wait: 1",
    ),
    "no survey": (facts(deferrals=(deferral(A),), survey=None), "done", "asked to wait: 1"),
}
APPLIED = {
    "not begun": (facts(), "open", "the window has not begun"),
    "open": (facts(OPEN), "open", "run apply"),
    "over and nothing applied": (facts(OVER), "problem", "the window is over, and nothing was applied"),
    "over, nothing to apply": (facts(OVER, survey=survey()), "done", "nothing waits"),
    "over, no survey": (facts(OVER, survey=None), "problem", "nothing was applied"),
    "not known": (facts(OVER, window=None, mails=()), "problem", "nothing was applied"),
    "cancelled": (facts(OVER, window=CANCELLED), "open", "the window does not take place"),
    "cancelled, and begun": (facts(OVER, window=CANCELLED, updates=DONE), "problem", "and yet this was begun"),
    "all": (facts(OVER, updates=DONE, survey=survey()), "done", "complete: 2"),
    "one of two": (facts(OPEN, updates=(update(A),), survey=survey(B)), "partly", "not begun: 1; run apply again"),
    "one of two, and it is over": (facts(OVER, updates=(update(A),), survey=survey(B)), "partly", "not begun: 1"),
    "one, and one deferred": (
        facts(OVER, updates=(update(A),), deferrals=(deferral(B),), survey=survey(B)),
        "done",
        "complete: 1",
    ),
    "under way": (
        facts(OPEN, updates=(update(A, UpdateState.STARTED),), survey=survey(A, status="in-progress")),
        "partly",
        "under way: 1",
    ),
    "under way, and nobody follows": (
        facts(OPEN, updates=(update(A, UpdateState.STARTED, run_id=DEAD_RUN),), survey=survey()),
        "partly",
        "run apply again",
    ),
    "under way, nobody follows, over": (
        facts(OVER, updates=(update(A, UpdateState.STARTED, run_id=DEAD_RUN),), survey=survey()),
        "problem",
        "run apply again",
    ),
    "killed before the answer": (
        facts(OPEN, updates=(update(A, UpdateState.STARTING, run_id=DEAD_RUN),)),
        "problem",
        "begun, outcome not known: 1",
    ),
    "being started": (facts(OPEN, updates=(update(A, UpdateState.STARTING),), survey=survey()), "partly", "begun"),
    "halted by a failure": (
        facts(OPEN, updates=(update(A, UpdateState.FAILED),)),
        "problem",
        "failed: 1; not begun: 1; see why, then run apply again",
    ),
    "refused": (facts(OVER, updates=(update(A), update(B, UpdateState.REFUSED))), "problem", "refused by AWS: 1"),
    "stopped": (facts(OVER, updates=(update(A, UpdateState.STOPPED),), survey=survey(A)), "partly", "stopped: 1"),
    "no survey": (facts(OVER, updates=DONE, survey=None), "partly", "complete: 2; what waits now is not known"),
}
LEFT_OVER = {
    "no survey": (facts(survey=None), "open", "there is no survey"),
    "not over": (facts(), "open", "known when the window is over"),
    "nothing": (facts(OVER, updates=DONE, survey=survey()), "done", "nothing waits any more"),
    "nothing, early": (facts(OPEN, updates=DONE, survey=survey()), "done", "nothing waits any more"),
    "deferred": (
        facts(OVER, updates=(update(A),), deferrals=(deferral(B),), survey=survey(B)),
        "partly",
        "(deferred: 1); plan another window",
    ),
    "still listed": (facts(OVER, updates=DONE, survey=survey(A)), "partly", "still listed after this window's update"),
    "released afterwards": (facts(OVER, survey=survey(A, released_at=OVER)), "partly", "released after the window: 1"),
    "a major version": (
        facts(OVER, survey=survey(A, type="engine-major-version-update")),
        "partly",
        "a major version: 1",
    ),
    "AWS does it": (facts(OVER, survey=survey(A, status="scheduling")), "partly", "AWS applies it by itself: 1"),
    "nobody told": (facts(OVER, mails=(mail(A),), survey=survey(B)), "problem", "nobody in its org was told: 1"),
    "not of this instance": (
        facts(OVER, mails=(mail(B, instance_guids=("other",)),), survey=survey(B)),
        "problem",
        "not of this instance: 1",
    ),
    "failed": (facts(OVER, updates=(update(A, UpdateState.FAILED),), survey=survey(A)), "problem", "failed: 1"),
    "not reached": (facts(OVER, updates=(update(A),), survey=survey(B)), "problem", "not begun: 1"),
    "others are at it": (facts(OVER, survey=survey(A, status="in-progress")), "problem", "under way, not begun by"),
    "no tenant's": (
        facts(OVER, survey=replace(survey(), update_actions=(builders.action("redis-1", "cf-nobodys"),))),
        "partly",
        "no tenant claims it: 1",
    ),
    "cancelled": (facts(OVER, window=CANCELLED), "partly", "plan another window"),
}
TABLE = [
    pytest.param(name, *row, id=f"{name}: {case}")
    for name, rows in {
        "chosen": CHOSEN,
        "told": TOLD,
        "status_page": STATUS_PAGE,
        "deferrals": DEFERRALS,
        "applied": APPLIED,
        "left_over": LEFT_OVER,
    }.items()
    for case, row in rows.items()
]


@pytest.mark.parametrize(("name", "made", "state", "detail"), TABLE)
def test_where_a_step_stands(name: str, made: Facts, state: str, detail: str) -> None:
    found = step(name, made)
    assert detail in found.detail
    assert found.state == state


def items(found: Step) -> list[tuple[str, str, str | None]]:
    return [(item.name, item.text, item.by) for item in found.items]


def test_warnings_about_the_window_are_shown() -> None:
    assert items(step("chosen", facts(warnings=["it is a weekend day"]))) == [("warning", "it is a weekend day", None)]


def test_who_and_when_is_said_of_each_step() -> None:
    made = facts(OVER, incident=incident(), deferrals=(deferral(B),), updates=(update(A),), tellings=(telling(B),))
    found = {each.name: (each.by, each.at) for each in checklist(made)}
    assert found["chosen"] == ("ada", TOLD_AT)
    assert found["told"] == ("bo", TOLD_AT + timedelta(hours=1))
    assert found["status_page"] == ("ada", OPEN)
    assert found["deferrals"] == ("bo", TOLD_AT + timedelta(days=1))
    assert found["applied"] == ("ada", OPEN + timedelta(minutes=20))


def test_orgs_that_need_somebody_are_named_and_their_people_are_counted() -> None:
    mails = (mail(A), mail(A, BO, delivery="temporary-failure"), mail(B, delivery="permanent-failure"))
    assert items(step("told", facts(mails=mails, tellings=(telling(A),)))) == [
        ("brave-buses", "mails failed for now: 1", None),
        ("calm-canals", "mails failed for good: 1", None),
        ("brave-buses", "told another way: by telephone", "bo"),
        ("calm-canals", "nobody in this org was told", None),
    ]


def test_a_correction_takes_the_place_of_the_mail_before_it() -> None:
    """Only the last one to each person is counted."""
    correction = mail(A, delivery=None)
    correction = replace(correction, key=replace(correction.key, kind=Kind.CORRECTION, revision=1))
    assert "sent: 2, delivered: 1" in step("told", facts(mails=(mail(A), correction, mail(B)))).detail


def test_a_deferral_is_shown_with_its_reason_and_what_speaks_against_it() -> None:
    assert items(step("deferrals", facts(deferrals=(deferral(A),)))) == [
        ("brave-buses/space/cache", "until 1 July 2026: an election [T-1]", "bo"),
        (
            "warning",
            "brave-buses/space/cache: update redis-1 should be applied by 15 June 2026, before the deferral ends",
            None,
        ),
    ]


def test_what_an_org_asked_for_is_shown_as_its_own() -> None:
    org = deferral(
        A, target=Target.ORG, guid=A.org_guid, name=A.org_name, until=None, window_key=WINDOW.key, ticket=None
    )
    [item] = items(step("deferrals", facts(deferrals=(org,), survey=survey())))
    assert item == ("brave-buses", "not in this window, the whole org: an election", "bo")


def test_reasons_of_overrides_are_kept_and_shown_once() -> None:
    reasons: dict[str, object] = {"outside_window_reason": "a tenant asked", "include_untold_reason": "told in person"}
    made = facts(
        OVER,
        updates=(update(A, UpdateState.COMPLETE, **reasons), update(B, UpdateState.COMPLETE, **reasons)),
        survey=survey(),
    )
    assert items(step("applied", made))[:2] == [
        ("override", "outside the window: a tenant asked", "ada"),
        ("override", "whoever was not told included: told in person", "ada"),
    ]


def test_what_went_wrong_comes_first_with_aws_words() -> None:
    refused = update(B, UpdateState.REFUSED, aws_says="InvalidReplicationGroupState: snapshotting", attempts=2)
    late = update(A, ended_at=OVER)
    group_a, group_b = A.replication_group_id, B.replication_group_id
    assert items(step("applied", facts(OVER, updates=(late, refused), survey=survey(B)))) == [
        (
            "calm-canals/space/queue",
            f"redis-1, {group_b}: refused by AWS (AWS: InvalidReplicationGroupState: snapshotting); 2 attempts",
            "ada",
        ),
        ("brave-buses/space/cache", f"redis-1, {group_a}: complete; ended after the window", "ada"),
    ]


def test_an_instance_that_is_gone_is_named_by_its_group() -> None:
    """So it is where there is no survey."""
    gone = update(A, instance_guid=None)
    assert items(step("applied", facts(OVER, updates=(gone,), survey=None)))[0][0] == A.replication_group_id


def test_what_is_left_over_is_named_with_its_reason() -> None:
    made = facts(OVER, updates=(update(A),), deferrals=(deferral(B),), survey=survey(A, B))
    assert items(step("left_over", made)) == [
        ("brave-buses/space/cache", "redis-1: still listed after this window's update", None),
        ("calm-canals/space/queue", "redis-1: deferred until 1 July 2026", "bo"),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "ask ada@example.org",
        "ask ADA@EXAMPLE.ORG",
        "mailto:someone.else+x@sub.example.co.uk, please",
        "<jo@example.org>",
        "jo\uff20example.org",
        "jürgen@exämple.org",
    ],
)
def test_nobodys_address_is_in_it_whatever_people_wrote(written: str) -> None:
    """In no reason, name, or words of AWS."""
    org = builders.service_instance("a", written, org=written, space=written)
    made = facts(
        OVER,
        warnings=[written],
        mails=(mail(org), mail(B, BO, delivery="permanent-failure", problem=written)),
        tellings=(telling(org, written),),
        deferrals=(deferral(org, reason=written, ticket=written, added_by=written),),
        updates=(update(org, UpdateState.FAILED, aws_says=written, outside_window_reason=written),),
        survey=replace(survey(org), service_instances=(org, B)),
        operators={7: written},
    )
    said = repr(checklist(made)).lower()
    assert "@example" not in said
    assert "\uff20" not in said
    assert not any(each in said for each in (ADA, BO, "@sub.", "@ex"))


def test_a_colleague_is_named_without_the_host() -> None:
    """`OPERATOR` may be an address, and is the user's name at a host where it is not set."""
    made = facts(window=replace(window(), operator="ada@jumpbox-1.example.org"))
    assert step("chosen", made).by == "ada"
    assert step("chosen", facts(window=replace(window(), operator="ada@jumpbox"))).by == "ada@jumpbox"
