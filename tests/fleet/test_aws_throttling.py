"""AWS asks to be asked less often: it is left alone for as long as it says, within bounds, and a call given up in the end."""

import pytest

from fleet.aws import throttling
from fleet.errors import RemoteError
from fleet.tally import Tally
from tests.fleet.aws_servers import GROUP, elasticache_at, page
from tests.scripted_server import Answer, scripted_server

THROTTLED = "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"


@pytest.mark.parametrize("status", [400, 429, 503])
def test_aws_is_left_alone_for_as_long_as_it_asks(status: int) -> None:
    """As every other system is: one answer, and then nothing is asked before that time; other lists included."""
    refusal = Answer(THROTTLED.encode(), status, {"Retry-After": "120"})
    with scripted_server(refusal) as script:
        tally = Tally()
        elasticache = elasticache_at(script.url, tally)
        with pytest.raises(RemoteError, match=f"HTTP {status}, and asks to be left alone for 120 s"):
            elasticache.replication_groups()
        with pytest.raises(RemoteError, match=r"not asked: it wants to be left alone for 1\d\d s more"):
            elasticache.service_updates()
        assert len(script.heard) == 1
        assert tally.requests["elasticache"] == tally.failures["elasticache"] == 1


def test_a_short_pause_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the list is then read."""
    slept: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", slept.append)
    refusal = Answer(THROTTLED.encode(), 400, {"Retry-After": "7"})
    with scripted_server(refusal, Answer(page(GROUP.format("a")))) as script:
        assert len(elasticache_at(script.url).replication_groups()) == 1
    assert slept == [7.0]


def test_throttling_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once AWS has answered nothing at all for three quarters of a minute."""
    monkeypatch.setattr(throttling, "LONGEST_SILENCE_SECONDS", 0.3)
    with (
        scripted_server(Answer(THROTTLED.encode(), 400)) as script,
        pytest.raises(RemoteError, match="Throttling: Rate exceeded"),
    ):
        elasticache_at(script.url).replication_groups()
    assert len(script.heard) > 1


@pytest.mark.parametrize(
    ("throttled_at", "answered_at", "is_hopeless"),
    [(0.0, 0.0, True), (0.0, 54.0, True), (0.0, 56.0, False), (56.0, 0.0, False), (99.0, 0.0, False)],
)
def test_a_call_is_throttled_in_vain_only_where_no_other_gets_an_answer(
    throttled_at: float, answered_at: float, *, is_hopeless: bool
) -> None:
    """Lists that are read side by side take answers from one another: that one gets none is no reason to give up."""
    assert throttling.is_hopeless(100.0, throttled_at, answered_at) is is_hopeless
