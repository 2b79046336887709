"""Lists of Cloud Foundry's × every way of being less than they should be; and links that lead elsewhere."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests import Request
from urllib3.util import parse_url

from fleet.cloudfoundry.pages import CloudFoundryPages, Nothing, Page
from fleet.errors import RemoteError
from fleet.patience import Patience, with_patience
from fleet.remote_address import AddressError, linked_address, remote_address
from fleet.tally import Tally
from tests.faults.faulty_server import Behaviour, Conversation, faulty_server
from tests.faults.list_faults import HOSTILE_LINKS, LIST_FAULTS, ListFault, page
from tests.faults.remote_systems import FixedTokens, Plan

API = "https://api.example.org"


def rows_of(url: str, tally: Tally) -> list[str]:
    pages = CloudFoundryPages(url, FixedTokens(), tally).of("/v3/service_plans", (), Page[Plan, Nothing])
    return [plan.guid for each in pages for plan in each.resources]


def one_after_another(fault: ListFault, url: str) -> Behaviour:
    pages = fault.pages(url)
    last = next(pages)

    def behave(conversation: Conversation) -> None:
        nonlocal last
        conversation.answer(json.dumps(last).encode())
        last = next(pages, last)

    return behave


@pytest.mark.parametrize("fault", LIST_FAULTS, ids=lambda fault: fault.name)
def test_a_list_that_is_not_whole_is_an_error(fault: ListFault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is missing from it would be told nothing, and be missed by nobody; it is counted as a failure."""
    monkeypatch.setattr("fleet.cloudfoundry.pages._MOST_PAGES", 50)
    tally = Tally()
    with faulty_server(lambda _: None) as server:
        server.behaviours[:] = [one_after_another(fault, server.url)]
        with pytest.raises(RemoteError, match=fault.says):
            rows_of(server.url, tally)
    assert tally.failures["cloudfoundry"] == 1


def test_a_list_of_slow_pages_ends() -> None:
    """Each page within its own time, one after another for ever."""
    (endless,) = (fault for fault in LIST_FAULTS if fault.name == "endless")
    with with_patience(Patience(survey_seconds=0.2)), faulty_server(lambda _: None) as server:
        server.behaviours[:] = [one_after_another(endless, server.url)]
        with pytest.raises(RemoteError, match="the survey was not complete after 0 s"):
            rows_of(server.url, Tally())


@pytest.mark.parametrize("link", HOSTILE_LINKS)
def test_a_link_that_leads_elsewhere_is_not_followed(link: str) -> None:
    """Wherever any parser believes that it leads: the token goes to the API and to nobody else."""
    with faulty_server(lambda _: None) as server, faulty_server(lambda c: c.answer(b"{}")) as other:
        hosts = {"api": server.url.partition("//")[2], "other": other.url.partition("//")[2], "host": "127.0.0.1"}
        body = json.dumps(page(range(1), 2, link.format(**hosts))).encode()
        server.behaviours[:] = [lambda conversation: conversation.answer(body)]
        with pytest.raises(RemoteError, match=r"next page is (none|on another origin)"):
            rows_of(server.url, Tally())
        assert len(server.heard) == 1
        assert not other.heard


@settings(max_examples=200)
@given(
    st.text(alphabet=st.sampled_from("https:/\\@#?[]%.~ \t\n\x00apiexmlorg0129-_é")).map(
        lambda tail: f"https://api{tail}"
    )
    | st.text(max_size=40)
)
def test_every_parser_agrees_on_what_is_accepted(link: str) -> None:
    """What passes for the API's own is the API for the parsers of requests and of urllib3 too."""
    try:
        url = linked_address(API, link)
        address = remote_address(url)
    except AddressError:
        return
    prepared = Request("GET", url).prepare().url or ""
    for parsed in (parse_url(prepared), parse_url(url)):
        assert (parsed.host or "").strip("[]") == address.host
        assert parsed.scheme == address.scheme
        assert parsed.port in (address.port, None)
        assert parsed.auth is None


def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones() -> None:
    """A tenant may write megabytes of metadata onto each instance, and must not stop everybody's surveys by that."""
    small = json.dumps(page(range(2), 2)).encode()

    def behave(conversation: Conversation) -> None:
        if "per_page=10" in conversation.heard.line:
            conversation.answer(small)
        else:
            conversation.answer(b" " * (40 * 1024 * 1024))

    with faulty_server(behave) as server:
        pages = CloudFoundryPages(server.url, FixedTokens(), Tally()).of(
            "/v3/service_plans", (("per_page", "5000"),), Page[Plan, Nothing]
        )
        assert [plan.guid for each in pages for plan in each.resources] == ["guid-0", "guid-1"]
        assert len(server.heard) == 3
