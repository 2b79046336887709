"""A template as Notify knows it, and whether our mails fit into it. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from notifier.mail.message import Message

_PLACEHOLDER = re.compile(r"\(\(\s*([^()?]+?)\s*(?:\?\?[^()]*)?\)\)")
_IGNORED = re.compile(r"[\s_-]")
_OURS = tuple(Message("", "").personalisation)


@dataclass(frozen=True, slots=True)
class NotifyTemplate:
    kind: str
    """Such as `email`."""
    placeholders: tuple[str, ...]
    is_deleted: bool = False

    @property
    def unfilled(self) -> list[str]:
        """Its placeholders that our mails do not fill in; Notify refuses a mail that leaves one out."""
        return [name for name in self.placeholders if _same(name) not in set(map(_same, _OURS))]

    @property
    def missing(self) -> list[str]:
        """What our mails fill in and it does not have, so that nobody would read it."""
        return [name for name in _OURS if _same(name) not in set(map(_same, self.placeholders))]


def notify_template(document: Mapping[str, Any]) -> NotifyTemplate:
    """Raises KeyError or TypeError for a document that is none."""
    stated = document.get("personalisation")
    if isinstance(stated, dict):
        names = list(stated)
    else:
        names = _PLACEHOLDER.findall(f"{document.get('subject') or ''}\n{document['body']}")
    return NotifyTemplate(str(document["type"]), tuple(dict.fromkeys(str(name) for name in names)))


def _same(name: str) -> str:
    """Notify takes names for the same that differ in case, spaces, underscores and hyphens only."""
    return _IGNORED.sub("", name).lower()
