"""PaaS Accounts, with the oddities that a client has to live with."""

from typing import Any

import pytest
import requests

from sandbox import Sandbox
from sandbox.truth import Account

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def known(sandbox: Sandbox) -> list[Account]:
    return [account for account in sandbox.world.truth.accounts.values() if account.user_email]


def get(sandbox: Sandbox, path: str, **parameters: str) -> requests.Response:
    environment = sandbox.environment
    auth = (environment["PAAS_ACCOUNTS_USERNAME"], environment["PAAS_ACCOUNTS_PASSWORD"])
    return requests.get(environment["PAAS_ACCOUNTS_URL"] + path, parameters, auth=auth, timeout=5)


def as_json(account: Account) -> dict[str, Any]:
    return {"user_uuid": account.user_uuid, "user_email": account.user_email, "username": account.username}


def test_only_the_status_needs_no_password(sandbox: Sandbox) -> None:
    """Elsewhere 401 with a challenge and a message."""
    url = sandbox.environment["PAAS_ACCOUNTS_URL"]
    assert requests.get(url, timeout=5).json() == {"ok": True}
    refused = requests.get(url + "/users", auth=("admin", "wrong"), timeout=5)
    assert (refused.status_code, refused.json()) == (401, {"message": "Unauthorized"})
    assert refused.headers["WWW-Authenticate"] == "basic realm=Restricted"


def test_one_user_is_found_by_uuid_in_any_spelling(sandbox: Sandbox, known: list[Account]) -> None:
    """The reply has the canonical form."""
    reply = get(sandbox, f"/users/{known[0].user_uuid.upper()}")
    assert (reply.status_code, reply.json()) == (200, as_json(known[0]))
    assert reply.headers["Content-Type"] == "application/json; charset=UTF-8"


def test_an_unknown_user_is_not_found(sandbox: Sandbox) -> None:
    """404 with a message."""
    reply = get(sandbox, f"/users/{UNKNOWN}")
    assert (reply.status_code, reply.json()) == (404, {"message": "user not found"})


def test_what_is_no_uuid_breaks_the_service(sandbox: Sandbox) -> None:
    """500 with nothing in it, which is no JSON."""
    reply = get(sandbox, "/users/tenant-deploy-client")
    assert (reply.status_code, reply.content) == (500, b"")


def test_several_users_come_in_the_order_asked_with_null_for_the_unknown(
    sandbox: Sandbox, known: list[Account]
) -> None:
    """Duplicates come twice, and an upper-case uuid is unknown here."""
    first, second = known[:2]
    asked = [second.user_uuid, UNKNOWN, first.user_uuid, second.user_uuid, first.user_uuid.upper()]
    reply = get(sandbox, "/users", uuids=",".join(asked), email="ignored@example.org")
    assert reply.json() == {"users": [as_json(second), None, as_json(first), as_json(second), None]}


@pytest.mark.parametrize("bad", ["tenant-deploy-client", f" {UNKNOWN}", ""])
def test_one_bad_uuid_fails_them_all(sandbox: Sandbox, known: list[Account], bad: str) -> None:
    """400 with a bare JSON string; not even a space is trimmed."""
    reply = get(sandbox, "/users", uuids=f"{known[0].user_uuid},{bad}")
    assert (reply.status_code, reply.json()) == (400, f"bad uuid: {bad}")


def test_users_with_one_address_are_found_together(sandbox: Sandbox, known: list[Account]) -> None:
    """In whatever case it is asked for; nobody is an empty list."""
    address = str(known[0].user_email)
    found = get(sandbox, "/users", email=address.upper()).json()["users"]
    assert len(found) == 2
    assert {user["user_email"] for user in found} == {address}
    assert get(sandbox, "/users", email="nobody@example.org").json() == {"users": []}


def test_asking_for_nobody_is_refused(sandbox: Sandbox) -> None:
    """400, again with a bare JSON string."""
    reply = get(sandbox, "/users")
    assert (reply.status_code, reply.json()) == (400, "Requires either a uuids or email query param")


def test_a_user_may_have_neither_address_nor_name(sandbox: Sandbox) -> None:
    """Null, as an agreement without a profile leaves it."""
    bare = next(account for account in sandbox.world.truth.accounts.values() if account.user_email is None)
    assert get(sandbox, f"/users/{bare.user_uuid}").json() == {
        "user_uuid": bare.user_uuid,
        "user_email": None,
        "username": None,
    }
