"""`defer` as operators run it: added, listed, taken back, refused, and warned of."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.server import Sandbox
from sandbox.truth import ServiceInstance
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, WINDOW_DATE, Ended

REGION = ("--region", "Ireland")
UNTIL = (datetime.now(UTC).date() + timedelta(days=90)).isoformat()
WHY = ("--reason", "an election", "--ticket", "T-1")


@pytest.fixture
def ready(here: Here, sandbox: Sandbox) -> Here:
    here.set({**sandbox.environment, "OPERATOR": "ada"})
    return here


def an_instance(sandbox: Sandbox) -> ServiceInstance:
    """Of a name that no other has."""
    instances = [i for i in sandbox.world.truth.service_instances.values() if i.plan_guid]
    names = [instance.name for instance in instances]
    return next(instance for instance in instances if names.count(instance.name) == 1)


def org_of(sandbox: Sandbox, instance: ServiceInstance) -> str:
    truth = sandbox.world.truth
    return truth.organizations[truth.spaces[instance.space_guid].organization_guid].name


def long_name(sandbox: Sandbox, instance: ServiceInstance) -> str:
    return f"{org_of(sandbox, instance)}/{sandbox.world.truth.spaces[instance.space_guid].name}/{instance.name}"


def listed(here: Here, *arguments: str) -> list[dict[str, object]]:
    ended = here.run("defer", "list", *REGION, "--format", "json", *arguments)
    assert ended.status == 0, ended.err
    found: list[dict[str, object]] = ended.document["deferrals"]
    return found


def added(here: Here, *arguments: str) -> Ended:
    ended = here.run("defer", "add", *arguments, *WHY)
    assert ended.status == 0, ended.err
    return ended


@pytest.mark.parametrize("by", ["guid", "name", "long name"])
def test_an_instance_is_deferred_until_a_day(ready: Here, sandbox: Sandbox, by: str) -> None:
    instance = an_instance(sandbox)
    named = {"guid": instance.guid, "name": instance.name, "long name": long_name(sandbox, instance)}[by]
    said = added(ready, named, "--until", UNTIL, *REGION)
    assert said.out.startswith(f"deferral 1: instance {instance.name}, until ")
    [deferral] = listed(ready)
    assert deferral.pop("added_at")
    assert deferral.pop("org_guid")
    assert deferral == {
        "id": 1,
        "aws_region": "eu-west-1",
        "target": "instance",
        "guid": instance.guid,
        "name": instance.name,
        "org_name": org_of(sandbox, instance),
        "until": UNTIL,
        "window": None,
        "reason": "an election",
        "ticket": "T-1",
        "added_by": "ada",
        "ended_at": None,
        "ended_by": None,
    }


def test_an_org_skips_one_window(ready: Here, sandbox: Sandbox) -> None:
    org = org_of(sandbox, an_instance(sandbox))
    added(ready, "--org", org, "--skip-window", *WINDOW)
    [deferral] = listed(ready)
    assert (deferral["target"], deferral["name"], deferral["until"]) == ("org", org, None)
    assert deferral["window"]["starts_at"].startswith(f"{WINDOW_DATE}T09:00")  # type: ignore[index] # it skips a window, which it names
    assert "not on " in ready.run("defer", "list", *REGION).out


def test_the_same_again_takes_the_place_of_the_former(ready: Here, sandbox: Sandbox) -> None:
    """Nothing is deleted."""
    name = long_name(sandbox, an_instance(sandbox))
    added(ready, name, "--until", UNTIL, *REGION)
    added(ready, name, "--skip-window", *WINDOW)
    assert [deferral["id"] for deferral in listed(ready)] == [2]
    former, _ = listed(ready, "--all")
    assert (former["id"], former["ended_by"]) == (1, "ada")
    assert former["ended_at"] is not None


@pytest.mark.parametrize("by", ["id", "name", "long name"])
def test_a_deferral_is_taken_back(ready: Here, sandbox: Sandbox, by: str) -> None:
    """Also of an instance that is gone by then: nobody is asked for it."""
    instance = an_instance(sandbox)
    added(ready, instance.guid, "--until", UNTIL, *REGION)
    named = {"id": "1", "name": instance.name, "long name": long_name(sandbox, instance)}[by]
    sandbox.journal.clear()
    ended = ready.run("defer", "remove", named, *REGION, "--operator", "bob")
    assert (ended.status, ended.out) == (0, f"deferral 1: instance {instance.name}, taken back\n")
    assert not sandbox.journal.by_system()
    assert listed(ready) == []
    assert [deferral["ended_by"] for deferral in listed(ready, "--all")] == ["bob"]
    again = ready.run("defer", "remove", named, *REGION)
    assert (again.status, "no deferral that counts" in again.err) == (2, True)


def test_the_list_is_for_people_and_for_spreadsheets_too(ready: Here, sandbox: Sandbox) -> None:
    instance = an_instance(sandbox)
    added(ready, instance.guid, "--until", UNTIL, *REGION)
    table = ready.run("defer", "list", *REGION).out
    assert table.startswith("1 deferral in eu-west-1\n")
    assert "an election [T-1] (ada, " in table
    header, row = ready.run("defer", "list", *REGION, "--format", "csv").out.splitlines()
    assert header.startswith("id,aws_region,target,guid")
    assert row.startswith(f"1,eu-west-1,instance,{instance.guid}")


def test_what_speaks_against_it_is_said(ready: Here, sandbox: Sandbox) -> None:
    """Of an org one line for each instance and update; it is recorded all the same."""
    truth = sandbox.world.truth
    instance = next(
        instance
        for instance in truth.service_instances.values()
        if any(
            action.target_id == instance.replication_group_id
            and action.status == "not-applied"
            and truth.service_updates[action.service_update_name].status == "available"
            and truth.service_updates[action.service_update_name].type == "security-update"
            for action in truth.update_actions.values()
        )
    )
    ended = added(ready, instance.guid, "--until", "2999-01-01", *REGION)
    assert "should be applied by" in ended.err
    assert listed(ready)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobodys", "--until", UNTIL), "INSTANCE 'nobodys': no instance has that guid or name"),
        (("--org", "nobodys", "--until", UNTIL), "--org 'nobodys': no org with a Redis instance"),
        (("x", "--until", "2020-01-01"), "--until '2020-01-01' lies in the past"),
        (("x", "--until", datetime.now(UTC).date().isoformat()), "lies in the past"),
        (("x",), "say how long, with --until DATE, or --skip-window: one of the two"),
        (("x", "--until", UNTIL, "--skip-window"), "one of the two"),
        (("--until", UNTIL), "name the instances, or an org with --org: one of the two"),
        (("x", "--org", "y", "--until", UNTIL), "name the instances, or an org with --org: one of the two"),
        (("x", "--skip-window"), "--maintenance-window-date is not set"),
    ],
)
def test_what_cannot_be_meant_is_refused(ready: Here, arguments: tuple[str, ...], said: str) -> None:
    ended = ready.run("defer", "add", *arguments, *REGION, *WHY)
    assert (ended.status, said in ended.err) == (2, True), ended.err
    assert listed(ready, "--all") == []


def test_only_text_that_says_something_is_kept(ready: Here, sandbox: Sandbox) -> None:
    """Bytes that are no UTF-8 reach a program as halves of characters, which no ledger can hold."""
    guid = an_instance(sandbox).guid
    said = ("--until", UNTIL, *REGION, "--operator", "ad\udcffa", "--ticket", "T\udce9", "--reason")
    blank = ready.run("defer", "add", guid, *said, "  ")
    assert (blank.status, "it is empty" in blank.err) == (2, True), blank.err
    assert ready.run("defer", "add", guid, *said, "caf\udce9").status == 0
    [deferral] = listed(ready)
    assert (deferral["reason"], deferral["ticket"], deferral["added_by"]) == ("caf\ufffd", "T\ufffd", "ad\ufffda")
