"""What we know from the ledger right now; it is replaced as a whole by the next reading."""

from dataclasses import dataclass
from datetime import datetime

from exporter.region_status import Failure
from ledger.outlook import Outlook


@dataclass(frozen=True, slots=True)
class LedgerStatus:
    """Before the first reading, and after one that failed, nothing is known: an old answer could be a wrong one."""

    outlook: Outlook | None = None
    read_at: datetime | None = None
    last_failure: Failure | None = None
    """Set if the last reading failed."""
