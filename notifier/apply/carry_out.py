"""Carries a plan out in the real world: AWS's two clients, the ledger, the machine's clock."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from fleet.aws.client import AwsAccess, elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.errors import RemoteError
from fleet.tally import Tally
from ledger.deferrals import recorded_deferrals
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.maintenance_key import MaintenanceKey
from ledger.run import Run
from ledger.updates import Overrides, WindowUpdates
from notifier.apply.actions import Actions
from notifier.apply.begun import Begun
from notifier.apply.conduct import Conduct
from notifier.apply.dated_listings import DatedListings
from notifier.apply.facts import recorded_as_told
from notifier.apply.options import ApplyOptions
from notifier.apply.plan import Plan
from notifier.apply.result import Conducted, Picture
from notifier.apply.surroundings import Surroundings
from notifier.apply.wishes import Wishes


@dataclass(frozen=True)
class Applying:
    """One run of a window; `ledger` is open, and `run` holds the region."""

    reading: AwsAccess
    acting: AwsAccess
    ledger: Ledger
    run: Run
    key: MaintenanceKey
    options: ApplyOptions
    poll_interval: timedelta
    wishes: Wishes
    why_called_off: Callable[[], str | None]
    count: Callable[[str, str], None]

    def carry_out(self, plan: Plan, on_picture: Callable[[Picture], None]) -> Conducted:
        """Raises ConfigurationError without credentials."""
        tally = Tally()
        overrides = Overrides(self.options.outside_window_reason, self.options.include_untold_reason)
        begun = Begun(Actions(self.acting, tally), self.count)
        listings = DatedListings(ElastiCache(elasticache_client(self.reading, tally), tally))
        around = Surroundings(
            listings=listings,
            acting=begun,
            book=WindowUpdates(self.ledger, self.run, self.key, overrides),
            deferrals=lambda: recorded_deferrals(self.ledger, self.key.aws_region),
            told=lambda: recorded_as_told(self.ledger, self.key),
            now=lambda: datetime.now(UTC),
            pause=self.wishes.pause,
            wish=self.wishes.now,
            clock_ahead=listings.clock_ahead,
            why_called_off=self.why_called_off,
        )
        conduct = Conduct(plan, self.options, around, self.poll_interval)
        try:
            for picture in conduct.pictures():
                begun.look_at(picture, self.run.id)
                on_picture(picture)
        except (LedgerError, RemoteError) as error:  # the ledger is gone; what this run knows is reported all the same
            return replace(conduct.conducted(), stopped_by=error)
        return conduct.conducted()
