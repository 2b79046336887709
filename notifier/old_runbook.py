"""Understands the old runbook's command lines: `--action print`, and flags that an action has no use for."""

from collections.abc import Sequence
from dataclasses import dataclass

ACTIONS = ("email", "preview", "print")
_FLAGS = {
    "--paas-accounts-url",
    "--paas-accounts-username",
    "--paas-accounts-password",
    "--preview-email",
    "--notify-api-key",
    "--maintenance-window-date",
    "--maintenance-window-time-range",
    "--alt-maintenance-window-date",
    "--alt-maintenance-window-time-range",
    "--region",
}
_UNUSED = {
    "print": {"--preview-email", "--notify-api-key"},
    "email": {"--preview-email"},
    "preview": {"--paas-accounts-url", "--paas-accounts-username", "--paas-accounts-password"},
}
_ABOUT_REAL_ORGS = {"--org", "--to-files"}
"""Newer flags with which `preview` needs PaaS Accounts after all."""


@dataclass(frozen=True)
class Translation:
    command: str
    arguments: list[str]
    ignored: list[str]
    """The flags that the action has no use for, without their values."""


def translation(arguments: Sequence[str]) -> Translation | None:
    """None if the command line is not in the old form. Raises ValueError for an action that does not exist."""
    action: str | None = None
    kept: list[str] = []
    remaining = list(arguments)
    while remaining:
        word = remaining.pop(0)
        flag, has_value, value = word.partition("=")
        if flag == "--action":
            action = value if has_value else (remaining.pop(0) if remaining else "")
        elif flag in _FLAGS and not has_value and remaining:
            kept.append(f"{flag}={remaining.pop(0)}")
        else:
            kept.append(word)
    if action is None:
        return None
    if action not in ACTIONS:
        raise ValueError(f"--action: no such action; there are {', '.join(ACTIONS)}")
    flags = {word.partition("=")[0] for word in kept}
    unused = set() if flags & _ABOUT_REAL_ORGS else flags & _UNUSED[action]
    return Translation(action, [word for word in kept if word.partition("=")[0] not in unused], sorted(unused))
