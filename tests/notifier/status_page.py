"""The status page in tests: nobody waits for real, and no request may have a switch that could notify somebody."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from notifier.announce.announcement import SILENT
from sandbox.server import Sandbox
from sandbox.statuspage.incidents import Incident

COMPONENT = "Redis in Ireland"
ALWAYS = {
    "scheduled_auto_in_progress": True,
    "scheduled_auto_completed": False,
    "auto_transition_to_maintenance_state": True,
    "auto_transition_to_operational_state": True,
}
NEVER = ("components", "backfilled", "backfill_date", "reminder_intervals", "scheduled_auto_transition")


@dataclass
class Ticking:
    """A clock that only a pause moves on."""

    now: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def bodies(sandbox: Sandbox) -> list[Mapping[str, Any]]:
    """Of all requests that had one."""
    found = [json.loads(entry.body)["incident"] for entry in sandbox.journal.entries("statuspage") if entry.body]
    return list(found)


def require_silence(sandbox: Sandbox) -> None:
    """Whatever a test did: no request could have notified anybody, and nobody was."""
    for body in bodies(sandbox):
        assert {name: body.get(name) for name in SILENT} == dict.fromkeys(SILENT, False), body
        assert {name: body.get(name) for name in ALWAYS} == ALWAYS, body
        assert not set(NEVER) & set(body), body
        assert isinstance(body["component_ids"], list)
    assert sandbox.statuspage.page.notices == []


def incidents(sandbox: Sandbox) -> list[Incident]:
    return list(sandbox.statuspage.page.incidents.values())


def only_incident(sandbox: Sandbox) -> Incident:
    [incident] = incidents(sandbox)
    return incident


def requests_made(sandbox: Sandbox) -> list[str]:
    return [entry.call for entry in sandbox.journal.entries("statuspage")]


class KilledError(BaseException):
    """As little as SIGKILL does any handler of the program's see it."""


def killing(after: int, real: Callable[..., Any], *, is_done: bool) -> Callable[..., Any]:
    """In place of `real`: its call number `after` ends the program, before it is made or, if `is_done`, after."""
    calls = iter(range(10_000))

    def replaced(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 — as the function that it replaces
        is_it = next(calls) == after
        if is_it and not is_done:
            raise KilledError
        answer = real(*args, **kwargs)
        if is_it:
            raise KilledError
        return answer

    return replaced
