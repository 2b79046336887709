"""docs/permissions.md asks for what the calls need, and for nothing more."""

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from fleet.aws import elasticache
from fleet.aws.elasticache import IAM_ACTIONS
from fleet.cloudfoundry.uaa import SCOPES_THAT_SEE_EVERY_ORG
from notifier.apply import actions
from notifier.apply.actions import DEPENDENT_IAM_ACTIONS
from notifier.apply.actions import IAM_ACTIONS as ACTING
from tests.documents.documents import text_of

PAGE = text_of("docs/permissions.md")


def policy_of(name: str) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(text_of(f"deploy/iam/{name}.json"))
    return policy


def test_the_page_shows_the_policies_that_are_ready_to_use() -> None:
    shown = [json.loads(policy) for policy in re.findall(r"```json\n(.+?)```", PAGE, re.DOTALL)]
    assert shown == [policy_of("reader"), policy_of("applier"), policy_of("operator")]


def test_the_readers_policy_is_what_the_calls_need() -> None:
    """The list lives beside the calls."""
    [statement] = policy_of("reader")["Statement"]
    assert (tuple(statement["Action"]), statement["Resource"]) == (IAM_ACTIONS, "*")


def test_the_appliers_policy_is_what_the_calls_need() -> None:
    """On the broker's groups, and on nothing else."""
    [statement] = policy_of("applier")["Statement"]
    assert tuple(statement["Action"]) == ACTING
    assert statement["Resource"] == "arn:aws:elasticache:*:123456789012:replicationgroup:cf-*"


def test_what_starting_may_depend_on_is_a_policy_of_its_own() -> None:
    """Nobody has to grant it who does not have to."""
    [statement] = policy_of("applier-dependent")["Statement"]
    assert tuple(statement["Action"]) == DEPENDENT_IAM_ACTIONS


def test_each_command_of_awss_in_runbook_and_alerts_is_allowed() -> None:
    """And nothing more is, but for a call that the runbook has by AWS's own name."""
    texts = text_of("docs/runbook.md") + text_of("alerts/elasticache-updates.rules.yml")
    commands = set(re.findall(r"\baws\s+([a-z-]+)\s+([a-z-]+)", texts))
    needed = {f"{service.replace('-', '')}:{_action(service, command)}" for service, command in commands}
    assert {"elasticache:DescribeEvents", "elasticache:BatchStopUpdateAction"} <= needed
    allowed = {name: set(policy_of(name)["Statement"][0]["Action"]) for name in ("reader", "applier", "operator")}
    assert needed <= set.union(*allowed.values())
    assert allowed["operator"] - needed == {"cloudtrail:LookupEvents"}


def _action(service: str, command: str) -> str:
    """As IAM calls it."""
    operations = botocore.session.Session().get_service_model(service).operation_names
    (found,) = (name for name in operations if xform_name(name, "-") == command)
    return str(found)


@pytest.mark.parametrize(("module", "actions"), [(elasticache, IAM_ACTIONS), (actions, ACTING)])
def test_the_lists_beside_the_calls_are_what_the_code_calls(module: ModuleType, actions: tuple[str, ...]) -> None:
    """Each call of the client's, by the name that it has in the source."""
    source = Path(str(module.__file__)).read_text()
    operations = botocore.session.Session().get_service_model("elasticache").operation_names
    called = [name for name in operations if re.search(rf"\b{xform_name(name)}\b", source)]
    assert [f"elasticache:{name}" for name in sorted(called)] == sorted(actions)


def test_the_clients_authority_is_one_that_sees_every_org() -> None:
    """The programs would refuse any other at the start."""
    assert set(re.findall(r"--authorities (\S+)", PAGE)) <= SCOPES_THAT_SEE_EVERY_ORG
    assert "--authorities" in PAGE
