"""Options that say how to reach GOV.UK Notify, whom to write to again, and what the mails say."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
import cloup

from fleet.errors import ConfigurationError
from fleet.program.addresses import checked_address
from fleet.program.grouping import grouped
from fleet.program.numbers import DecimalNumber, WholeNumber
from fleet.program.options import CONNECTIONS
from notifier.mail.notify import DEFAULT_BASE_URL, DEFAULT_REPLY_TO_ID, DEFAULT_TEMPLATE_ID, NotifySettings
from notifier.mail.pace import DEFAULT_SETTLE_SECONDS, NOTIFY_PER_MINUTE
from notifier.mail.plan import Wishes
from notifier.mail.wording import DEFAULT_TEMPLATE, Wording
from notifier.options.connections import secret
from notifier.options.remarks import Remark

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

    def _settings_with(self, key: str) -> NotifySettings:
        base_url = checked_address("NOTIFY_BASE_URL", self.notify_base_url, DEFAULT_BASE_URL)
        return NotifySettings(key, base_url, self.notify_template_id, self.notify_reply_to_id)


@dataclass(frozen=True)
class SpeedArguments:
    mails_per_minute: int
    settle_seconds: float


@dataclass(frozen=True)
class ToldOffArguments:
    """Which orgs know from somebody that the window does not take place."""

    told_orgs: tuple[str, ...]
    how: str | None

    def guids(self, names: Mapping[str, str]) -> list[str]:
        """`names` are those of all orgs that were told of the window, by guid. Raises ConfigurationError."""
        if bool(self.told_orgs) != bool(self.how):
            missing = "--how" if self.told_orgs else "--told"
            raise ConfigurationError(f"{missing} is missing: give --told ORG and --how TEXT together")
        found = []
        for text in self.told_orgs:
            guids = sorted(guid for guid, name in names.items() if text in (guid, name))
            if not guids:
                raise ConfigurationError(f"--told '{text}': no org with that name or guid was told of the window")
            if len(guids) > 1:
                raise ConfigurationError(
                    f"--told '{text}': several orgs have that name; give the guid of one: {', '.join(guids)}"
                )
            found += guids
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class ResendingArguments:
    """Whom to write to again."""

    sends_corrections: bool
    resends_failed: bool
    adopts_sent: bool
    resends_unlisted: bool

    @property
    def wishes(self) -> Wishes:
        return Wishes(sends_corrections=self.sends_corrections, resends_failed=self.resends_failed)


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
        help="The reply-to address, set up at Notify, that gets tenants' replies.",
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

adopt_sent_option = cloup.option(
    "--adopt-sent",
    "adopts_sent",
    is_flag=True,
    help="Record the mails that Notify has and this ledger does not know as sent, and send only the rest.",
)

resending_options = grouped(
    "resending",
    ResendingArguments,
    cloup.option(
        "--send-corrections",
        "sends_corrections",
        is_flag=True,
        help="Send a correction to people who were told about other instances or updates for this window.",
    ),
    cloup.option(
        "--resend-failed",
        "resends_failed",
        is_flag=True,
        help="Send mails again that Notify could not deliver for now, because of a full inbox or a fault on its side.",
    ),
    adopt_sent_option,
    cloup.option(
        "--resend-unlisted",
        "resends_unlisted",
        is_flag=True,
        help="Send mails again that a crashed run may have sent with another key or over a week ago. Some people may"
        " get theirs twice.",
    ),
    heading="Mail",
)

told_off_options = grouped(
    "told_off",
    ToldOffArguments,
    cloup.option(
        "--told",
        "told_orgs",
        multiple=True,
        metavar="ORG",
        help="Record that you told this org (name or guid) yourself that the window does not take place; needs --how.",
    ),
    cloup.option("--how", type=Remark(), metavar="TEXT", help="How you told it, such as 'by telephone'."),
    heading="Mail",
)

wording_options = grouped(
    "wording",
    Wording,
    cloup.option(
        "--template",
        type=click.Path(path_type=Path),
        default=DEFAULT_TEMPLATE,
        show_default="ours",
        metavar="FILE",
        help="Your own text for the mails, a Jinja2 template of Notify's Markdown; docs/notifier.md lists its values.",
    ),
    cloup.option(
        "--status-page-url",
        envvar="STATUS_PAGE_URL",
        show_envvar=True,
        metavar="URL",
        help="A page that the mails name, where tenants can follow the maintenance on the day.",
    ),
    cloup.option(
        "--support-contact",
        envvar="SUPPORT_CONTACT",
        show_envvar=True,
        metavar="TEXT",
        help="Whom the mails tell tenants to ask if something does not work afterwards, such as an address.",
    ),
    heading="Mail",
)
"""The command gets `wording`, a Wording."""
