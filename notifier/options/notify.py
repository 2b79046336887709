"""Options that say how GOV.UK Notify is reached, and with which text."""

from dataclasses import dataclass, field
from pathlib import Path

import click
import cloup

from fleet.program.addresses import checked_address
from fleet.program.grouping import grouped
from fleet.program.numbers import DecimalNumber, WholeNumber
from notifier.mail.limits import NOTIFY_PER_MINUTE
from notifier.mail.notify import DEFAULT_BASE_URL, DEFAULT_REPLY_TO_ID, DEFAULT_TEMPLATE_ID, NotifySettings
from notifier.mail.sender import DEFAULT_SETTLE_SECONDS
from notifier.mail.wording import DEFAULT_TEMPLATE
from notifier.options.connections import secret


@dataclass(frozen=True)
class NotifyArguments:
    notify_api_key: str | None = field(repr=False)
    notify_base_url: str
    notify_template_id: str
    notify_reply_to_id: str

    def settings(self) -> NotifySettings:
        """Raises ConfigurationError."""
        key = secret("NOTIFY_API_KEY", "--notify-api-key", self.notify_api_key)
        base_url = checked_address("NOTIFY_BASE_URL", self.notify_base_url, DEFAULT_BASE_URL)
        return NotifySettings(key, base_url, self.notify_template_id, self.notify_reply_to_id)


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
        help="Instead of NOTIFY_API_KEY; other users of this machine can see it.",
    ),
    cloup.option(
        "--notify-base-url",
        envvar="NOTIFY_BASE_URL",
        default=DEFAULT_BASE_URL,
        show_default=True,
        show_envvar=True,
        metavar="URL",
        help="Where GOV.UK Notify is.",
    ),
    cloup.option(
        "--notify-template-id",
        envvar="NOTIFY_TEMPLATE_ID",
        default=DEFAULT_TEMPLATE_ID,
        show_default=True,
        show_envvar=True,
        metavar="UUID",
        help="The template at Notify, which has the placeholders contents and maintenance_window_date.",
    ),
    cloup.option(
        "--notify-reply-to-id",
        envvar="NOTIFY_REPLY_TO_ID",
        default=DEFAULT_REPLY_TO_ID,
        show_default=True,
        show_envvar=True,
        metavar="UUID",
        help="The address at Notify to which tenants' replies go.",
    ),
    heading="GOV.UK Notify",
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
        help="How many mails GOV.UK Notify allows the service; we stay a little below.",
    ),
    cloup.option(
        "--settle-seconds",
        envvar="NOTIFY_SETTLE_SECONDS",
        type=DecimalNumber(0, 600),
        default=DEFAULT_SETTLE_SECONDS,
        show_default=True,
        show_envvar=True,
        metavar="SECONDS",
        help="How long Notify may still be at work on a request that it has not answered.",
    ),
    heading="Speed of sending",
)

template_option = cloup.option(
    "--template",
    type=click.Path(path_type=Path),
    default=DEFAULT_TEMPLATE,
    show_default="ours",
    metavar="FILE",
    help="Another text, as a Jinja2 template of GOV.UK Notify's Markdown; docs/notifier.md lists its values.",
)
