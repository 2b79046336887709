"""One mail as GOV.UK Notify is given it. Pure."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """The personalisation of the one Notify template: the body, and for the subject the date with the region."""

    contents: str
    maintenance_window_date: str

    @property
    def personalisation(self) -> dict[str, str]:
        return {"contents": self.contents, "maintenance_window_date": self.maintenance_window_date}

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.contents.encode()).hexdigest()
