"""By which clock remote systems answer, and how far it is from ours."""

from email.utils import formatdate
from time import time

import pytest

from fleet.answer_dates import answers_heard, note_answer, seconds_ahead
from fleet.aws.identity import caller_identity
from fleet.remote_http import NoAuth, RemoteHttp, Request, StatusError
from fleet.tally import Tally
from sandbox.server import Sandbox
from tests.region_of import region_of


@pytest.mark.parametrize(
    ("answered_at", "asked_at", "arrived_at", "ahead"),
    [
        (100.0, 100.2, 100.4, 0.0),  # its date is cut to whole seconds
        (100.0, 100.9, 130.0, 0.0),  # an answer that takes long says nothing about clocks
        (110.0, 100.0, 130.0, 0.0),
        (100.0, 141.0, 141.5, 40.0),
        (141.5, 100.0, 101.5, -40.0),
    ],
)
def test_only_what_the_way_cannot_explain_counts(
    answered_at: float, asked_at: float, arrived_at: float, ahead: float
) -> None:
    assert seconds_ahead(answered_at, asked_at, arrived_at) == ahead


@pytest.mark.parametrize(
    ("headers", "count"),
    [
        ({"Date": formatdate(usegmt=True)}, 1),
        ({"Date": formatdate(usegmt=True), "Age": "3600"}, 0),
        ({"Date": "yesterday"}, 0),
        ({"Date": "Mon, 99 Nov 2026 00:00:00 GMT"}, 0),
        ({}, 0),
    ],
)
def test_a_date_that_says_nothing_is_not_heard(headers: dict[str, str], count: int) -> None:
    """None, an unreadable one, and that of an answer which a cache has kept."""
    heard: list[float] = []
    with answers_heard(heard.append):
        note_answer(headers, time())
    note_answer({"Date": formatdate(usegmt=True)}, time())  # nobody listens any more
    assert len(heard) == count


def test_clients_of_json_and_of_aws_are_heard(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when they are refused, since then one looks for the reason."""
    sandbox.clock.date_skew_seconds = 3600
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sandbox.environment["AWS_ENDPOINT_URL_STS"])
    api = sandbox.environment["CF_API_ADDRESS"]
    heard: list[float] = []
    with answers_heard(heard.append):
        with pytest.raises(StatusError):
            RemoteHttp("cloudfoundry", Tally()).ask(
                Request("GET", f"{api}/v3/roles", "GET /v3/roles", NoAuth()), dict[str, object]
            )
        of_json = list(heard)
        caller_identity(region_of(sandbox).aws)
    assert [round(-seconds, -2) for seconds in (*of_json, heard[-1])] == [3600, 3600]
