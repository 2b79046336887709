"""One maintenance: a window in a region, whether it takes place, and where the orgs come from that hear of it. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from fleet.errors import ConfigurationError
from fleet.tenants.tenancy import Words
from ledger.maintenance_key import MaintenanceKey
from ledger.window_record import Tenants, WindowRecord, WindowState, window_named
from notifier.window import MaintenanceWindow, window_of_key

if TYPE_CHECKING:
    from fleet.region import Region
    from ledger.ledger import Ledger
    from ledger.records import Records  # loads SQLAlchemy, which would keep `print` waiting

_TAG = re.compile(r"tag '(?P<key>.+)'")


@dataclass(frozen=True)
class Maintenance:
    """Made once, from the options. Everything that a command says or records about the window comes from here."""

    region_name: str
    """The name that people use, such as `Ireland`."""
    aws_region: str
    window: MaintenanceWindow
    alternative: MaintenanceWindow | None = None
    """Another window that tenants may ask for."""
    replaces: MaintenanceWindow | None = None
    """An earlier window whose place this one takes."""
    words: Words = Words()  # noqa: RUF009 — a value that never changes
    """What the platform calls an org and a space."""

    @property
    def key(self) -> MaintenanceKey:
        """The same key, whatever way the operator wrote the window."""
        return MaintenanceKey(self.window.key, self.aws_region)

    @property
    def in_words(self) -> str:
        """Such as `Ireland, Tuesday 16 June 2026 between 09:00 and 11:00 (BST)`."""
        return f"{self.region_name}, {self.window.in_words}"


class CalledOffError(ConfigurationError):
    """The window was moved or cancelled."""


def why_called_off(window: WindowRecord | None, maintenance: Maintenance) -> str | None:
    """One line that says so; None where the window takes place as far as the ledger knows."""
    if window is None or window.state is WindowState.KNOWN:
        return None
    which = f"the window on {maintenance.window.in_words} in {maintenance.region_name}"
    if window.state is WindowState.MOVED and window.moved_to is not None:
        later = window_of_key(window.moved_to, maintenance.window.zone)
        return f"{which} was moved: it takes place on {later.in_words}; give that one"
    return f"{which} was cancelled; choose another one"


def why_not_ours(window: WindowRecord) -> str:
    """One line about a window of which orgs from elsewhere are told."""
    return f"a colleague tells orgs from {window.tenants} of this window, and these settings take them from elsewhere"


def refuse_over(maintenance: Maintenance, now: datetime) -> None:
    """Raises ConfigurationError where the window has ended."""
    window = maintenance.window
    if window.ends_at <= now:
        since = f"{window.ends_at:%H:%M} on {window.ends_at:%-d %B %Y}"
        raise ConfigurationError(f"the window on {window.in_words} is over since {since}; choose another one")


def recorded_window(records: "Records", maintenance: Maintenance) -> WindowRecord | None:
    """None where the ledger does not know the window."""
    return window_named(maintenance.key, records.windows(maintenance.aws_region))


def refuse_called_off(records: "Records", maintenance: Maintenance) -> None:
    """Raises CalledOffError where the window was moved or cancelled."""
    if (why := why_called_off(recorded_window(records, maintenance), maintenance)) is not None:
        raise CalledOffError(why)


def tenants_of(region: "Region") -> Tenants:
    address = region.cloudfoundry.api_address if region.cloudfoundry is not None else ""
    return Tenants(region.tenancy.orgs_from(address), is_cloudfoundry=region.cloudfoundry is not None)


def in_recorded_words(records: "Records", maintenance: Maintenance) -> Maintenance:
    """For commands that ask nobody whose the groups are: with the word for an org in which its mails were written."""
    from ledger.tenants import recorded_tenants  # noqa: PLC0415 — see above

    of_tag = _TAG.fullmatch(recorded_tenants(records, maintenance.key) or "")
    return maintenance if of_tag is None else replace(maintenance, words=Words(of_tag["key"], ""))


def refuse_other_tenants(records: "Records", windows: Iterable[MaintenanceKey], tenants: Tenants) -> None:
    """Raises ConfigurationError where one of them was told of to the orgs of another source."""
    from ledger.tenants import other_tenants  # noqa: PLC0415 — see above

    for window in windows:
        _refuse(other_tenants(records, window, tenants), tenants)


def record_where_from(ledger: "Ledger", window: MaintenanceKey, tenants: Tenants) -> None:
    """Of a window that the ledger knows, right before the first org is told. Raises ConfigurationError as above."""
    from ledger.tenants import record_tenants  # noqa: PLC0415 — see above

    _refuse(record_tenants(ledger, window, tenants), tenants)


def _refuse(other: str | None, tenants: Tenants) -> None:
    if other is not None:
        raise ConfigurationError(
            f"the mails of this window went to orgs from {other}, these settings take them from {tenants.come_from};"
            " change them back"
        )
