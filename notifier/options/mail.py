"""Options that say whom to write to again and what the mails say, with those of Notify."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import cloup

from fleet.errors import ConfigurationError
from fleet.program.grouping import grouped
from notifier.mail.wishes import Wishes
from notifier.mail.wording import DEFAULT_TEMPLATE, Wording
from notifier.options.notify import NotifyArguments, SpeedArguments, notify_options, speed_options
from notifier.options.remarks import Remark

__all__ = [
    "NotifyArguments",
    "ResendingArguments",
    "SpeedArguments",
    "ToldOffArguments",
    "Wording",
    "adopt_sent_option",
    "notify_options",
    "resending_options",
    "speed_options",
    "told_off_options",
    "wording_options",
]


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
