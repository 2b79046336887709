"""
Shows on stderr how a window goes while it is carried through: one live view on a terminal, one line a change elsewhere.

The thread that acts only hands over pictures. Writing to stderr never waits (`fleet/program/outlet.py`).
"""

import queue
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import click
from rich.cells import cell_len
from rich.console import Console
from rich.live import Live
from rich.text import Text

from fleet.errors import RemoteError
from fleet.printable import visible
from fleet.program.outlet import Outlet
from fleet.program.quiet import is_quiet
from fleet.program.terminal import typed_line
from notifier.apply.result import Picture
from notifier.apply.surroundings import Wish
from notifier.apply.task import ENDED, Phase, Task
from notifier.apply.words import duration, named
from notifier.maintenance import Maintenance
from notifier.reports.apply_changes import change_text, trouble_text

_SAID_AGAIN_AFTER = timedelta(minutes=3)
_FEWEST_ROWS = 3
_ROWS_BESIDE = 6
_HINTS = {
    Wish.GO_ON: "Ctrl-C asks",
    Wish.HOLD: "you are being asked",
    Wish.START_NO_MORE: "no more are started",
    Wish.STOP: "being stopped",
    Wish.LEAVE: "leaving",
}


def errors_width() -> int | None:
    """Of the terminal; None where stderr is none."""
    return Console(stderr=True).width if sys.stderr.isatty() else None


def panel_for(maintenance: Maintenance) -> "LivePanel | LinesPanel":
    can_ask = sys.stdin.isatty() and sys.stderr.isatty()
    if is_quiet():
        return TroublePanel(maintenance, can_ask=can_ask)
    if sys.stderr.isatty() and not Console(stderr=True).is_dumb_terminal:
        return LivePanel(maintenance, can_ask=can_ask)
    return LinesPanel(maintenance, can_ask=can_ask)


class LinesPanel:
    """Each change once, for a file or a terminal that cannot move its cursor."""

    def __init__(self, maintenance: Maintenance, *, can_ask: bool = False) -> None:
        self.can_ask = can_ask
        self._zone = maintenance.window.zone
        self._trouble: type[RemoteError] | None = None
        self._trouble_told_at: datetime | None = None

    def take(self, picture: Picture) -> None:
        for task in picture.changes:
            self.tell(change_text(task, picture.at, self._zone))
        self._take_trouble(picture.trouble, picture.at)

    def _take_trouble(self, trouble: RemoteError | None, at: datetime) -> None:
        """Once when it begins, and again every few minutes."""
        is_new = type(trouble) is not self._trouble
        is_due = self._trouble_told_at is None or at - self._trouble_told_at >= _SAID_AGAIN_AFTER
        self._trouble = None if trouble is None else type(trouble)
        if trouble is not None and (is_new or is_due):
            self.tell(trouble_text(trouble, at, self._zone))
            self._trouble_told_at = at

    def refresh(self, wish: Wish) -> None: ...

    def ask(self, question: str, is_moot: Callable[[], bool]) -> str | None:
        return typed_line(question, is_moot)

    def tell(self, line: str) -> None:
        click.echo(visible(line), err=True)

    note = tell

    def close(self) -> None: ...


class TroublePanel(LinesPanel):
    """For --quiet: only that AWS does not answer as it should. The report has the changes."""

    def take(self, picture: Picture) -> None:
        self._take_trouble(picture.trouble, picture.at)


class LivePanel:
    def __init__(
        self, maintenance: Maintenance, *, can_ask: bool, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.can_ask = can_ask
        self._maintenance = maintenance
        self._now = now
        self._picture: Picture | None = None
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        file = sys.stderr.ungated if isinstance(sys.stderr, Outlet) else sys.stderr
        self._console = Console(file=file, force_terminal=True)  # type: ignore[arg-type] # rich only writes
        self._live: Live | None = None

    def take(self, picture: Picture) -> None:
        """What has ended stays on the screen, above the view."""
        for task in picture.changes:
            if task.phase in ENDED or task.phase is Phase.SKIPPED:
                self._ended.put(change_text(task, picture.at, self._maintenance.window.zone))
        self._picture = picture

    def refresh(self, wish: Wish) -> None:
        if self._picture is None:
            return
        if self._live is None:
            self._live = Live(
                console=self._console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False, transient=True
            )
            self._live.start()
        while not self._ended.empty():
            self._console.print(Text(self._ended.get(), overflow="fold"))
        width, height = self._console.size
        lines = live_lines(self._picture, self._maintenance, self._now(), wish, (width, height))
        self._live.update(Text("\n".join(lines), overflow="fold"), refresh=True)

    def ask(self, question: str, is_moot: Callable[[], bool]) -> str | None:
        self._pause()
        return typed_line(question, is_moot)

    def tell(self, line: str) -> None:
        self._pause()
        click.echo(visible(line), err=True)

    def note(self, line: str) -> None:
        """As `tell`, from any thread."""
        if self._live is None:
            click.echo(visible(line), err=True)
        else:
            self._ended.put(visible(line))

    def close(self) -> None:
        self._pause()
        while not self._ended.empty():
            click.echo(self._ended.get(), err=True)

    def _pause(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


def live_lines(
    picture: Picture, maintenance: Maintenance, now: datetime, wish: Wish, size: tuple[int, int]
) -> list[str]:
    """No line is cut, and no more are written than fit; those that began first come first."""
    under_way = sorted(
        (task for task in picture.tasks if task.phase in (Phase.UNSETTLED, Phase.UNDER_WAY) or task.is_stuck),
        key=lambda task: (task.started_at is None, task.started_at, task.subject.key),
    )
    width, height = size
    head = [*_head(picture, maintenance, now, len(under_way), _HINTS[wish])]
    room = max(_FEWEST_ROWS, height - _ROWS_BESIDE)
    rows: list[str] = []
    taken = 0
    for shown, task in enumerate(under_way):
        lines = list(_row(task, now, width))
        taken += sum(max(1, -(-cell_len(line) // width)) for line in lines)
        if taken > room:
            rows.append(f"  and {len(under_way) - shown} more under way")
            break
        rows += lines
    return [*head, *rows]


def _head(picture: Picture, maintenance: Maintenance, now: datetime, under_way: int, hint: str) -> Iterator[str]:
    window = maintenance.window
    left = window.ends_at - now
    if now < window.starts_at:
        time_left = f"the window begins in {duration(window.starts_at - now)}"
    elif left.total_seconds() > 0:
        time_left = f"{duration(left)} left in the window"
    else:
        time_left = f"the window is over since {duration(-left)}"
    yield visible(f"{maintenance.region_name}  {now.astimezone(window.zone):%H:%M:%S}  {time_left}")
    counts = {phase: sum(task.phase is phase for task in picture.tasks) for phase in Phase}
    others = {"failed": Phase.FAILED, "refused": Phase.REFUSED, "stopped": Phase.STOPPED, "skipped": Phase.SKIPPED}
    beside = "".join(f"  {counts[phase]} {word}" for word, phase in others.items() if counts[phase])
    done, waiting = counts[Phase.COMPLETE], counts[Phase.PLANNED]
    yield f"{done} of {len(picture.tasks)} done  {under_way} under way  {waiting} waiting{beside}  ({hint})"
    if picture.halted_by is not None:
        yield visible(f"HALTED by {picture.halted_by}; nothing more is started")
    if picture.trouble is not None:
        yield visible(trouble_text(picture.trouble, picture.at, window.zone))


def _row(task: Task, now: datetime, width: int) -> Iterator[str]:
    subject = task.subject
    nodes = f"{task.nodes_updated or 0}/{subject.nodes} nodes"
    since = now - (task.started_at or now)
    said = "AWS has not answered" if task.phase is Phase.UNSETTLED else task.aws_says or ""
    times = f"{duration(since)} of about {duration(subject.estimate)}"
    late = "  LATE" if since > subject.estimate else ""
    facts = visible(f"  {nodes:>9}  {times}{late}  {said}")
    name = visible(named(subject))
    if cell_len(facts) + 2 + cell_len(name) <= width:
        yield f"{facts}  {name}"
    else:
        yield facts
        yield f"             {name}"
