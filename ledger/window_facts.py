"""What the ledger knows of one window: its state, its mails, who was told another way, and who asked to wait."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ledger.deferral import Deferral, Instance, longest_each
from ledger.mail_record import MailRecord
from ledger.maintenance_key import MaintenanceKey
from ledger.telling import Telling
from ledger.window_record import WindowRecord, window_named

if TYPE_CHECKING:
    from ledger.records import Records  # loads SQLAlchemy, as reading does, which not every command has to wait for


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
        return longest_each(self.in_force, instances)

    @property
    def in_force(self) -> Sequence[Deferral]:
        """The deferrals that ask to be left out of the window."""
        starts_at = datetime.fromisoformat(self.key.window_key.partition("/")[0])
        return [d for d in self.deferrals if d.covers(self.key.window_key, starts_at)]


def window_facts(records: "Records", maintenance: MaintenanceKey) -> WindowFacts:
    from ledger.told import recorded_tellings  # noqa: PLC0415 — see above

    windows = records.windows(maintenance.aws_region)
    return replace(
        facts_without_window(records, maintenance.aws_region),
        key=maintenance,
        window=window_named(maintenance, windows),
        mails=records.records(maintenance),
        tellings=recorded_tellings(records, maintenance),
    )


def facts_without_window(records: "Records", aws_region: str) -> WindowFacts:
    """Only what is known of the region as a whole."""
    from ledger.deferrals import recorded_deferrals  # noqa: PLC0415 — see above

    return WindowFacts(MaintenanceKey("", aws_region), deferrals=recorded_deferrals(records, aws_region))
