"""Everything that can go wrong goes wrong on demand, as a client sees it."""

import time as wall
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.parsers import ResponseParserError
from mypy_boto3_elasticache import ElastiCacheClient

from sandbox import Sandbox
from sandbox.faults import KINDS, Fault, FaultError, Faults

Start = Callable[..., Sandbox]
Ask = Callable[..., requests.Response]
PATHS = {"cloudfoundry": "/v3/info", "accounts": "/", "uaa": "/oauth/token"}


def get(sandbox: Sandbox, system: str = "cloudfoundry", seconds: float = 5) -> requests.Response:
    return requests.get(sandbox.origins[system] + PATHS[system], timeout=seconds)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("elasticache:throttle:0.2", Fault("elasticache", "throttle", probability=0.2)),
        ("all:latency:0.05", Fault("all", "latency", seconds=0.05)),
        ("uaa:down", Fault("uaa", "down")),
        ("accounts:html:502", Fault("accounts", "html", status=502)),
        ("elasticache/DescribeUpdateActions:hang", Fault("elasticache", "hang", "DescribeUpdateActions")),
        (
            "cloudfoundry/v3/roles:status:503,next=2,retry_after=1",
            Fault("cloudfoundry", "status", "v3/roles", status=503, retry_after="1", remaining=2),
        ),
        ("uaa:throttle:next=1,probability=0.5", Fault("uaa", "throttle", probability=0.5, remaining=1)),
    ],
)
def test_a_fault_is_written_in_one_line(text: str, fault: Fault) -> None:
    """System, call, kind, and what the kind is mostly given without its name."""
    assert Fault.parse(text) == fault


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nonsense", "should look like"),
        ("moon:down", "no system 'moon'"),
        ("uaa:explode", "no kind 'explode'"),
        ("uaa:down:colour=red", "no setting 'colour'"),
        ("uaa:status", "which status"),
        ("uaa:status:999", "no HTTP status"),
        ("uaa:latency", "how many seconds"),
        ("uaa:latency:soon", "could not convert"),
        ("uaa:down:1.5", "between 0 and 1"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(text: str, problem: str) -> None:
    """The message names the fault and what would do."""
    with pytest.raises(FaultError, match=problem) as refused:
        Fault.parse(text)
    assert text in str(refused.value)


def test_a_fault_strikes_only_its_system_and_call(start: Start) -> None:
    """Another system, or another call of the same one, is served."""
    sandbox = start(faults=("cloudfoundry/v3/info:status:500",))
    assert get(sandbox).status_code == 500
    assert get(sandbox, "accounts").status_code == 200
    assert requests.get(sandbox.origins["cloudfoundry"], timeout=5).status_code == 200


def test_a_fault_can_strike_a_number_of_requests(start: Start) -> None:
    """Then it is used up, and gone from the list."""
    sandbox = start()
    sandbox.faults.add("cloudfoundry:status:503,next=2")
    assert [get(sandbox).status_code for _ in range(4)] == [503, 503, 200, 200]
    assert sandbox.faults.active() == []


def test_a_fault_can_strike_by_chance_and_the_seed_decides() -> None:
    """The same seed makes the same requests fail."""

    def struck(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add("uaa:down:0.3")
        return [faults.strike("uaa", "/oauth/token")[1] is not None for _ in range(200)]

    assert struck(1) == struck(1) != struck(2)
    assert 30 < sum(struck(1)) < 90


def test_a_fault_can_last_for_a_block_of_code(sandbox: Sandbox) -> None:
    """Several at once; the first that was added strikes."""
    with sandbox.faults.during("cloudfoundry:status:502", "cloudfoundry:status:500"):
        assert get(sandbox).status_code == 502
    assert get(sandbox).status_code == 200


def test_latencies_overlap_and_add_up(sandbox: Sandbox) -> None:
    """Twenty requests at once take as long as one; two latencies take their sum."""
    with sandbox.faults.during("all:latency:0.1", "cloudfoundry:latency:0.1"), ThreadPoolExecutor(20) as pool:
        began = wall.monotonic()
        replies = list(pool.map(lambda _: get(sandbox).status_code, range(20)))
        took = wall.monotonic() - began
    assert replies == [200] * 20
    assert 0.2 <= took < 2


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("elasticache:throttle", 400, "Throttling"),
        ("elasticache:expired", 403, "ExpiredToken"),
        ("elasticache:status:500", 500, "InternalFailure"),
        ("elasticache:status:503", 503, "ServiceUnavailable"),
    ],
)
def test_elasticache_fails_in_its_own_words(
    sandbox: Sandbox, elasticache: ElastiCacheClient, fault: str, status: int, code: str
) -> None:
    """boto3 raises a ClientError with AWS's code."""
    with sandbox.faults.during(fault), pytest.raises(ClientError) as error:
        elasticache.describe_service_updates()
    response = error.value.response
    assert (response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]) == (status, code)


def test_a_throttled_call_succeeds_when_boto3_tries_again(start: Start, client_of: Callable[..., Any]) -> None:
    """As for the real one, whose throttling boto3 recognises."""
    sandbox = start(faults=("elasticache:throttle:next=1",))
    client = client_of(sandbox)
    with pytest.raises(ClientError, match="Rate exceeded"):
        client.describe_service_updates()
    assert client.describe_service_updates()["ServiceUpdates"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("elasticache:down", ConnectionClosedError),
        ("elasticache:half", ResponseParserError),  # botocore does not count the bytes
        ("elasticache:html", ResponseParserError),
        ("elasticache:garbled", ResponseParserError),
        ("elasticache:empty", ResponseParserError),
    ],
)
def test_broken_answers_reach_boto3_as_they_are(
    sandbox: Sandbox,
    elasticache: ElastiCacheClient,
    fault: str,
    error: type[Exception],
) -> None:
    """A closed connection, half a body, and what is no XML."""
    with sandbox.faults.during(fault), pytest.raises(error):
        elasticache.describe_service_updates()


def test_cloud_foundry_throttles_with_json_that_claims_to_be_text(sandbox: Sandbox) -> None:
    """With the seconds to wait, as given."""
    with sandbox.faults.during("cloudfoundry:throttle:retry_after=7"):
        reply = get(sandbox)
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "7")
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert reply.json()["errors"][0]["code"] == 10013


@pytest.mark.parametrize(
    ("status", "title"), [(500, "UnknownError"), (503, "CF-ServiceUnavailable"), (429, "CF-RateLimitExceeded")]
)
def test_cloud_foundry_fails_in_its_own_words(sandbox: Sandbox, status: int, title: str) -> None:
    """JSON with a title, and Retry-After where one is given."""
    with sandbox.faults.during(f"cloudfoundry:status:{status},retry_after=3"):
        reply = get(sandbox)
    assert (reply.status_code, reply.json()["errors"][0]["title"], reply.headers["Retry-After"]) == (status, title, "3")


@pytest.mark.parametrize("system", ["cloudfoundry", "accounts"])
def test_the_router_fails_in_plain_text(sandbox: Sandbox, system: str) -> None:
    """502 comes from in front of the API, with a header of its own."""
    with sandbox.faults.during(f"{system}:status:502"):
        reply = get(sandbox, system)
    assert (reply.status_code, reply.headers["X-Cf-RouterError"]) == (502, "endpoint_failure")
    assert reply.text.startswith("502 Bad Gateway")


def test_an_expired_login_is_refused_everywhere_in_its_own_way(sandbox: Sandbox) -> None:
    """Each system has its own body; the status is 401."""
    with sandbox.faults.during("all:expired"):
        replies = {system: get(sandbox, system) for system in PATHS}
    assert {reply.status_code for reply in replies.values()} == {401}
    assert replies["cloudfoundry"].json()["errors"][0]["title"] == "CF-InvalidAuthToken"
    assert replies["uaa"].json()["error"] == "invalid_token"
    assert replies["accounts"].json() == {"message": "Unauthorized"}


def test_uaa_and_accounts_throttle(sandbox: Sandbox) -> None:
    """UAA in JSON, PaaS Accounts in text, both with 429."""
    with sandbox.faults.during("uaa:throttle", "accounts:throttle"):
        uaa, accounts = get(sandbox, "uaa"), get(sandbox, "accounts")
    assert (uaa.status_code, uaa.json()["error"][:23]) == (429, "429 - Too Many Requests")
    assert (accounts.status_code, accounts.headers["Retry-After"]) == (429, "1")


@pytest.mark.parametrize(("fault", "status"), [("html", 200), ("html:502", 502)])
def test_a_page_of_html_comes_with_any_status(sandbox: Sandbox, fault: str, status: int) -> None:
    """What a proxy in between might say."""
    with sandbox.faults.during(f"cloudfoundry:{fault}"):
        reply = get(sandbox)
    assert (reply.status_code, reply.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert "<h1>" in reply.text


def test_half_a_body_breaks_off(sandbox: Sandbox) -> None:
    """The headers promised more."""
    with sandbox.faults.during("cloudfoundry:half"), pytest.raises(requests.exceptions.ChunkedEncodingError):
        get(sandbox)


def test_a_garbled_body_is_complete_but_no_json(sandbox: Sandbox) -> None:
    """Its length is as promised, so only its content tells; an empty one likewise."""
    for kind in ("garbled", "empty"):
        with sandbox.faults.during(f"cloudfoundry:{kind}"):
            reply = get(sandbox)
        assert reply.status_code == 200
        with pytest.raises(requests.exceptions.JSONDecodeError):
            reply.json()


def test_a_system_that_is_down_closes_the_connection(sandbox: Sandbox) -> None:
    """Without a word, after the request has arrived."""
    with sandbox.faults.during("cloudfoundry:down"), pytest.raises(requests.exceptions.ConnectionError):
        get(sandbox)


def test_a_system_that_hangs_never_answers(sandbox: Sandbox) -> None:
    """Others are served meanwhile."""
    with sandbox.faults.during("cloudfoundry:hang"):
        with pytest.raises(requests.exceptions.ReadTimeout):
            get(sandbox, seconds=0.2)
        assert get(sandbox, "accounts").status_code == 200


def test_a_hanging_request_does_not_keep_the_sandbox_from_ending(start: Start) -> None:
    """Connections are dropped, so that a test of a time-out costs no more than the time-out."""
    with ThreadPoolExecutor(1) as pool:
        with Sandbox(start().options) as sandbox:
            sandbox.faults.add("all:hang")
            hanging = pool.submit(get, sandbox)
            while not sandbox.journal.entries():
                wall.sleep(0.01)
            began = wall.monotonic()
        assert wall.monotonic() - began < 1
        assert isinstance(hanging.exception(), requests.exceptions.ConnectionError)


def page(sandbox: Sandbox, ask: Ask, fault: str) -> dict[str, Any]:
    asked = {"per_page": 5, "page": 2, "fields[space]": "guid,name"}
    with sandbox.faults.during(f"cloudfoundry/v3/service_instances:{fault}"):
        document: dict[str, Any] = ask(sandbox, "/v3/service_instances", asked).json()
    return document


def test_cloud_foundry_can_send_a_client_to_another_origin(sandbox: Sandbox, ask: Ask) -> None:
    """Whoever follows takes the token there, which the journal shows."""
    href = page(sandbox, ask, "foreign-next")["pagination"]["next"]["href"]
    assert href.startswith(sandbox.origins["accounts"] + "/v3/service_instances?")
    sandbox.journal.clear()
    requests.get(href, headers={"Authorization": "bearer secret"}, timeout=5)
    assert [(e.system, e.authorization) for e in sandbox.journal.entries()] == [("accounts", "bearer")]


def test_cloud_foundry_can_lead_in_a_circle(sandbox: Sandbox, ask: Ask) -> None:
    """The next page is the same page."""
    assert "page=2" in page(sandbox, ask, "looping-next")["pagination"]["next"]["href"]


def test_cloud_foundry_can_leave_out_or_empty_what_it_promised(sandbox: Sandbox, ask: Ask) -> None:
    """No parents, no names, no resources, each with a status of 200."""
    assert "included" not in page(sandbox, ask, "missing-included")
    nameless = page(sandbox, ask, "null-names")
    assert {r["name"] for r in nameless["resources"]} == {s["name"] for s in nameless["included"]["spaces"]} == {None}
    empty = page(sandbox, ask, "no-resources")
    assert (empty["resources"], empty["pagination"]["total_results"] > 0) == ([], True)


def test_every_kind_of_fault_is_explained() -> None:
    """The help prints these."""
    assert all(KINDS.values())
