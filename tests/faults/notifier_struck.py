"""The notifier in this process, while one fault of the platform lasts."""

import contextlib
from collections.abc import Iterator

from fleet.patience import Patience, with_patience
from tests.faults.own_faults import Row
from tests.faults.platform import Platform, regions_toml
from tests.faults.strike import Meant, struck
from tests.notifier_here import Here

HURRIED = Patience(
    pause_factor=0.01,
    call_seconds=0.5,
    read_seconds=0.4,
    aws_read_seconds=0.4,
    aws_answer_seconds=0.5,
    acting_seconds=0.4,
    survey_seconds=1.0,
    notify_silence_seconds=0.3,
    notify_slowness_seconds=0.3,
)
PATIENT = Patience(pause_factor=0.01, notify_silence_seconds=0.3, notify_slowness_seconds=0.3)


@contextlib.contextmanager
def faulty(
    platform: Platform, row: Row, here: Here, meant: Meant | str = "", *, is_carried_out: bool = False
) -> Iterator[None]:
    """With a role to assume, where STS is what is faulty."""
    if row.system == "sts":
        file = here.folder / "regions.toml"
        file.write_text(regions_toml(platform, with_role=True))
        here.set({"REGIONS_FILE": str(file), "AWS_REGION": None, "CF_API_ADDRESS": None})
    with struck(platform, row, meant, is_carried_out=is_carried_out), with_patience(HURRIED if row.hangs else PATIENT):
        yield


def lines_of_program(err: str, command: str) -> list[str]:
    return [line for line in err.splitlines() if line.startswith(f"elasticache-update-notifier {command}: ")]


def said(err: str, command: str, system: str) -> str:
    """The one line in which the command says what failed. It names the system."""
    assert "Traceback" not in err
    (line,) = lines_of_program(err, command)
    assert len(line) < 800
    assert line.isprintable()
    assert {"sts": "elasticache", "accounts": "paas-accounts"}.get(system, system) in line.lower()
    return line
