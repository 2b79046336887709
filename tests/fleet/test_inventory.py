"""What single values derive from what the remote systems said."""

import pytest

from fleet.inventory import UNSETTLED_STATUSES
from tests.builders import action, group, service_update


@pytest.mark.parametrize(
    ("engine", "engines", "is_ours"),
    [
        ("redis", ("redis",), True),
        ("Redis", ("redis",), True),
        ("valkey,redis", ("redis", "valkey"), True),
        (" VALKEY ,\tmemcached ", ("memcached", "valkey"), True),
        ("redis, redis", ("redis",), True),
        ("Redis OSS", ("redis oss",), True),
        ("memcached, something new", ("memcached", "something new"), True),
        ("", (), True),
        ("memcached", ("memcached",), False),
        ("Memcached , memcached", ("memcached",), False),
    ],
)
def test_an_update_is_ours_unless_it_is_for_memcached_alone(
    engine: str, engines: tuple[str, ...], *, is_ours: bool
) -> None:
    """AWS writes one engine or several, or none, in any spelling: an unknown word must not hide what waits."""
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


@pytest.mark.parametrize(
    ("status", "is_unsettled"),
    [
        ("not-applied", True),
        ("stopped", True),
        ("waiting-to-start", True),
        ("in-progress", True),
        ("stopping", True),
        ("scheduling", True),
        ("scheduled", True),
        ("complete", False),
        ("not-applicable", False),
    ],
)
def test_what_is_complete_or_not_applicable_is_settled(status: str, *, is_unsettled: bool) -> None:
    """Of all of AWS's statuses; only where something is left to be done does a survey look."""
    assert (status in UNSETTLED_STATUSES) is is_unsettled


@pytest.mark.parametrize("type_", ["engine-update", "security-update", "", "something-new"])
def test_only_a_major_version_update_is_one(type_: str) -> None:
    """It changes what the tenant's own program talks to, so nobody is given it unasked."""
    assert not service_update(type=type_).is_major_version
    assert service_update(type="engine-major-version-update").is_major_version
