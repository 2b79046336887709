"""Options that say how to reach GOV.UK Notify, and how fast."""

from dataclasses import dataclass, field, replace

import click
import cloup

from fleet.errors import ConfigurationError
from fleet.program.addresses import checked_address
from fleet.program.grouping import grouped
from fleet.program.numbers import DecimalNumber, WholeNumber
from fleet.program.options import CONNECTIONS
from notifier.mail.notify_settings import (
    DEFAULT_BASE_URL,
    DEFAULT_REPLY_TO_ID,
    DEFAULT_TEMPLATE_ID,
    NO_REPLY_TO,
    NotifySettings,
)
from notifier.mail.pace import DEFAULT_SETTLE_SECONDS, NOTIFY_PER_MINUTE
from notifier.options.connections import secret

_NO_KEY = f"none-{'-'.join(2 * ['00000000-0000-4000-8000-000000000000'])}"


@dataclass(frozen=True)
class NotifyArguments:
    notify_api_key: str | None = field(repr=False)
    notify_base_url: str
    notify_template_id: str
    notify_reply_to_id: str

    def settings(self) -> NotifySettings:
        """Raises ConfigurationError."""
        return self._settings_with(secret("NOTIFY_API_KEY", "--notify-api-key", self.notify_api_key))

    def faults(self) -> dict[str, ConfigurationError]:
        """By setting, what is wrong with each one that is not a secret."""
        given = (self.notify_base_url, self.notify_template_id, self.notify_reply_to_id)
        usable = (DEFAULT_BASE_URL, DEFAULT_TEMPLATE_ID, DEFAULT_REPLY_TO_ID)
        found: dict[str, ConfigurationError] = {}
        for place, name in enumerate(("NOTIFY_BASE_URL", "NOTIFY_TEMPLATE_ID", "NOTIFY_REPLY_TO_ID")):
            alone = (*usable[:place], given[place], *usable[place + 1 :])
            try:
                NotifyArguments(None, *alone).require_usable()
            except ConfigurationError as error:
                found[name] = error
        return found

    def without_faults(self) -> "NotifyArguments":
        """With our own ids in place of wrong ones, for asking what does not depend on them."""
        wrong = self.faults()
        template_id = DEFAULT_TEMPLATE_ID if "NOTIFY_TEMPLATE_ID" in wrong else self.notify_template_id
        reply_to_id = DEFAULT_REPLY_TO_ID if "NOTIFY_REPLY_TO_ID" in wrong else self.notify_reply_to_id
        return replace(self, notify_template_id=template_id, notify_reply_to_id=reply_to_id)

    def require_usable(self) -> None:
        """Checks all settings except the key, which not every command needs. Raises ConfigurationError."""
        self._settings_with(_NO_KEY)

    def say_borrowed(self) -> None:
        """Says which defaults are used that only one service has, so that nobody uses them unawares."""
        for line in self._borrowed:
            click.echo(f"Note: {line}", err=True)

    @property
    def _borrowed(self) -> list[str]:
        whose = "the default, which only the service of GOV.UK PaaS has; set it to your own"
        found = []
        if self.notify_template_id == DEFAULT_TEMPLATE_ID:
            found.append(f"NOTIFY_TEMPLATE_ID is {DEFAULT_TEMPLATE_ID}, {whose}")
        if self.notify_reply_to_id == DEFAULT_REPLY_TO_ID:
            found.append(f"NOTIFY_REPLY_TO_ID is {DEFAULT_REPLY_TO_ID}, {whose}, or to {NO_REPLY_TO}")
        return found

    def _settings_with(self, key: str) -> NotifySettings:
        base_url = checked_address("NOTIFY_BASE_URL", self.notify_base_url, DEFAULT_BASE_URL)
        is_left_out = self.notify_reply_to_id.strip().lower() == NO_REPLY_TO
        reply_to_id = None if is_left_out else self.notify_reply_to_id
        return NotifySettings(key, base_url, self.notify_template_id, reply_to_id)


@dataclass(frozen=True)
class SpeedArguments:
    mails_per_minute: int
    settle_seconds: float


notify_options = grouped(
    "notify",
    NotifyArguments,
    cloup.option(
        "--notify-api-key",
        metavar="KEY",
        help="The key, instead of NOTIFY_API_KEY; other users of this machine can see it here.",
    ),
    cloup.option(
        "--notify-base-url",
        envvar="NOTIFY_BASE_URL",
        default=DEFAULT_BASE_URL,
        show_default=True,
        show_envvar=True,
        metavar="URL",
        help="The address of GOV.UK Notify.",
    ),
    cloup.option(
        "--notify-template-id",
        envvar="NOTIFY_TEMPLATE_ID",
        default=DEFAULT_TEMPLATE_ID,
        show_default=True,
        show_envvar=True,
        metavar="UUID",
        help="The Notify template to use; it needs the placeholders contents and maintenance_window_date.",
    ),
    cloup.option(
        "--notify-reply-to-id",
        envvar="NOTIFY_REPLY_TO_ID",
        default=DEFAULT_REPLY_TO_ID,
        show_default=True,
        show_envvar=True,
        metavar="UUID",
        help="The reply-to address, set up at Notify, that gets tenants' replies; none leaves that to the service.",
    ),
    heading=CONNECTIONS,
)

speed_options = grouped(
    "speed",
    SpeedArguments,
    cloup.option(
        "--mails-per-minute",
        envvar="MAILS_PER_MINUTE",
        type=WholeNumber(1, 100_000),
        default=NOTIFY_PER_MINUTE,
        show_default=True,
        show_envvar=True,
        metavar="COUNT",
        help="GOV.UK Notify's limit for your service; mails are sent a little more slowly.",
    ),
    cloup.option(
        "--settle-seconds",
        envvar="NOTIFY_SETTLE_SECONDS",
        type=DecimalNumber(0, 600),
        default=DEFAULT_SETTLE_SECONDS,
        show_default=True,
        show_envvar=True,
        metavar="SECONDS",
        help="How long Notify may still be working on a request that it has not answered, or answered with an error.",
    ),
    heading="Mail",
)
