"""People who are not to be told any more are told nothing about their instances that is not so."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from ledger.mail_record import UNKNOWN_INSTANCE, State
from notifier.mail.files import invented_org
from notifier.mail.standing import Standing, Waiting
from notifier.mail.writer import MessageTemplate, Withdrawals
from notifier.maintenance import Maintenance
from notifier.window import maintenance_window
from sandbox.generate.updates import Backlog
from sandbox.server import Options, Sandbox
from sandbox.truth import Truth
from tests.notifier.test_mail_plan import record
from tests.notifier.test_tenants_from_tags import waiting
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, crowded

MAY_BE_UPDATED = "They may still be updated then."
NOTHING_WAITS = "No update waits for them any more."
NOT_THEN = "They will not be updated then."


def withdrawn(sandbox: Sandbox, before: int) -> dict[str, str]:
    """By address, the sentence of the mail that takes back an earlier one."""
    found: dict[str, str] = {}
    for mail in list(sandbox.notify.mails)[before:]:
        contents = str(mail.personalisation["contents"])
        if said := [text for text in (MAY_BE_UPDATED, NOTHING_WAITS, NOT_THEN) if text in contents]:
            (found[mail.email_address],) = said
            assert ("need do nothing" in contents) is (said != [MAY_BE_UPDATED])
    return found


@pytest.mark.parametrize(
    ("waits", "in_the_window", "standing"),
    [
        (("a", "b"), ("b",), Standing.LEFT_ALONE),
        (("a", "b"), ("a",), Standing.MAY_BE_UPDATED),
        (("b",), ("b",), Standing.NOTHING_WAITS),
        ((), (), Standing.NOTHING_WAITS),
    ],
)
def test_what_becomes_of_the_instances_of_a_mail(
    waits: tuple[str, ...], in_the_window: tuple[str, ...], standing: Standing
) -> None:
    known = Waiting(waits, in_the_window)
    assert known.standing(record(State.SENT, "a")) is standing
    assert known.standing(record(State.SENT, "a", UNKNOWN_INSTANCE)) is Standing.MAY_BE_UPDATED


def test_what_is_so_with_some_of_them_is_not_said_of_all() -> None:
    """One was deferred or is done, and for the other somebody else is told."""
    mail = record(State.SENT, "a", "b")
    assert Waiting(("a", "b"), ("a",)).standing(mail) is Standing.SOME_MAY_BE_UPDATED
    assert Waiting(("a",), ("a",)).standing(mail) is Standing.SOME_MAY_BE_UPDATED
    assert Waiting(("a", "b"), ("a", "b", "c")).standing(mail) is Standing.MAY_BE_UPDATED
    zone = ZoneInfo("Europe/London")
    maintenance = Maintenance("Ireland", "eu-west-1", maintenance_window("2026-06-16", "0900-1100", zone))
    written = Withdrawals(maintenance).not_told_any_more(mail, Standing.SOME_MAY_BE_UPDATED).contents
    assert "Some of them may still be updated then." in written
    assert "The others will not be updated then." in written
    assert "need do nothing" not in written


def test_tags_that_change_do_not_end_the_maintenance(here: Here) -> None:
    """A renamed owner, another address, a lost tag, and a group that the index forgets."""
    options = Options(platform="tags", instances=12, backlog=Backlog(share=1, each=1))
    with Sandbox(options) as cluster:
        ids = sorted(group_id for groups in waiting(cluster).values() for group_id in groups)
        names = ("renamed", "moved", "untagged", "forgotten", "gone", "same")
        tags = {name: {"owner": name, "infrastructure-support": f"{name}@example.org"} for name in names}
        for group_id, name in zip(ids, names * len(ids), strict=False):
            cluster.groups.set_tags(group_id, tuple(tags[name].items()))
        here.set(cluster.environment)
        here.email()
        before = len(list(cluster.notify.mails))
        tags["renamed"]["owner"] = "re-named"
        tags["moved"]["infrastructure-support"] = "somebody.else@example.org"
        del tags["untagged"]["owner"]
        for group_id, name in zip(ids, names * len(ids), strict=False):
            if name == "gone":
                cluster.tenants.delete_instance(group_id, leave_group=False)
            else:
                cluster.groups.set_tags(group_id, tuple(tags[name].items()))
        cluster.unindexed.update(g for g, name in zip(ids, names * len(ids), strict=False) if name == "forgotten")
        planned = here.run("email", "--dry-run", "--format", "json", *WINDOW)
        standings = {row["address"]: row["standing"] for row in planned.document["not_affected_any_more"]}
        assert "not among those to tell now: 5 people" in planned.err
        assert (
            "renamed@example.org, owner renamed: updates wait as before, and somebody else is to be told" in planned.err
        )
        here.email("--send-corrections")
        said = withdrawn(cluster, before)
        told = Counter(mail.email_address for mail in list(cluster.notify.mails)[before:])
    still = dict.fromkeys((f"{name}@example.org" for name in names[:4]), MAY_BE_UPDATED)
    assert said == {**still, "gone@example.org": NOTHING_WAITS}
    assert standings == {**dict.fromkeys(still, "may-be-updated"), "gone@example.org": "nothing-waits"}
    assert told == Counter([*said, "renamed@example.org", "somebody.else@example.org"])


def without_manager(truth: Truth) -> Truth:
    roles = {guid: role for guid, role in truth.roles.items() if role.organization_guid != "org-0"}
    return replace(truth, roles=roles)


def moved_to_another_org(truth: Truth) -> Truth:
    instances = {
        guid: replace(instance, space_guid="space-1") if instance.space_guid == "space-0" else instance
        for guid, instance in truth.service_instances.items()
    }
    return replace(truth, service_instances=instances)


def applied(truth: Truth) -> Truth:
    return replace(truth, update_actions={})


@pytest.mark.parametrize(
    ("change", "arguments", "said"),
    [
        (without_manager, (), MAY_BE_UPDATED),
        (moved_to_another_org, (), MAY_BE_UPDATED),
        (applied, (), NOTHING_WAITS),
        (lambda truth: truth, ("--exclude-org", "org-0000"), NOT_THEN),
        (lambda truth: truth, ("--only-org", "org-0001"), NOT_THEN),
    ],
)
def test_people_of_cloud_foundry_are_told_what_is_so(
    change: Callable[[Truth], Truth], arguments: tuple[str, ...], said: str, sandbox: Sandbox, here: Here
) -> None:
    sandbox.world.change(crowded(2, 2))
    here.set(sandbox.environment)
    here.email()
    before = len(list(sandbox.notify.mails))
    sandbox.world.change(change)
    here.email("--send-corrections", *arguments)
    assert withdrawn(sandbox, before)["person.0@example.org"] == said
    again = len(list(sandbox.notify.mails))
    here.email("--send-corrections", *arguments)
    assert len(list(sandbox.notify.mails)) == again


def test_a_deferral_of_an_owner_that_is_called_otherwise_now_is_named_wherever_it_would_count(here: Here) -> None:
    """Also where the settings take another tag for the owner, and where an instance's group lost its tag."""
    options = Options(platform="tags", instances=8, update_seconds=0.2, backlog=Backlog(share=1, each=1))
    region = ("--region", "Ireland")
    asks = ("--until", "2036-12-31", "--reason", "asked", *region)
    with Sandbox(options) as cluster:
        renamed, untagged, *_ = ids = sorted(group for groups in waiting(cluster).values() for group in groups)
        for group_id in ids:
            tags = {"owner": f"team-{group_id}", "was": "x", "infrastructure-support": "a@example.org"}
            cluster.groups.set_tags(group_id, tuple(tags.items()))
        here.set(cluster.environment)
        assert here.run("defer", "add", "--org", f"team-{renamed}", *asks).status == 0
        assert here.run("defer", "add", untagged, *asks).status == 0
        assert "leaves nothing alone" not in here.run("print", *WINDOW).out
        cluster.groups.set_tags(renamed, (("owner", "team-one"), ("infrastructure-support", "a@example.org")))
        cluster.groups.set_tags(untagged, (("was", "x"),))
        of_org = f"deferral 1 leaves nothing alone, because no instance belongs to 'team-{renamed}': "
        of_instance = f"deferral 2 leaves nothing alone, because '{untagged}' of 'team-{untagged}' belongs to nobody: "
        plan = here.run("email", "--yes", *WINDOW).err
        now = ("--outside-window", "a test", "--dry-run")
        shown = [
            here.run("print").out,
            here.run("print", *WINDOW).out,
            " ".join(here.run("print", "--format", "json", *WINDOW).document["warnings"]),
            plan,
            here.run("apply", *WINDOW, *now).err,
            here.run("checklist", *WINDOW).out.replace("\\", ""),
        ]
        for said in shown:
            assert of_org in said, said
            assert of_instance in said, said
        assert "`defer remove 1`" in plan
        here.set({"TENANT_TAGS": "org=was"})
        assert f"no instance belongs to 'team-{renamed}'" in here.run("print").out


def test_a_group_whose_node_type_aws_does_not_say_has_no_plan_to_name() -> None:
    org = invented_org()
    instances = tuple(replace(i, service_instance=replace(i.service_instance, plan_name="")) for i in org.instances)
    window = maintenance_window("16 June 2036", "0900-1100", ZoneInfo("Europe/London"))
    maintenance = Maintenance("Ireland", "eu-west-1", window)
    assert "(plan" in MessageTemplate().message(org, maintenance, "Friday 13 June 2036").contents
    contents = MessageTemplate().message(replace(org, instances=instances), maintenance, "Friday 13 June 2036").contents
    assert "(plan" not in contents
