"""Options that say how GOV.UK Notify is reached, and with which text."""

import os
from dataclasses import dataclass
from pathlib import Path

import click

from notifier.message import DEFAULT_TEMPLATE
from notifier.notify import DEFAULT_BASE_URL, DEFAULT_REPLY_TO_ID, DEFAULT_TEMPLATE_ID, NotifySettings
from notifier.options.grouping import grouped
from notifier.options.secrets import required_secret


@dataclass(frozen=True)
class NotifyArguments:
    notify_api_key: str | None
    notify_base_url: str
    notify_template_id: str
    notify_reply_to_id: str

    def settings(self) -> NotifySettings:
        """Raises ConfigurationError."""
        key = required_secret("NOTIFY_API_KEY", "--notify-api-key", self.notify_api_key, os.environ)
        return NotifySettings(key, self.notify_base_url, self.notify_template_id, self.notify_reply_to_id)


notify_options = grouped(
    "notify",
    NotifyArguments,
    click.option("--notify-api-key", metavar="KEY", help="Instead of NOTIFY_API_KEY; visible to others."),
    click.option(
        "--notify-base-url",
        envvar="NOTIFY_BASE_URL",
        default=DEFAULT_BASE_URL,
        show_default=True,
        show_envvar=True,
        metavar="URL",
        help="GOV.UK Notify.",
    ),
    click.option(
        "--notify-template-id",
        envvar="NOTIFY_TEMPLATE_ID",
        default=DEFAULT_TEMPLATE_ID,
        show_default=True,
        show_envvar=True,
        metavar="UUID",
        help="Template with the placeholders contents and maintenance_window_date.",
    ),
    click.option(
        "--notify-reply-to-id",
        envvar="NOTIFY_REPLY_TO_ID",
        default=DEFAULT_REPLY_TO_ID,
        show_default=True,
        show_envvar=True,
        metavar="UUID",
        help="Where replies go.",
    ),
)


template_option = click.option(
    "--template",
    type=click.Path(path_type=Path),
    default=DEFAULT_TEMPLATE,
    show_default="ours",
    metavar="FILE",
    help="Another text, as a Jinja2 template of GOV.UK Notify's Markdown; docs/notifier.md lists its values.",
)
