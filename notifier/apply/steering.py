"""
Runs what acts in a thread of its own, while this one shows it and asks the operator what Ctrl-C means.

So neither a display that hangs nor a question that nobody answers stops or delays what acts.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from notifier.apply.surroundings import Wish
from notifier.apply.wishes import Wishes

Result = TypeVar("Result")
_LOOK_SECONDS = 0.2
QUESTION = """\
g  go on
m  start no more, and follow what is under way
s  also stop what is under way:
   nodes under way are finished; updated nodes stay updated; stopped groups still wait
l  leave: AWS goes on, and the same command follows it again
What now? Until you answer, nothing more is started. [m]"""
DEFAULT = "m"
ANSWERS = {"g": Wish.GO_ON, "m": Wish.START_NO_MORE, "s": Wish.STOP, "l": Wish.LEAVE}


class Panel(Protocol):
    """What the operator looks at. Its methods are called from one thread, the one that does not act."""

    @property
    def can_ask(self) -> bool:
        """Whether somebody sits at a terminal."""

    def refresh(self, wish: Wish) -> None: ...

    def ask(self, question: str, is_moot: Callable[[], bool]) -> str | None:
        """One line; None once it is moot, or where nobody can answer."""

    def tell(self, line: str) -> None: ...

    def close(self) -> None: ...


def steered(work: Callable[[], Result], wishes: Wishes, panel: Panel) -> Result:
    """
    What `work` answers or raises. Without a terminal, SIGINT and SIGTERM mean to leave.

    Raises KeyboardInterrupt for a Ctrl-C after it was decided to leave; then `work` goes on for as long as the call
    takes that it is making.
    """
    signals = _Signals()
    with signals.heard():
        worker = _Worker(work)
        while not worker.ended.wait(_LOOK_SECONDS):
            _heed(signals, wishes, panel, worker.ended)
            _refresh(panel, wishes)
    _refresh(panel, wishes)
    with contextlib.suppress(Exception):
        panel.close()
    return worker.result()


class _Signals:
    """Handlers that only count: they may interrupt anything."""

    def __init__(self) -> None:
        self.interrupts = 0
        self.terminations = 0

    @contextmanager
    def heard(self) -> Iterator[None]:
        """A terminal that is closed, or that forbids a background program to write, stops nothing."""
        before = {signal.SIGINT: signal.signal(signal.SIGINT, self._interrupted)}
        before |= {signal.SIGTERM: signal.signal(signal.SIGTERM, self._terminated)}
        before |= {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGHUP, signal.SIGTTOU)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _interrupted(self, *_: object) -> None:
        self.interrupts += 1

    def _terminated(self, *_: object) -> None:
        self.terminations += 1


class _Worker(Generic[Result]):
    def __init__(self, work: Callable[[], Result]) -> None:
        self.ended = threading.Event()
        self._work = work
        self._result: list[Result] = []
        self._error: BaseException | None = None
        threading.Thread(target=self._run, name="apply", daemon=True).start()

    def result(self) -> Result:
        if self._error is not None:
            raise self._error
        return self._result[0]

    def _run(self) -> None:
        try:
            self._result.append(self._work())
        except BaseException as error:  # noqa: BLE001 — raised again where the result is asked for
            self._error = error
        finally:
            self.ended.set()


def _heed(signals: _Signals, wishes: Wishes, panel: Panel, ended: threading.Event) -> None:
    interrupts, signals.interrupts = signals.interrupts, 0
    if interrupts and wishes.now() is Wish.LEAVE:
        raise KeyboardInterrupt
    if signals.terminations or (interrupts and not panel.can_ask):
        signals.terminations = 0
        _leave(wishes, panel)
    elif interrupts:
        before = wishes.now()
        wishes.say(Wish.HOLD)
        answer = _answer(signals, panel, ended)
        if answer is Wish.LEAVE:
            _leave(wishes, panel)
        else:
            # Who began with `--stop` does not start anything by going on.
            wishes.say(before if answer is Wish.GO_ON and before is Wish.STOP else answer)


def _leave(wishes: Wishes, panel: Panel) -> None:
    if wishes.now() is not Wish.LEAVE:
        wishes.say(Wish.LEAVE)
        panel.tell("leaving as soon as AWS has answered the call under way; Ctrl-C once more does not wait for that")


def _answer(signals: _Signals, panel: Panel, ended: threading.Event) -> Wish:
    """A second Ctrl-C, and SIGTERM, mean to leave."""

    def is_moot() -> bool:
        return bool(signals.interrupts or signals.terminations or ended.is_set())

    while True:
        text = panel.ask(QUESTION, is_moot)
        if signals.interrupts or signals.terminations:
            signals.interrupts = signals.terminations = 0
            return Wish.LEAVE
        answer = DEFAULT if text is None else text.strip().lower() or DEFAULT
        if (wish := ANSWERS.get(answer[:1])) is not None:
            return wish


def _refresh(panel: Panel, wishes: Wishes) -> None:
    with contextlib.suppress(Exception):
        panel.refresh(wishes.now())
