"""By which clock AWS dates its listings, heard from its answers."""

from dataclasses import replace

import pytest

from fleet.aws.client import elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.tally import Tally
from notifier.apply.dated_listings import DatedListings
from sandbox.server import Sandbox
from tests.region_of import region_of


@pytest.mark.parametrize(("behind_seconds", "expected"), [(0, 0), (240, 240), (-240, -240), (90_000, 0), (-90_000, 0)])
def test_the_last_listing_says_how_far_the_clocks_differ(
    sandbox: Sandbox, behind_seconds: float, expected: float
) -> None:
    """What differs by more than AWS would take is somebody else's date."""
    endpoint, tally = sandbox.environment["AWS_ENDPOINT_URL_ELASTICACHE"], Tally()
    aws = replace(region_of(sandbox).aws, elasticache_endpoint_url=endpoint)
    listings = DatedListings(ElastiCache(elasticache_client(aws, tally), tally))
    assert listings.clock_ahead().total_seconds() == 0
    names = list(sandbox.world.truth.service_updates)
    sandbox.clock.date_skew_seconds = -behind_seconds
    assert listings.update_actions(names)
    assert abs(listings.clock_ahead().total_seconds() - expected) < 2
    sandbox.clock.date_skew_seconds = 0
    listings.update_actions(names)
    assert listings.clock_ahead().total_seconds() == 0
