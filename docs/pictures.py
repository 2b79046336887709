"""Makes the README's pictures, of the backlog page and of a terminal: `make pictures`, with Chromium installed."""

import contextlib
import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sandbox.demo import running_exporter
from sandbox.server import Options, Sandbox

IMAGES = Path(__file__).parent / "images"
_COLUMNS = 116
_WIDTH = 1200
_PROGRAM = "elasticache-update-notifier"
_SESSION = ("print --severity critical", "email --severity critical --yes", "email --severity critical --yes")


def main() -> None:
    with running_exporter(instances=57) as url:
        photograph(url, IMAGES / "backlog.png", (1200, 1500))
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "terminal.html"
        svg = terminal_session(Path(folder))
        page.write_text(f"<body style='margin:0'>{svg}</body>")
        photograph(page.as_uri(), IMAGES / "terminal.png", _size(svg))


def photograph(url: str, picture: Path, size: tuple[int, int]) -> None:
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(  # noqa: S603 — Chromium on our own page
            [  # noqa: S607 — wherever it is installed
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--hide-scrollbars",
                f"--user-data-dir={profile}",
                f"--window-size={size[0]},{size[1]}",
                f"--screenshot={picture}",
                url,
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
    sys.stdout.write(f"{picture}\n")


def _size(svg: str) -> tuple[int, int]:
    """Of the window in which it fits: it is drawn as wide as the window is."""
    width, height = re.findall(r'viewBox="0 0 (\S+) (\S+)"', svg)[0]
    return _WIDTH, round(float(height) * _WIDTH / float(width)) + 4


def terminal_session(folder: Path) -> str:
    """As SVG: who is affected, then the mails, and that a second run sends none."""
    date = (datetime.now(UTC) + timedelta(days=7)).date()
    window = f"--region Ireland --maintenance-window-date {date} --maintenance-window-time-range 0900-1100"
    console = Console(record=True, width=_COLUMNS, file=io.StringIO())
    with Sandbox(Options(instances=14, seed=3)) as sandbox:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CF_"))},
            **sandbox.environment,
            "LEDGER_URL": f"sqlite:///{folder}/ledger.sqlite3",
            "COLUMNS": str(_COLUMNS),
            "TERM": "xterm-256color",
        }
        console.print(f"$ WINDOW='{window}'", style="bold", highlight=False, soft_wrap=True)
        for command in (
            "print --severity critical",
            "email --severity critical --yes",
            "email --severity critical --yes",
        ):
            console.print(f"\n$ {_PROGRAM} {command} $WINDOW", style="bold", highlight=False, soft_wrap=True)
            console.print(Text.from_ansi(_shown([*command.split(), *window.split()], environment)))
    svg = console.export_svg(title="Telling the tenants")
    return re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)  # the machine's own fonts: nothing is fetched


def _shown(arguments: list[str], environment: Mapping[str, str]) -> str:
    """What somebody at a terminal is left with: of a progress bar only its last state."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        program = subprocess.Popen(  # noqa: S603 — our own
            [sys.executable, "-m", "notifier", *arguments], env=environment, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # a terminal whose last program has ended
            while piece := screen.read(65536):
                shown += piece
        program.wait()
    lines = shown.decode().replace("\r\n", "\n").split("\n")
    return "\n".join(line.rpartition("\r")[2] for line in lines).rstrip()


if __name__ == "__main__":
    main()
