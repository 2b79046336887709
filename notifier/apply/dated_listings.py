"""AWS's listings, and by which clock they are dated."""

from collections.abc import Collection
from datetime import timedelta
from statistics import median

from fleet.answer_dates import answers_heard
from fleet.inventory import ReplicationGroup, UpdateAction
from notifier.apply.surroundings import Listings

_MOST_SECONDS = 600.0
"""AWS takes no signature that is off by more than five minutes, so a date that differs more is not its clock's."""


class DatedListings:
    def __init__(self, listings: Listings) -> None:
        self._listings = listings
        self._seconds_ahead = 0.0

    def update_actions(self, names: Collection[str]) -> list[UpdateAction]:
        heard: list[float] = []
        with answers_heard(heard.append):
            actions = self._listings.update_actions(names)
        ahead = median(heard) if heard else 0.0
        self._seconds_ahead = ahead if abs(ahead) <= _MOST_SECONDS else 0.0
        return actions

    def replication_groups(self) -> list[ReplicationGroup]:
        return self._listings.replication_groups()

    def clock_ahead(self) -> timedelta:
        """By how much ours is ahead of AWS's, by the last listing; 0 where AWS does not date its answers."""
        return timedelta(seconds=self._seconds_ahead)
