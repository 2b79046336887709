"""Makes the README's picture of the backlog page: `make picture`, with Chromium installed."""

import subprocess
import sys
import tempfile
from pathlib import Path

from sandbox.demo import running_exporter

PICTURE = Path(__file__).parent / "images" / "backlog.png"


def main() -> None:
    with running_exporter(instances=57) as exporter_url, tempfile.TemporaryDirectory() as profile:
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
                "--window-size=1000,1000",
                f"--screenshot={PICTURE}",
                exporter_url,
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
    sys.stdout.write(f"{PICTURE}\n")


if __name__ == "__main__":
    main()
