"""What all mails of one platform have in common, which the options give. Loads no template, because options show it."""

from dataclasses import dataclass
from pathlib import Path

from fleet.errors import ConfigurationError
from fleet.remote_address import AddressError, remote_address

DEFAULT_TEMPLATE = Path(__file__).parent / "templates" / "maintenance.md.j2"


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
        if self.status_page_url:
            try:
                remote_address(self.status_page_url)
            except AddressError as error:
                example = "https://status.example.org"
                raise ConfigurationError(
                    f"--status-page-url: {error}; write it with its scheme, such as {example}"
                ) from None
        if self.support_contact and not self.support_contact.isprintable():
            raise ConfigurationError("--support-contact: it has to be one line of plain text")
