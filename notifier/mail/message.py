"""One mail as we hand it to GOV.UK Notify. Pure."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """Fills in the Notify template: its body, and the date with the region for its subject."""

    contents: str
    maintenance_window_date: str

    @property
    def personalisation(self) -> dict[str, str]:
        return {"contents": self.contents, "maintenance_window_date": self.maintenance_window_date}

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.contents.encode()).hexdigest()
