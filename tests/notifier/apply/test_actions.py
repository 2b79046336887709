"""The calls that change AWS: what each answer means, and that nothing else makes such calls."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from fleet.tally import Tally
from notifier.apply.actions import Actions
from notifier.apply.answers import Answered, CallRefused, Denied, Refusal, Throttled, Unanswered, UpdateUnknown
from sandbox.server import Sandbox
from sandbox.truth import UpdateAction
from tests.region_of import region_of

ROOT = Path(__file__).parents[3]
PROGRAMS = ("fleet", "ledger", "exporter", "notifier")


@pytest.fixture
def actions(sandbox: Sandbox) -> Actions:
    endpoint = sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"]
    return Actions(replace(region_of(sandbox).aws, elasticache_endpoint_url=endpoint), Tally())


@pytest.fixture
def waiting(sandbox: Sandbox) -> UpdateAction:
    """An action that nothing keeps from being applied."""
    truth = sandbox.world.truth
    return next(
        action
        for action in truth.update_actions.values()
        if action.is_on_group
        and action.status == "not-applied"
        and truth.service_updates[action.service_update_name].status == "available"
        and truth.service_updates[action.service_update_name].type != "engine-major-version-update"
        and truth.replication_groups[action.target_id].status == "available"
    )


def test_each_group_is_answered_by_itself(actions: Actions, waiting: UpdateAction) -> None:
    name, group = waiting.key
    assert actions.start(name, [group, "cf-unknown"]) == Answered(
        {group: "waiting-to-start"}, {"cf-unknown": Refusal("ReplicationGroupNotFoundFault", "cf-unknown not found")}
    )
    assert actions.stop(name, [group]) == Answered({group: "stopping"})


def test_what_has_begun_is_refused_in_words_that_say_so(actions: Actions, waiting: UpdateAction) -> None:
    name, group = waiting.key
    actions.start(name, [group])
    again = actions.start(name, [group])
    assert isinstance(again, Answered)
    assert again.refused[group].says_it_has_begun


@pytest.mark.parametrize(
    ("message", "has_begun"),
    [
        ("The update action is not in a valid status. Current status: complete.", True),
        ("The update action is not\n in a valid  status. Current\n status: in-progress.", True),
        ("The update action is not in a valid status. Current status: not-applicable.", False),
        ("The replication group is busy.", False),
    ],
)
def test_awss_text_is_matched_loosely(message: str, *, has_begun: bool) -> None:
    assert Refusal("InvalidParameterValue", message).says_it_has_begun is has_begun


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("throttle:next=1", Throttled()),
        ("status:429,retry_after=7,next=1", Throttled(7)),
        ("status:403,next=1", Denied),
        ("expired:next=1", Denied),
        ("status:500,next=1", Unanswered),
        ("html:404,next=1", Unanswered),
        ("html:200,next=1", Unanswered),
        ("down:next=1", Unanswered),
        ("accepted-then-dropped:next=1", Unanswered),
        ("accepted-then-half:next=1", Unanswered),
        ("accepted-then-status:next=1", Unanswered),
    ],
)
def test_a_call_is_made_once_and_what_is_not_known_is_not_guessed(
    sandbox: Sandbox, actions: Actions, waiting: UpdateAction, fault: str, expected: object
) -> None:
    """Only where AWS certainly did nothing does the answer say so."""
    sandbox.faults.add(f"elasticache/BatchApplyUpdateAction:{fault}")
    answer = actions.start(*waiting.key[:1], [waiting.target_id])
    assert answer == expected or (isinstance(expected, type) and isinstance(answer, expected))
    calls = [entry for entry in sandbox.journal.entries("elasticache") if entry.call == "BatchApplyUpdateAction"]
    assert len(calls) == 1
    has_begun = sandbox.world.truth.update_actions[waiting.key].status == "waiting-to-start"
    assert has_begun is fault.startswith("accepted")


def test_an_empty_answer_leaves_every_group_unanswered(
    sandbox: Sandbox, actions: Actions, waiting: UpdateAction
) -> None:
    sandbox.faults.add("elasticache/BatchApplyUpdateAction:empty:next=1")
    answer = actions.start(*waiting.key[:1], [waiting.target_id])
    assert isinstance(answer, Unanswered) or answer == Answered()


def test_a_call_may_be_refused_for_one_groups_sake(sandbox: Sandbox, actions: Actions, waiting: UpdateAction) -> None:
    sandbox.applying.change(unavailable="refused")
    sandbox.groups.set_status(waiting.target_id, "snapshotting")
    answer = actions.start(waiting.service_update_name, [waiting.target_id])
    assert isinstance(answer, CallRefused)
    assert answer.refusal.error_type == "InvalidReplicationGroupState"
    assert waiting.target_id in answer.refusal.message


def test_an_update_that_is_gone_and_rights_that_are_missing_are_told_apart(
    sandbox: Sandbox, actions: Actions, waiting: UpdateAction
) -> None:
    """It is how a permission can be asked for without starting anything."""
    assert isinstance(actions.start("no-such-update", [waiting.target_id]), UpdateUnknown)
    sandbox.rights.deny("BatchStopUpdateAction", None)
    assert isinstance(actions.stop("no-such-update", [waiting.target_id]), Denied)


def changing_operations() -> set[str]:
    """Of ElastiCache, as its own model names them and as boto3 does."""
    model = botocore.session.Session().get_service_model("elasticache")
    names = {name for name in model.operation_names if not name.startswith(("Describe", "List"))}
    return names | {xform_name(name) for name in names}


def words_of(file: Path) -> Iterator[str]:
    """Names, attributes and the words of strings: whatever a call could be made by."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.name.rpartition(".")[2]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"\w+", node.value)


def test_nothing_else_can_change_anything_at_aws() -> None:
    """No other module of the programs names an operation that changes something, or the client that makes them."""
    forbidden = changing_operations() | {"acting_client"}
    assert {"BatchApplyUpdateAction", "modify_replication_group"} <= forbidden
    named = {
        str(file.relative_to(ROOT))
        for program in PROGRAMS
        for file in (ROOT / program).rglob("*.py")
        if forbidden & set(words_of(file))
    }
    assert named == {"notifier/apply/actions.py"}
