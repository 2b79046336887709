"""Managers' addresses: whoever is not answered for is not taken for unknown."""

import base64
import json
from collections.abc import Sequence

import pytest

from fleet.errors import RemoteError
from fleet.inventory import User
from fleet.tally import Tally
from notifier.contacts.accounts_access import AccountsAccess
from notifier.contacts.paas_accounts import PaasAccounts
from tests.scripted_server import Answer, scripted_server

A, B, C = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abc")


def accounts(*found: object) -> Answer:
    return Answer(json.dumps({"users": found}).encode())


def account(uuid: str, email: str | None = "who@example.org") -> dict[str, object]:
    return {"user_uuid": uuid, "user_email": email, "username": None}


def addresses(*answers: Answer, users: Sequence[str] = (A, B)) -> dict[str, str]:
    """By user, the address or why there is none."""
    with scripted_server(*answers) as server:
        asked = PaasAccounts(AccountsAccess(server.url, "user", "pa£ss"), Tally())
        found = asked.addresses([User(user) for user in users])
    return {guid: address.address or address.missing_because for guid, address in found.items()}


def test_users_have_their_addresses_in_any_order() -> None:
    """Null is said of a user that it does not know."""
    assert addresses(accounts(account(B, "B@example.org"), None)) == {
        A: "not known to PaaS Accounts",
        B: "b@example.org",
    }


@pytest.mark.parametrize(
    "answer",
    [
        accounts(),
        accounts(account(A)),
        accounts(account(A), account(B), account(C)),
        accounts(account(A), account(C)),
        accounts(account(C), None),
    ],
    ids=["nobody", "one too few", "one too many", "somebody else", "somebody else and null"],
)
def test_an_answer_for_other_users_than_asked_is_an_error(answer: Answer) -> None:
    """Else people would be called unknown whom it knows, and nobody would tell them."""
    with pytest.raises(RemoteError, match="it was asked for 2 users, and answered for others"):
        addresses(answer)


def test_one_user_that_is_refused_costs_nobody_else_their_mail() -> None:
    """It refuses the whole request for one uuid; that one is named with the reason."""
    bad = Answer(b'"bad uuid"', status=400)
    assert addresses(bad, accounts(account(A, "a@example.org")), bad) == {
        A: "a@example.org",
        B: "PaaS Accounts refuses its guid",
    }


def test_a_refusal_of_everybody_is_about_none_of_them() -> None:
    """Nobody would be told, and each would be called unknown."""
    with pytest.raises(RemoteError, match="HTTP 400 for every user, so it is not about one of them"):
        addresses(Answer(status=400), users=(A, B, C))


@pytest.mark.parametrize(
    ("email", "address"),
    [
        (None, "has no address in PaaS Accounts"),
        (" ", "has no address in PaaS Accounts"),
        (" Who@Example.org\n", "who@example.org"),
        ("a@example.org\nBcc: b@example.org", "its address in PaaS Accounts is not an e-mail address"),
        ("a" * 400 + "@example.org", "its address in PaaS Accounts is not an e-mail address"),
        ("a\u202e@example.org", "its address in PaaS Accounts is not an e-mail address"),
    ],
)
def test_an_address_is_one_line(email: str | None, address: str) -> None:
    """What Notify makes of the rest, it says itself."""
    assert addresses(accounts(account(A, email)), users=[A])[A] == address


def test_the_password_is_sent_in_utf_8() -> None:
    """As the service reads it."""
    with scripted_server(accounts(None)) as server:
        PaasAccounts(AccountsAccess(server.url, "üser", "pa€ss"), Tally()).addresses([User(A)])
    header = server.heard[0].headers["Authorization"]
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == "üser:pa€ss"
