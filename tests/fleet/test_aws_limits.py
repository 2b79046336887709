"""However long AWS's answers are, or whoever answers in its place: a list ends, in time and in bounded memory."""

import gzip
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from fleet.aws import elasticache, pages
from fleet.aws.client import AwsAccess, AwsKeys, acting_client
from fleet.errors import RemoteError
from fleet.patience import Patience, with_patience
from fleet.tally import Tally
from tests.fleet.aws_servers import GROUP, Respond, answer, elasticache_at, page, server
from tests.scripted_server import Answer, scripted_server


def drip(handler: BaseHTTPRequestHandler, _: int) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while True:
        handler.wfile.write(b" ")
        time.sleep(0.02)


def drips_in_chunks(first: bytes, more: bytes) -> Respond:
    def respond(handler: BaseHTTPRequestHandler, _: int) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(first)
        while True:
            handler.wfile.write(more)
            time.sleep(0.02)

    return respond


def drip_headers(handler: BaseHTTPRequestHandler, _: int) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.02)


def pour(handler: BaseHTTPRequestHandler, _: int) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 2**20)


@pytest.mark.parametrize(
    "respond",
    [
        drip,
        drip_headers,
        drips_in_chunks(b"", b"1\r\n \r\n"),
        drips_in_chunks(b"5;", b"a"),
        drips_in_chunks(b"1\r\n \r\n0\r\n", b"X: y\r\n"),
    ],
    ids=["its body", "a header", "chunks", "a chunk's length", "trailers"],
)
def test_an_answer_that_drips_has_had_its_time(respond: Respond) -> None:
    """Each byte begins the read timeout anew. It is not asked for again: the next answer would drip too."""
    with (
        with_patience(Patience(aws_answer_seconds=0.5, aws_read_seconds=0.4)),
        server(respond) as running,
        pytest.raises(RemoteError, match="the answer was not whole after"),
    ):
        elasticache_at(running.url).replication_groups()
    assert running.requests == 1


def test_an_answer_without_end_is_cut_off() -> None:
    """Before it has filled the memory."""
    with server(pour) as running, pytest.raises(RemoteError, match="the answer is larger than 8 MiB"):
        elasticache_at(running.url).replication_groups()
    assert running.requests == 1


def test_markers_that_are_new_every_time_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever gives one with every page would have us ask for ever."""
    monkeypatch.setattr(pages, "MOST_PAGES", 12)
    with (
        server(lambda handler, number: answer(handler, page(GROUP.format(number), f"m-{number}"))) as running,
        pytest.raises(RemoteError, match="DescribeReplicationGroups: unexpected body: the list has more than 12 pages"),
    ):
        elasticache_at(running.url).replication_groups()
    assert running.requests == 12


def test_a_marker_that_comes_again_is_not_followed() -> None:
    """Nor is one that leads back to an earlier page."""
    with (
        server(lambda handler, number: answer(handler, page(marker=f"m-{number % 2}"))) as running,
        pytest.raises(RemoteError, match="was given twice"),
    ):
        elasticache_at(running.url).replication_groups()
    assert running.requests == 3


def test_a_list_that_takes_too_long_is_given_up() -> None:
    """However willingly each of its pages comes, without end."""
    with (
        with_patience(Patience(survey_seconds=0.2)),
        server(lambda handler, number: answer(handler, page(marker=f"m-{number}"))) as running,
        pytest.raises(RemoteError, match="DescribeReplicationGroups: not asked: the survey was not complete after 0 s"),
    ):
        elasticache_at(running.url).replication_groups()


def test_a_page_that_comes_again_with_another_marker_is_not_the_next_one() -> None:
    """A server that answers every marker with the same rows would be asked as often as a list may have pages."""
    with (
        server(lambda handler, number: answer(handler, page(GROUP.format("a"), f"m-{number}"))) as running,
        pytest.raises(RemoteError, match="its pages go round in a circle"),
    ):
        elasticache_at(running.url).replication_groups()
    assert running.requests < 12


def test_lists_that_are_read_side_by_side_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each alone is short enough; and once they are too many, no other is asked for."""
    monkeypatch.setattr(elasticache, "_MOST_ACTIONS", 25)
    asked: list[str] = []

    def rows(_: pages.AwsPages, *__: object, on_rows: Callable[[int], None], **filters: str) -> list[object]:
        asked.append(filters["ServiceUpdateName"])
        on_rows(10)
        return []

    monkeypatch.setattr(pages.AwsPages, "rows", rows)
    with pytest.raises(RemoteError, match="DescribeUpdateActions: unexpected body: there are more than 25 actions"):
        elasticache_at("http://127.0.0.1:9").update_actions([f"update-{number:03}" for number in range(120)])
    assert len(asked) < 30


@pytest.mark.parametrize(
    "marker", ["<Marker >m</Marker>", "<Marker><![CDATA[m]]></Marker>", "<Marker a='b'>m</Marker>"]
)
def test_a_marker_that_is_written_otherwise_does_not_end_the_list(marker: str) -> None:
    """As by a gateway that writes XML anew: the rest would be missing, and nobody would know."""
    end = "</DescribeReplicationGroupsResult>"
    body = page(GROUP.format(1)).replace(end.encode(), f"{marker}{end}".encode())
    with (
        server(lambda handler, _: answer(handler, body)) as running,
        pytest.raises(RemoteError, match="the marker of its next page is not written as AWS writes it"),
    ):
        elasticache_at(running.url).replication_groups()


def test_an_answer_of_another_form_is_said_in_words() -> None:
    """To a call that botocore parses itself."""
    with server(lambda handler, _: answer(handler, b"<fooResponse><a/></fooResponse>")) as running:
        access = AwsAccess("eu-west-1", AwsKeys("id", "key"), elasticache_endpoint_url=running.url)
        client = acting_client(access, Tally())
        with pytest.raises(pages.LibraryError) as raised, pages.wording_errors():
            client.batch_apply_update_action(ServiceUpdateName="a", ReplicationGroupIds=["b"])
    assert str(raised.value).startswith("unexpected body: KeyError: ")


@pytest.mark.parametrize("status", [201, 202, 203, 204, 206])
def test_a_success_other_than_200_is_no_answer(status: int) -> None:
    """It may have no body, which would look like an empty list, or a part of one."""
    body = b"" if status == 204 else page(GROUP.format("a"))
    with (
        scripted_server(Answer(body, status)) as script,
        pytest.raises(RemoteError, match=f"DescribeReplicationGroups: HTTP {status} instead of 200"),
    ):
        elasticache_at(script.url).replication_groups()
    assert len(script.heard) == 1


@pytest.mark.parametrize("status", [400, 403, 500])
def test_what_aws_says_is_cut_where_it_is_too_long_for_a_log(status: int) -> None:
    """Its code and its message alike: whoever answers in its place may say as much as fits into 8 MiB."""
    error = (
        f"<ErrorResponse><Error><Code>{'C' * 100_000}</Code><Message>{'m ' * 100_000}</Message></Error></ErrorResponse>"
    )
    with (
        with_patience(Patience(pause_factor=0)),
        scripted_server(Answer(error.encode(), status)) as script,
        pytest.raises(RemoteError, match="DescribeReplicationGroups: CCC") as raised,
    ):
        elasticache_at(script.url).replication_groups()
    assert len(str(raised.value)) < 700


def test_a_system_that_does_not_answer_is_asked_twice() -> None:
    """And no more, because each time takes as long as the read timeout."""
    has_ended = threading.Event()

    def hang(_: BaseHTTPRequestHandler, __: int) -> None:
        has_ended.wait(5)

    limits = Patience(aws_read_seconds=0.2, pause_factor=0)
    with (
        with_patience(limits),
        server(hang) as running,
        pytest.raises(RemoteError, match="Read timeout"),
    ):
        elasticache_at(running.url).replication_groups()
    has_ended.set()
    assert running.requests == 2


def test_a_list_of_more_rows_than_an_account_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """All rows of all pages are held until the survey is over."""
    monkeypatch.setattr(pages, "MOST_ROWS", 3)
    rows = "".join(GROUP.format(number) for number in range(4))
    with scripted_server(Answer(page(rows))) as script, pytest.raises(RemoteError, match="more than 3 rows"):
        elasticache_at(script.url).replication_groups()


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (page("<a>" * 150_000 + "</a>" * 150_000), "more than 200,000 tags"),
        (page("<a>" * 90_000 + "</a>" * 90_000), "<a> without ReplicationGroupId"),
        (page(GROUP.format("x" * 300)), "ReplicationGroupId is 303 characters long"),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + page(GROUP.format("&a;")), "not plain XML"),
        ('<?xml version="1.0"?>'.encode("utf-16") + page().decode().encode("utf-16-le"), "not plain XML"),
        (b"\x1f\x8b" + page(), "not XML"),
    ],
)
def test_what_would_fill_the_memory_or_the_stack_is_refused(body: bytes, cause: str) -> None:
    """Many elements, deep ones, long texts, entities that stand for more: each is said, none is held."""
    with scripted_server(Answer(body)) as script, pytest.raises(RemoteError, match=cause):
        elasticache_at(script.url).replication_groups()


def test_a_compressed_answer_is_not_unpacked() -> None:
    """Nobody asked for one; a megabyte of it can hold two thousand."""
    body = gzip.compress(page(GROUP.format("a")))
    compressed = Answer(body, headers={"Content-Encoding": "gzip"})
    with scripted_server(compressed) as script, pytest.raises(RemoteError, match=r"not XML|not plain XML"):
        elasticache_at(script.url).replication_groups()


@pytest.mark.parametrize("count", ["9" * 400, "-1", "1e3", "٣", "many"])
def test_a_number_of_nodes_that_is_none_fails_the_survey(count: str) -> None:
    """Rather than everybody who counts with it later."""
    cluster = f"<CacheCluster><CacheClusterId>a</CacheClusterId><NumCacheNodes>{count}</NumCacheNodes></CacheCluster>"
    body = page(cluster, key="CacheClusters").replace(b"ReplicationGroups", b"CacheClusters")
    with scripted_server(Answer(body)) as script, pytest.raises(RemoteError, match="is not a number of nodes"):
        elasticache_at(script.url).lone_cache_nodes_count()
