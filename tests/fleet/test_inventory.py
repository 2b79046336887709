"""What single values derive from what the remote systems said."""

import pytest

from tests.builders import action, group, service_update


@pytest.mark.parametrize(
    ("engine", "engines", "is_ours"),
    [
        ("redis", ("redis",), True),
        ("Redis", ("redis",), True),
        ("valkey,redis", ("redis", "valkey"), True),
        (" VALKEY ,\tmemcached ", ("memcached", "valkey"), True),
        ("redis, redis", ("redis",), True),
        ("memcached", ("memcached",), False),
        ("memcached, redisish", ("memcached", "redisish"), False),
        ("", (), False),
    ],
)
def test_an_update_is_ours_if_any_of_its_engines_is(engine: str, engines: tuple[str, ...], *, is_ours: bool) -> None:
    """AWS writes one engine or several, in any case and spacing."""
    update = service_update(engine=engine)
    assert update.engines == engines
    assert update.is_ours is is_ours


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 minutes per node", 1800),
        ("1 hour per node", 3600),
        (" 45 Seconds ", 45),
        ("", None),
        ("a while", None),
        ("30-60 minutes per node", None),
    ],
)
def test_the_estimate_is_a_number_where_its_words_are_known(text: str, seconds: float | None) -> None:
    """It is free text: what is not understood is not guessed."""
    assert service_update(estimated_update_time=text).estimated_seconds_per_node == seconds


@pytest.mark.parametrize(
    ("nodes", "failover", "is_highly_available"), [(2, True, True), (1, True, False), (2, False, False)]
)
def test_highly_available_means_failover_and_more_than_one_node(
    nodes: int, *, failover: bool, is_highly_available: bool
) -> None:
    """Automatic failover without a second node has nowhere to go."""
    assert group("cf-a", nodes, failover=failover).is_highly_available is is_highly_available


@pytest.mark.parametrize("status", ["not-applied", "stopped"])
def test_these_statuses_wait(status: str) -> None:
    """A stopped update was applied to some nodes at the most, and has to be applied again."""
    assert action("redis-1", "cf-a", status).is_required


@pytest.mark.parametrize("status", ["complete", "scheduled", "in-progress", "not-applicable", "something-new"])
def test_other_statuses_do_not_wait(status: str) -> None:
    """A status that AWS invents tomorrow passes through without being counted as waiting."""
    assert not action("redis-1", "cf-a", status).is_required
