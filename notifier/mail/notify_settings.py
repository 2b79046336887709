"""The settings for GOV.UK Notify, or for another service that speaks its protocol."""

import hashlib
import re
from dataclasses import dataclass

from fleet.errors import ConfigurationError

DEFAULT_BASE_URL = "https://api.notifications.service.gov.uk"
DEFAULT_TEMPLATE_ID = "9d0f232b-187c-49b1-8cd1-91e83e347f68"
DEFAULT_REPLY_TO_ID = "76d63d5f-e140-6a37-92ae-fc0d0d136f6f"
NO_REPLY_TO = "none"
"""What NOTIFY_REPLY_TO_ID says to leave the field out."""

_UUID = re.compile(r"(?i:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_NAME_ENDS = -74  # before a hyphen, a uuid, a hyphen and a uuid
_KEY = re.compile(rf".*-{_UUID.pattern}-{_UUID.pattern}", re.DOTALL)


@dataclass(frozen=True)
class NotifySettings:
    api_key: str
    base_url: str = DEFAULT_BASE_URL
    template_id: str = DEFAULT_TEMPLATE_ID
    reply_to_id: str | None = DEFAULT_REPLY_TO_ID
    """None leaves it to the service: its own default address gets the replies, if it has one."""

    def __post_init__(self) -> None:
        """Raises ConfigurationError for values that Notify would refuse in any case."""
        if not _KEY.fullmatch(self.api_key):
            raise ConfigurationError(
                "NOTIFY_API_KEY: not a key of GOV.UK Notify, which looks like name-UUID-UUID; its value is not shown"
            )
        # The ids are not shown, because each may be the key in the wrong place.
        if not _UUID.fullmatch(self.template_id):
            raise ConfigurationError(
                f"NOTIFY_TEMPLATE_ID: not a uuid, such as {DEFAULT_TEMPLATE_ID}; its value is not shown"
            )
        if self.reply_to_id is not None and not _UUID.fullmatch(self.reply_to_id):
            raise ConfigurationError(
                f"NOTIFY_REPLY_TO_ID: not a uuid, such as {DEFAULT_REPLY_TO_ID}, and not '{NO_REPLY_TO}';"
                " its value is not shown"
            )

    def __repr__(self) -> str:
        return f"NotifySettings({self.base_url!r}, <hidden>)"

    @property
    def has_borrowed_reply_to(self) -> bool:
        """True for the default, which belongs to one service."""
        return self.reply_to_id == DEFAULT_REPLY_TO_ID

    @property
    def kind_of_key(self) -> str | None:
        """`live`, `team` or `test`, if the key's name says so. Notify itself has no call that does."""
        words = set(re.findall("[a-z]+", self.api_key[:_NAME_ENDS].lower()))
        kinds = [kind for kind in ("live", "team", "test") if kind in words]
        return kinds[0] if len(kinds) == 1 else None

    @property
    def key_fingerprint(self) -> str:
        """Tells keys apart without revealing one. Notify lists to a key only the mails sent with a key of its type."""
        return hashlib.sha256(f"notify key {self.api_key}".encode()).hexdigest()[:12]
