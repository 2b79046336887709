"""Mails written to a folder instead of being sent."""

import re
from pathlib import Path

from fleet.errors import ConfigurationError
from notifier.html_preview import html_preview
from notifier.message import Message

_NOT_IN_NAMES = re.compile(r"[^a-z0-9@._-]+")
_LONGEST_PART = 60


def write_mail(folder: Path, org_name: str, org_guid: str, address: str, message: Message) -> None:
    """As text, the very bytes that GOV.UK Notify is given, and as a page to look at. Raises ConfigurationError."""
    name = f"{_part(org_name)}-{org_guid[:8]}-{_part(address)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.txt").write_bytes(message.contents.encode())
        (folder / f"{name}.html").write_bytes(html_preview(message).encode())
    except OSError as error:
        raise ConfigurationError(f"--to-files '{folder}': {error.strerror}") from error


def _part(text: str) -> str:
    """Tenants choose their names, and a file's name may hold neither a slash nor much else."""
    return _NOT_IN_NAMES.sub("-", text.lower()).strip("-.")[:_LONGEST_PART] or "unnamed"
