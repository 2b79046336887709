"""Each client of a system that speaks JSON over HTTP: how it is asked, and how a good answer looks."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import msgspec

from fleet.cloudfoundry.pages import PER_PAGE, CloudFoundryPages, Nothing, Page, Text
from fleet.cloudfoundry.uaa import BearerToken
from fleet.inventory import User
from fleet.tally import Tally
from notifier.announce.github import GitHub, GitHubSettings
from notifier.announce.statuspage import Statuspage, StatuspageSettings, Timing
from notifier.contacts.accounts_access import AccountsAccess
from notifier.contacts.paas_accounts import PaasAccounts
from notifier.mail.message import Message
from notifier.mail.notify import Notify
from notifier.mail.notify_answers import Accepted
from notifier.mail.notify_settings import NotifySettings
from tests.notifier.status_page import Ticking
from tests.scripted_server import Answer, ScriptedServer, scripted_server

UUID = "11111111-2222-4333-8444-555555555555"
NOTIFY_KEY = f"key-{UUID}-{UUID}"
TOKEN = json.dumps({"access_token": "t", "expires_in": 600, "scope": "cloud_controller.admin"}).encode()
EMPTY_PAGE = json.dumps({"pagination": {"total_results": 0}, "resources": []}).encode()
Ask = Callable[[], object]


class Plan(msgspec.Struct):
    """Any row of a list will do."""

    guid: Text
    name: Text


class FixedTokens:
    def token(self) -> BearerToken:
        return BearerToken("the-token")

    def discard(self) -> None:
        pass


@dataclass(frozen=True)
class System:
    name: str
    client: Callable[[str, str], Ask]
    """Of the system's address, and of one that answers well whatever is asked there."""
    good: Callable[[str], bytes]
    """A good answer; the same address is given."""
    good_status: str = "200 OK"
    has_our_words: bool = True
    """Whether what is wrong is said as of most systems, not in words that the system has for itself."""
    is_left_alone: bool = True
    """Whether it is not asked for so long as it asks for; else it is waited for, or nothing is kept."""

    def helper(self) -> AbstractContextManager[ScriptedServer]:
        """What else has to answer: the UAA that a root document leads to."""
        return scripted_server(Answer(TOKEN)) if self.name == "root" else nullcontext(ScriptedServer("", []))


def _pages(url: str, _: str) -> Ask:
    pages = CloudFoundryPages(url, FixedTokens(), Tally())
    return lambda: list(pages.of("/v3/service_plans", (PER_PAGE,), Page[Plan, Nothing]))


def _accounts(url: str, _: str) -> Ask:
    accounts = PaasAccounts(AccountsAccess(url, "user", "password"), Tally())
    return lambda: accounts.addresses([User(UUID), User(UUID.replace("1", "2"))])


def _send(url: str, _: str) -> Ask:
    notify = Notify(NotifySettings(NOTIFY_KEY, url))

    def ask() -> object:
        answer = notify.send("a@example.org", Message("contents", "date"), "reference")
        if not isinstance(answer, Accepted):
            raise NotSentError(str(answer))
        return answer

    return ask


def _find(url: str, _: str) -> Ask:
    notify = Notify(NotifySettings(NOTIFY_KEY, url))
    return lambda: notify.find("reference")


def _page(url: str) -> Statuspage:
    time = Ticking()
    return Statuspage(StatuspageSettings("key", "page", url), Timing(time.clock, time.pause), lambda _: None)


def _read_page(url: str, _: str) -> Ask:
    page = _page(url)
    return page.components


def _create_incident(url: str, _: str) -> Ask:
    page = _page(url)
    return lambda: page.create({})


def _github(url: str) -> GitHub:
    return GitHub(GitHubSettings("token", "team/platform", url))


def _read_issue(url: str, _: str) -> Ask:
    github = _github(url)
    return lambda: github.issue(5)


def _create_issue(url: str, _: str) -> Ask:
    github = _github(url)
    return lambda: github.create("title", "body")


class NotSentError(Exception):
    """The answer says so: a value, as most failures of one mail are."""


SYSTEMS = [
    System("pages", _pages, lambda _: EMPTY_PAGE),
    System("accounts", _accounts, lambda _: b'{"users": [null, null]}'),
    System("notify, sending", _send, lambda _: b'{"id": "5"}', "201 Created", has_our_words=False, is_left_alone=False),
    System("notify, looking up", _find, lambda _: b'{"notifications": []}', has_our_words=False, is_left_alone=False),
    System("statuspage, reading", _read_page, lambda _: b"[]", is_left_alone=False),
    System(
        "statuspage, changing", _create_incident, lambda _: b'{"id": "incident"}', "201 Created", is_left_alone=False
    ),
    System(
        "github, reading",
        _read_issue,
        lambda _: b'{"number": 5, "body": null}',
        has_our_words=False,
        is_left_alone=False,
    ),
    System(
        "github, changing",
        _create_issue,
        lambda _: b'{"number": 5}',
        "201 Created",
        has_our_words=False,
        is_left_alone=False,
    ),
]
