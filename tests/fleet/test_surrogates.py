"""Half characters in anybody's JSON are replaced where it is read, and everything else stays as it is."""

import json

import pytest

from fleet.http_session import GuardedSession, time_limits
from fleet.surrogates import with_whole_characters
from tests.scripted_server import Answer, scripted_server


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (rb'"\ud800"', "\ufffd"),
        (rb'"a\uDFFFb"', "a\ufffdb"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (rb'"\ude00\ud83d"', "\ufffd\ufffd"),
        (rb'"\\ud800"', r"\ud800"),
        (rb'"\\\ud800"', "\\\ufffd"),
        (rb'"\u00e9\"\ufffd"', '\u00e9"\ufffd'),
        (b'"plain"', "plain"),
    ],
)
def test_half_a_character_is_replaced(body: bytes, read: str) -> None:
    assert json.loads(with_whole_characters(body)) == read
    assert read.encode()


def test_each_system_that_is_asked_over_http_is_read_so() -> None:
    """Cloud Foundry, PaaS Accounts, Notify, Statuspage and GitHub have this session in common."""
    with scripted_server(Answer(rb'{"name": "a\ud800b"}')) as server:
        answer = GuardedSession().get(server.url, timeout=time_limits(5.0))  # type: ignore[arg-type] # as everywhere
    assert answer.json() == {"name": "a\ufffdb"}
