"""docs/permissions.md asks for what the calls need, and for nothing more."""

import json
import re

from fleet.aws.elasticache import IAM_ACTIONS
from fleet.cloudfoundry.uaa import SCOPES_THAT_SEE_EVERY_ORG
from tests.documents.documents import text_of

PAGE = text_of("docs/permissions.md")


def test_the_iam_policy_is_what_the_calls_need() -> None:
    """The list lives beside the calls."""
    (policy,) = re.findall(r"```json\n(.+?)```", PAGE, re.DOTALL)
    (statement,) = json.loads(policy)["Statement"]
    assert tuple(statement["Action"]) == IAM_ACTIONS
    assert statement["Resource"] == "*"


def test_the_clients_authority_is_one_that_sees_every_org() -> None:
    """The programs would refuse any other at the start."""
    assert set(re.findall(r"--authorities (\S+)", PAGE)) <= SCOPES_THAT_SEE_EVERY_ORG
    assert "--authorities" in PAGE
