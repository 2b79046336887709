"""Learns from the mails that Notify has whether a window was cancelled, was moved, or takes another's place."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ledger.ledger import Ledger
from ledger.mail_record import Kind, MailKey
from ledger.maintenance_key import MaintenanceKey
from notifier.mail.looking_up import found_at_notify, recent_at_notify
from notifier.mail.notify import Notification, Notify
from notifier.mail.possible_mails import Addressee
from notifier.mail.windows_named import windows_named
from notifier.maintenance import Maintenance, recorded_window
from notifier.window import MaintenanceWindow

_MOST_MOVES = 3
"""How often one person is told of the same move, at most: once, and again where a mail could not be delivered."""


@dataclass(frozen=True)
class StatesAtNotify:
    """Records what it learns in the ledger, which then refuses to announce a window that does not take place."""

    ledger: Ledger
    notify: Notify
    maintenance: Maintenance
    command: str
    operator: str
    _earlier: set[str] = field(default_factory=set)
    """The keys of the windows that were considered already."""

    def learn(self, addressee: Addressee, key: MailKey, notification: Notification) -> None:
        """From one mail about the window."""
        self._record(self.maintenance.window)
        if key.kind is Kind.CANCELLED:
            self.ledger.record_cancelled(self.maintenance.key)
        if key.kind is Kind.MOVED:
            replaces = self.maintenance.replaces
            if replaces is not None:
                self._record(replaces)
            for earlier in windows_named(notification.body, self.maintenance.window.zone).values():
                if earlier.key not in self._earlier and earlier.key != self.maintenance.window.key:
                    self._earlier.add(earlier.key)
                    if earlier == replaces or self._was_told_of(addressee, earlier):
                        self._record_move(earlier, self.maintenance.window)

    def look_for_later_window(self, everybody: Sequence[Addressee]) -> None:
        """
        Looks among Notify's latest mails for one that says that another window takes this one's place.

        Its reference proves whom it told of which window. Only the reference of this window's own mails is known
        beforehand.
        """
        known = recorded_window(self.ledger, self.maintenance)
        if known is not None and known.is_called_off:
            return
        zone, own = self.maintenance.window.zone, self.maintenance.window.key
        for notification in recent_at_notify(self.notify):
            windows = windows_named(notification.body, zone)
            if own not in windows:
                continue
            for key, window in windows.items():
                if key != own and _is_move(notification, window, everybody):
                    self._record(self.maintenance.window)
                    self._record_move(self.maintenance.window, window)
                    return

    def _was_told_of(self, addressee: Addressee, window: MaintenanceWindow) -> bool:
        """An alternative window that the mail offers looks the same, but nobody got a mail about it."""
        about_it = replace(addressee, window=MaintenanceKey(window.key, self.maintenance.aws_region), records=())
        return any(True for _ in found_at_notify(self.notify, about_it.unknown))

    def _record_move(self, earlier: MaintenanceWindow, later: MaintenanceWindow) -> None:
        self._record(earlier)
        self._record(later)
        region = self.maintenance.aws_region
        self.ledger.record_moved(MaintenanceKey(earlier.key, region), MaintenanceKey(later.key, region))

    def _record(self, window: MaintenanceWindow) -> None:
        key = MaintenanceKey(window.key, self.maintenance.aws_region)
        self.ledger.record_window(key, window.time_zone, self.command, self.operator)


def _is_move(notification: Notification, later: MaintenanceWindow, everybody: Sequence[Addressee]) -> bool:
    return any(
        notification.reference == MailKey(later.key, a.window.aws_region, *a.whom, revision, Kind.MOVED).reference
        for a in everybody
        if a.whom[1] == notification.address
        for revision in range(_MOST_MOVES)
    )
