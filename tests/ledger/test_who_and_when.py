"""`email` records the window that it tells of, and on whose behalf."""

import getpass
import socket
from typing import Any

from sandbox.server import Sandbox
from tests.notifier_here import Here
from tests.notifier_program import WINDOW_DATE, crowded


def exported(here: Here, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = here.run("ledger", "export").document[table]
    return rows


def test_a_window_is_known_with_its_time_zone_and_by_whom(sandbox: Sandbox, here: Here) -> None:
    sandbox.world.change(crowded(2, 1))
    here.set({**sandbox.environment, "OPERATOR": "ada"})
    here.email()
    here.email("--operator", "grace")
    (window,) = exported(here, "windows")
    assert window["window_key"].startswith(f"{WINDOW_DATE}T")
    assert (window["aws_region"], window["time_zone"], window["state"]) == ("eu-west-1", "Europe/London", "known")
    assert (window["command"], window["operator"]) == ("email", "ada")
    assert [run["operator"] for run in exported(here, "runs")] == ["ada", "grace"]


def test_without_a_name_it_is_the_user_and_the_host(sandbox: Sandbox, here: Here) -> None:
    sandbox.world.change(crowded(1, 1))
    here.set(sandbox.environment)
    here.email()
    assert exported(here, "windows")[0]["operator"] == f"{getpass.getuser()}@{socket.gethostname()}"


def test_a_dry_run_makes_nothing_known(sandbox: Sandbox, here: Here) -> None:
    sandbox.world.change(crowded(1, 1))
    here.set(sandbox.environment)
    here.email("--dry-run")
    assert (exported(here, "windows"), exported(here, "runs")) == ([], [])
