"""What all mails of one platform have in common, which the options give. Loads no template, because options show it."""

import re
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import ConfigurationError

DEFAULT_TEMPLATE = Path(__file__).parent / "templates" / "maintenance.md.j2"
_WEB_ADDRESS = re.compile(r"https?://[^\s/]+\S*")


@dataclass(frozen=True)
class Wording:
    """What all mails of one platform have in common."""

    template: Path = DEFAULT_TEMPLATE
    status_page_url: str | None = None
    """The page where tenants can follow the maintenance on the day."""
    support_contact: str | None = None
    """One line of text that says whom to ask if something does not work after the maintenance."""

    def __post_init__(self) -> None:
        """Raises ConfigurationError."""
        if self.status_page_url and not _WEB_ADDRESS.fullmatch(self.status_page_url):
            raise ConfigurationError("--status-page-url: write it with its scheme, such as https://status.example.org")
        if self.support_contact and not self.support_contact.isprintable():
            raise ConfigurationError("--support-contact: it has to be one line of plain text")
