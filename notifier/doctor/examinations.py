"""Makes all examinations side by side, so that no system delays another, and none takes longer than its time limit."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from fleet.answer_dates import answers_heard
from fleet.errors import ConfigurationError, NotSetUpError, RemoteError
from fleet.program.awaited_commands import awaited_commands_heard
from notifier.doctor.checks import Check, Placed, clock_check, failed, not_set
from notifier.doctor.remedies import unreachable

LIMIT_SECONDS = 20.0
_CLOCKS: dict[str, tuple[float, str]] = {
    "notify": (30, "GOV.UK Notify refuses every request beyond 30 seconds"),
    "aws": (300, "AWS refuses every request beyond 5 minutes"),
}
_OTHER_CLOCKS = (300.0, "beyond 300 seconds tokens may seem to have expired, or not to have begun")


@dataclass(frozen=True)
class Examination:
    """`steps` gives the name of each check before it asks, and the check afterwards."""

    system: str
    region: str | None
    steps: Callable[[], Iterator[str | Check]]


@dataclass
class _Patient:
    """One examination under way in a thread of its own, which the main thread may stop waiting for."""

    examination: Examination
    checks: list[Check] = field(default_factory=list)
    seconds_ahead: list[float] = field(default_factory=list)
    asking: str = "settings"
    awaiting: str | None = None
    """The variable whose command has not printed its secret yet."""
    is_over: threading.Event = field(default_factory=threading.Event)

    def examine(self) -> None:
        try:
            with answers_heard(self.seconds_ahead.append), awaited_commands_heard(self._await):
                for step in self.examination.steps():
                    if isinstance(step, Check):
                        self.checks.append(step)
                    else:
                        self.asking = step
        except NotSetUpError as error:
            self.checks.append(not_set(self.asking, str(error)))
        except ConfigurationError as error:
            self.checks.append(failed(self.asking, str(error), "correct this setting"))
        except RemoteError as error:
            self.checks.append(failed(self.asking, str(error), unreachable(self.examination.system)))
        except Exception as error:  # noqa: BLE001 — one broken examination must not hide the others
            what = f"unexpected: {type(error).__name__}: {error}"
            self.checks.append(failed(self.asking, what, "report this as a fault of this program"))
        self.is_over.set()

    def _await(self, variable: str | None) -> None:
        self.awaiting = variable


def examined(
    examinations: Sequence[Examination], on_end: Callable[[str], None], limit_seconds: float | None = None
) -> list[Placed]:
    """
    All checks, in the order of the examinations; the clock's come last of each system's.

    `on_end` is told of each examination that has ended, in words.
    """
    limit = LIMIT_SECONDS if limit_seconds is None else limit_seconds
    patients = [_Patient(examination) for examination in examinations]
    for patient in patients:
        # As a daemon, it does not keep the program from ending.
        name = f"examine-{patient.examination.system}"
        threading.Thread(target=patient.examine, name=name, daemon=True).start()
    ends_at = time.monotonic() + limit
    placed: list[Placed] = []
    for place in dict.fromkeys((e.system, e.region) for e in examinations):
        of_place = [p for p in patients if (p.examination.system, p.examination.region) == place]
        for patient in of_place:
            patient.is_over.wait(max(0.0, ends_at - time.monotonic()))
        # Several may wait for the same secret: one of them runs its command, and they all have the same to say.
        awaited = next((patient.awaiting for patient in of_place if patient.awaiting), None)
        checks = list(dict.fromkeys(check for patient in of_place for check in _checks(patient, awaited, limit)))
        on_end(_ended(place, checks))
        placed += [Placed(*place, check) for check in [*checks, *_clock(place[0], of_place)]]
    return placed


def _checks(patient: _Patient, awaited: str | None, limit: float) -> list[Check]:
    """What was found until the time limit counts."""
    is_over = patient.is_over.is_set()
    found, asking = list(patient.checks), patient.asking
    if is_over:
        return found
    variable = patient.awaiting or (awaited if asking == _Patient.asking else None)
    if variable is not None:
        late = f"{variable}: its command did not end within the {limit:.0f} s of this examination"
        return [*found, failed(asking, late, "run that command yourself to see what it waits for")]
    late = f"no answer within {limit:.0f} s"
    return [*found, failed(asking, late, unreachable(patient.examination.system))]


def _clock(system: str, patients: Sequence[_Patient]) -> Iterator[Check]:
    """By the answer that says least: a slow network makes clocks seem further apart, and never nearer."""
    heard = [seconds for patient in patients for seconds in list(patient.seconds_ahead)]
    if heard:
        most_seconds, consequence = _CLOCKS.get(system, _OTHER_CLOCKS)
        yield clock_check(min(heard, key=abs), most_seconds, consequence, refuses=system in _CLOCKS)


def _ended(place: tuple[str, str | None], checks: Sequence[Check]) -> str:
    system, region = place
    return f"{system}{f' {region}' if region else ''}: {len(checks)} check{'' if len(checks) == 1 else 's'}"
