"""What the ledger knows of one window: its state, its mails, who was told another way, and who asked to wait."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.deferral import Deferral, Instance, longest_each
from ledger.deferrals import recorded_deferrals
from ledger.mail_record import MailRecord
from ledger.maintenance_key import MaintenanceKey
from ledger.records import Records
from ledger.telling import Telling
from ledger.told import recorded_tellings
from ledger.window_record import WindowRecord


@dataclass(frozen=True)
class WindowFacts:
    key: MaintenanceKey
    window: WindowRecord | None = None
    """None if the ledger does not know the window."""
    mails: Sequence[MailRecord] = ()
    tellings: Sequence[Telling] = ()
    deferrals: Sequence[Deferral] = ()
    """All that the region ever had."""

    def deferred(self, instances: Iterable[Instance]) -> dict[str, Deferral]:
        """By the guid of each of these instances that the window leaves alone, the deferral that counts."""
        starts_at = datetime.fromisoformat(self.key.window_key.partition("/")[0])
        return longest_each([d for d in self.deferrals if d.covers(self.key.window_key, starts_at)], instances)


def window_facts(records: Records, maintenance: MaintenanceKey) -> WindowFacts:
    windows = records.windows(maintenance.aws_region)
    return WindowFacts(
        key=maintenance,
        window=next((window for window in windows if window.key == maintenance), None),
        mails=records.records(maintenance),
        tellings=recorded_tellings(records, maintenance),
        deferrals=recorded_deferrals(records, maintenance.aws_region),
    )
