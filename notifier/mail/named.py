"""Finds out from a mail that Notify has which instances and updates it named. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.mail_record import UNKNOWN_INSTANCE, Kind
from ledger.maintenance_key import MaintenanceKey
from notifier.affected import AffectedOrg
from notifier.mail.message import Message
from notifier.mail.plain_text import plain_text

_ANY_DAY = r"[A-Z][a-z]+day \d{1,2} [A-Z][a-z]+ \d{4}"


@dataclass(frozen=True)
class Draft:
    """A mail as we would write it today. It may be the one that Notify has, except for the day to reply by."""

    kind: Kind
    org: AffectedOrg | None
    """None if the mail says that none of the org's instances is affected."""
    message: Message
    reply_by: str
    """The day in words."""
    replaced: tuple[MaintenanceKey, ...] = ()
    """The earlier windows that a `moved` mail names."""


@dataclass(frozen=True)
class Named:
    kind: Kind
    instance_guids: tuple[str, ...]
    """Sorted; with `UNKNOWN_INSTANCE` among them if the mail may have named others too."""
    update_names: tuple[str, ...]
    replaced_windows: tuple[str, ...] | None = None
    """The keys of the earlier windows that a `moved` mail names; None where that is not known."""


def named(body: str, drafts: Iterable[Draft], kind: Kind) -> Named:
    """`kind` is what the mail is if no draft is like it."""
    drafts = list(drafts)
    for draft in drafts:
        if _is_like(body, draft):
            guids, updates = draft.org.instance_guids if draft.org else (), _update_names(draft.org)
            return Named(draft.kind, guids, updates, tuple(key.window_key for key in draft.replaced) or None)
    seen = {guid for draft in drafts if draft.org for guid in _named_in(body, draft.org, draft.message)}
    return Named(kind, tuple(sorted({UNKNOWN_INSTANCE, *seen})), ())


def _is_like(body: str, draft: Draft) -> bool:
    """Notify's template may have more text around it, and may break lines elsewhere."""
    pattern = re.escape(_one_line(draft.message.contents))
    if draft.reply_by:
        pattern = pattern.replace(re.escape(draft.reply_by), _ANY_DAY)
    return re.search(pattern, _one_line(body)) is not None


def _named_in(body: str, org: AffectedOrg, message: Message) -> Iterable[str]:
    """The instances all of whose lines are in the mail as we would write them."""
    there = set(_lines(body))
    for instance in org.instances:
        name = plain_text(instance.service_instance.name)
        about_it = [line for line in _lines(message.contents) if name in line]
        if about_it and there.issuperset(about_it):
            yield instance.service_instance.guid


def _update_names(org: AffectedOrg | None) -> tuple[str, ...]:
    return tuple(sorted({update.name for update in org.updates})) if org else ()


def _lines(text: str) -> list[str]:
    return [_one_line(line) for line in text.splitlines()]


def _one_line(text: str) -> str:
    return " ".join(text.split())
