"""
What a survey costs, beside what nothing can beat and beside the naive way, in the same run: `python -m bench.survey`.

Every request takes 50 ms. Every group has an action for each of five updates, most of them complete.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass

import requests

from bench import programs, references
from bench.references import Cost

LATENCY_SECONDS = 0.05
_RUNS = 5
_ALL_TOLD, _SOME_CANNOT_BE_TOLD = 0, 1
_WAITING = {"40 %": (), "all, for all five": ("--waiting-share", "1", "--waiting-each", "5")}
_SURVEY = """
import os, sys, time
from fleet.program.regions import RegionSettings, regions
from fleet.surveyor import Surveyor
settings = RegionSettings(aws_region=os.environ["AWS_REGION"], cf_api_address=os.environ["CF_API_ADDRESS"])
surveyor = Surveyor(regions(settings, os.environ)[0])
for _ in range(int(sys.argv[1]) + 1):
    started = time.perf_counter()
    survey = surveyor.survey()
    print(time.perf_counter() - started, flush=True)
"""
COLUMNS = (
    "instances",
    "waiting",
    "requests",
    "pages + updates + 8",
    "survey, s",
    "longest chain, s",
    "÷ chain",
    "naive, requests",
    "naive, s",
    "naive ÷ survey",
)
COMMAND_COLUMNS = ("command", "instances", "requests", "s", "naive, requests", "naive, s", "naive ÷ command")


@dataclass(frozen=True)
class Measured:
    instances: int
    waiting: str
    survey: Cost
    pages: int
    """Of all lists of a survey, and the updates."""
    chain: Cost
    naive: Cost

    @property
    def row(self) -> str:
        return (
            f"| {self.instances:,} | {self.waiting} | {self.survey.requests} | {self.pages + 8}"
            f" | {self.survey.seconds:.2f} | {self.chain.seconds:.2f} | {self.survey.seconds / self.chain.seconds:.2f}"
            f" | {self.naive.requests} | {self.naive.seconds:.1f} | {self.naive.seconds / self.survey.seconds:.0f} |"
        )


def measure(instances: int, waiting: str) -> Measured:
    fault = f"all:latency:{LATENCY_SECONDS}"
    with programs.sandbox(instances, fault, flags=_WAITING[waiting]) as environment:
        survey = _survey(environment)
        return Measured(
            instances,
            waiting,
            survey,
            _pages(environment),
            references.longest_chain(environment),
            references.naive_survey(environment),
        )


def measured_command(command: str, instances: int) -> str:
    """The row of a table: the whole program, from its start to its end."""
    naive_way = {"print": references.naive_print, "email": references.naive_email}[command]
    with (
        tempfile.TemporaryDirectory() as folder,
        programs.sandbox(instances, f"all:latency:{LATENCY_SECONDS}") as environment,
    ):
        settings = {**environment, "LOG_LEVEL": "error"}
        seconds = []
        for number in range(_RUNS):
            requests.delete(f"{environment['SANDBOX_CONTROL_URL']}/mails", timeout=60)
            _forget_requests(environment)
            settings["LEDGER_URL"] = f"sqlite:///{folder}/ledger-{number}.sqlite3"
            seconds.append(_seconds(command, settings))
        count = _requests(environment)
        naive = naive_way(environment)
    median = statistics.median(seconds)
    return (
        f"| {command} | {instances:,} | {count} | {median:.2f} | {naive.requests} | {naive.seconds:.1f}"
        f" | {naive.seconds / median:.0f} |"
    )


def _seconds(command: str, settings: Mapping[str, str]) -> float:
    flags = ["--yes"] if command == "email" else []
    line = [sys.executable, "-m", "notifier", command, *flags, "--region", "Ireland", *programs.window()]
    started = time.perf_counter()
    ended = subprocess.run(line, env=programs.environment_with(settings), check=False, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if ended.returncode not in (_ALL_TOLD, _SOME_CANNOT_BE_TOLD):
        raise RuntimeError(f"{command} ended with {ended.returncode}: {ended.stderr}")
    return seconds


def _survey(environment: Mapping[str, str]) -> Cost:
    """The median of several; the first, which also asks for a token, is not among them."""
    with programs.process(["-c", _SURVEY, str(_RUNS)], environment) as running:
        assert running.stdout  # noqa: S101 — it was asked for
        running.stdout.readline()
        _forget_requests(environment)
        seconds = [float(running.stdout.readline()) for _ in range(_RUNS)]
    return Cost(statistics.median(seconds), _requests(environment) // _RUNS)


def _pages(environment: Mapping[str, str]) -> int:
    """The pages that a survey cannot do without, of a hundred or 5,000 rows; and the updates that it asks about."""
    state = requests.get(f"{environment['SANDBOX_CONTROL_URL']}/state", timeout=120).json()
    actions = [action for action in state["update_actions"] if action["status"] not in ("complete", "not-applicable")]
    names = {update["name"] for update in state["service_updates"] if update["status"] == "available"}
    names -= {update["name"] for update in state["service_updates"] if update["engine"] == "memcached"}
    of_update = [sum(action["service_update_name"] == name for action in actions) for name in names]
    lists = [len(state["replication_groups"]), len(state["parameter_groups"]), len(state["cache_clusters"]), *of_update]
    instances = len(state["service_instances"])
    pages: int = sum(max(1, -(-count // 100)) for count in lists) + 1 + -(-instances // 5_000)
    return pages + len(names)


def _forget_requests(environment: Mapping[str, str]) -> None:
    requests.delete(f"{environment['SANDBOX_CONTROL_URL']}/requests", timeout=60)


def _requests(environment: Mapping[str, str]) -> int:
    by_system = requests.get(f"{environment['SANDBOX_CONTROL_URL']}/requests", timeout=60).json()["by_system"]
    return sum(by_system.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, nargs="+", default=[1_000, 3_000], metavar="COUNT")
    arguments = parser.parse_args()
    print(programs.markdown_header(COLUMNS))
    for instances in arguments.instances:
        for waiting in _WAITING:
            print(measure(instances, waiting).row, flush=True)
    print(f"\n{programs.markdown_header(COMMAND_COLUMNS)}")
    for command in ("print", "email"):
        for instances in arguments.instances:
            print(measured_command(command, instances), flush=True)


if __name__ == "__main__":
    with programs.interruptible():
        main()
