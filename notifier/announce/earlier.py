"""The incidents of windows that were moved: they go once the later window has its own, or does not take place."""

from collections.abc import Iterator
from dataclasses import replace

from ledger.incident_record import IncidentRecord
from ledger.incidents import incident_records
from ledger.records import Records
from ledger.window_record import WindowRecord, WindowState
from notifier.maintenance import Maintenance
from notifier.window import window_of_key


def earlier_incidents(records: Records, maintenance: Maintenance) -> Iterator[tuple[Maintenance, IncidentRecord]]:
    """Those on the page of windows that were moved to this one, directly or over others."""
    windows = {window.key.window_key: window for window in records.windows(maintenance.aws_region)}
    for record in incident_records(records, maintenance.aws_region):
        leads_here = _last(record.key.window_key, windows) == maintenance.key.window_key
        if record.is_on_the_page and leads_here and record.key != maintenance.key:
            window = window_of_key(record.key.window_key, maintenance.window.zone)
            yield replace(maintenance, window=window, alternative=None, replaces=None), record


def _last(window_key: str, windows: dict[str, WindowRecord]) -> str:
    seen: set[str] = set()
    while window_key not in seen:
        seen.add(window_key)
        window = windows.get(window_key)
        if window is None or window.state is not WindowState.MOVED or window.moved_to is None:
            break
        window_key = window.moved_to
    return window_key
