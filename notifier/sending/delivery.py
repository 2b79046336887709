"""Runs the errands: the first alone, then several at a time, until each has an outcome or something stops them all."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fleet.errors import ConfigurationError, RemoteError
from notifier.notify_answers import NotifyRefusedError, NotifyUnavailableError
from notifier.sending.agenda import Agenda
from notifier.sending.courier import Courier
from notifier.sending.errand import Again, Errand, Outcome, Sent, Stage

WORKERS = 8


@dataclass(frozen=True)
class Delivery:
    outcomes: tuple[Outcome, ...]
    left: tuple[Errand, ...]
    """Without an outcome, because the run was stopped; a later run continues with them."""
    stopped_by: ConfigurationError | RemoteError | None
    """None where nothing, or only the operator, stopped it."""


class _Workshop:
    def __init__(self, agenda: Agenda[Errand], courier: Courier, on_outcome: Callable[[Outcome], None]) -> None:
        self._agenda = agenda
        self._courier = courier
        self._on_outcome = on_outcome
        self._lock = threading.Lock()
        self.outcomes: list[Outcome] = []
        self.stopped_by: ConfigurationError | RemoteError | None = None

    def work(self) -> None:
        while (errand := self._agenda.take()) is not None:
            self.advance(errand)

    def advance(self, errand: Errand) -> None:
        try:
            result = self._courier.step(errand)
        except (ConfigurationError, RemoteError) as error:
            with self._lock:
                self.stopped_by = self.stopped_by or error
            self._agenda.stop()
            self._agenda.put_back(errand, 0.0)
        except BaseException:
            self._agenda.stop()
            self._agenda.put_back(errand, 0.0)
            raise
        else:
            if isinstance(result, Again):
                self._agenda.put_back(result.errand, result.delay_seconds)
            else:
                self.finished(result)
                self._agenda.finish()

    def finished(self, outcome: Outcome) -> None:
        with self._lock:
            self.outcomes.append(outcome)
            self._on_outcome(outcome)


def deliver(
    agenda: Agenda[Errand], courier: Courier, on_outcome: Callable[[Outcome], None], workers: int = WORKERS
) -> Delivery:
    """
    The first goes alone: what is wrong for all mails, such as the key, is found out with one of them.

    `on_outcome` is called by one worker at a time. Ends early where somebody stops the agenda.
    """
    workshop = _Workshop(agenda, courier, on_outcome)
    if (first := agenda.take()) is not None:
        workshop.advance(first)
    with ThreadPoolExecutor(workers, thread_name_prefix="send") as pool:
        for done in [pool.submit(workshop.work) for _ in range(workers)]:
            done.result()
    left = _looked_up_once(agenda.left, courier, workshop)
    return Delivery(tuple(workshop.outcomes), left, workshop.stopped_by)


def _looked_up_once(left: Sequence[Errand], courier: Courier, workshop: _Workshop) -> tuple[Errand, ...]:
    """After a stop: what was accepted in the last moment is said to be sent, where that can still be found out."""
    if isinstance(workshop.stopped_by, NotifyRefusedError | NotifyUnavailableError | None):
        unclear = [errand for errand in left if errand.stage is Stage.TO_LOOK_UP]
        for errand in unclear:
            with contextlib.suppress(ConfigurationError, RemoteError):
                if isinstance(result := courier.look_up_once(errand), Sent):
                    workshop.finished(result)
    known = {outcome.errand.intent.key for outcome in workshop.outcomes}
    return tuple(errand for errand in left if errand.intent.key not in known)
