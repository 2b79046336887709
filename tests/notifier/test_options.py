"""Every option that a command takes is read by it, or refused: nobody is left believing that it does something."""

from collections import defaultdict
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from fleet.program.grouping import HEADINGS
from notifier.contacts.accounts_access import AccountsAccess
from notifier.mail.notify_settings import NotifySettings
from notifier.mail.wording import Wording
from notifier.options.accounts import AccountsArguments
from notifier.options.calendar import BankHolidaysArguments, CalendarArguments
from notifier.options.mail import ResendingArguments
from notifier.options.notify import NotifyArguments, SpeedArguments
from notifier.options.selection import SelectionArguments
from notifier.options.window import ReplacedWindowArguments, WindowArguments
from sandbox.server import Sandbox
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, crowded

GROUPS = (
    WindowArguments,
    SelectionArguments,
    AccountsArguments,
    CalendarArguments,
    BankHolidaysArguments,
    NotifyArguments,
    ReplacedWindowArguments,
    ResendingArguments,
    SpeedArguments,
    Wording,
)
FULL_WINDOW = (
    *WINDOW,
    *("--alt-maintenance-window-date", "2099-06-16"),
    *("--alt-maintenance-window-time-range", "0900-1100"),
)
RUNS: dict[str, tuple[tuple[str, ...], ...]] = {
    "print": (FULL_WINDOW,),
    "preview": ((*FULL_WINDOW, "--to-files", "{mails}"), (*FULL_WINDOW, "--preview-email", "a@example.org")),
    "email": ((*FULL_WINDOW, "--yes"),),
    "status": (WINDOW,),
    "doctor": (WINDOW,),
}
"""Each command in each of its ways; what none of them reads, the command should not take."""


@pytest.mark.parametrize("command", RUNS)
def test_every_option_is_read(
    command: str, sandbox: Sandbox, here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read: defaultdict[type, set[str]] = defaultdict(set)

    def noting(group: Any, name: str) -> Any:  # noqa: ANN401 — as the method that it stands in for
        read[type(group)].add(name)
        return object.__getattribute__(group, name)

    for group in GROUPS:
        monkeypatch.setattr(group, "__getattribute__", noting)
    sandbox.world.change(crowded(2, 1))
    here.set(sandbox.environment)
    for arguments in RUNS[command]:
        ended = here.run(command, *(word.format(mails=tmp_path / "mails") for word in arguments))
        assert ended.status != 2, ended.err
    unread = {(group.__name__, field.name) for group in read for field in fields(group)} - {
        (group.__name__, name) for group, names in read.items() for name in names
    }
    assert not unread


PREVIEW = ("preview", *WINDOW, "--preview-email", "a@example.org")
TO_FILES = ("preview", *WINDOW, "--to-files", "mails")


@pytest.mark.parametrize(
    ("arguments", "refused"),
    [
        (("status", *WINDOW, "--alt-maintenance-window-date", "nonsense"), "--alt-maintenance-window-date"),
        (
            ("status", *WINDOW, "--alt-maintenance-window-time-range", "0900-1100"),
            "--alt-maintenance-window-time-range",
        ),
        (("status", *WINDOW, "--cf-api-address", "https://api.example.org"), "--cf-api-address"),
        (("status", *WINDOW, "--cf-service-offerings", "redis"), "--cf-service-offerings"),
        (("print", "--alt-maintenance-window-date", "2099-06-16", *FULL_WINDOW[-2:]), "--maintenance-window-date"),
        ((*PREVIEW, "--only-org", "no-such-org"), "--only-org"),
        ((*PREVIEW, "--exclude-org", "no-such-org"), "--exclude-org"),
        ((*PREVIEW, "--only-update", "no-such-update"), "--only-update"),
        ((*PREVIEW, "--severity", "low"), "--severity"),
        ((*PREVIEW, "--paas-accounts-url", "https://accounts.example.org"), "--paas-accounts-url"),
        ((*PREVIEW, "--cf-service-offerings", "redis"), "--cf-service-offerings"),
        ((*PREVIEW, "--working-hours", "nonsense"), "--working-hours"),
        ((*PREVIEW, "--minimum-notice", "3"), "--minimum-notice"),
        ((*PREVIEW, "--send-corrections"), "--send-corrections"),
        ((*PREVIEW, "--org", "org-0000", "--only-org", "org-0000"), "--only-org"),
        ((*TO_FILES, "--org", "org-0000"), "--org"),
        ((*TO_FILES, "--notify-api-key", "key"), "--notify-api-key"),
        ((*TO_FILES, "--notify-template-id", "nonsense"), "--notify-template-id"),
    ],
    ids=str,
)
def test_an_option_that_would_change_nothing_is_refused(
    arguments: tuple[str, ...], refused: str, sandbox: Sandbox, here: Here
) -> None:
    here.set(sandbox.environment)
    ended = here.run(*arguments)
    assert ended.status == 2
    assert refused in ended.err.splitlines()[-1]
    assert not sandbox.notify.mails


def test_what_the_environment_says_for_other_commands_is_left_alone(sandbox: Sandbox, here: Here) -> None:
    here.set({**sandbox.environment, "WORKING_HOURS": "1000-1600", "CF_SERVICE_OFFERINGS": "redis"})
    assert here.run(*PREVIEW).status == 0


@pytest.mark.parametrize("command", ["print", "preview", "email", "status"])
def test_help_lists_options_under_headings_in_one_order(command: str, here: Here) -> None:
    """The same headings in the same order, whatever a command needs of them."""
    found = [line.removesuffix(":") for line in here.run(command, "--help").out.splitlines()]
    headings = [line for line in found if line in HEADINGS]
    assert headings == [heading for heading in HEADINGS if heading in headings]
    assert {"Window", "Connections", "Logging"} <= set(headings)


@pytest.mark.parametrize(
    "group",
    [
        AccountsArguments("https://accounts.example.org", "user", "s3cret"),
        AccountsAccess("https://accounts.example.org", "user", "s3cret"),
        NotifyArguments("s3cret", "https://notify.example.org", "", ""),
        NotifySettings("name-" + "-".join(["00000000-0000-4000-8000-00000000cafe"] * 2)),
    ],
    ids=lambda group: type(group).__name__,
)
def test_no_repr_shows_a_secret(group: object) -> None:
    assert "s3cret" not in repr(group)
    assert "cafe" not in repr(group)
