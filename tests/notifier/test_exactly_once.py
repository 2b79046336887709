"""Whatever happens, each mail arrives once. Set KILLS=100 for the long version of the first test."""

import os
import resource
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from sandbox.server import Options, Sandbox
from tests.notifier_program import (
    WINDOW,
    Program,
    crowded,
    kill_when,
    mails_by_org_and_address,
    program,
    sends,
)

KILLS = int(os.environ.get("KILLS", "12"))
PEOPLE, ORGS = 5 * KILLS, 20
EVERYBODY = Counter({(f"org-{n % ORGS:04}", f"person.{n}@example.org"): 1 for n in range(PEOPLE)})


@pytest.fixture
def crowd() -> Iterator[Sandbox]:
    """Many people manage 20 orgs; every org is affected."""
    with Sandbox(Options(instances=80)) as sandbox:
        sandbox.world.change(crowded(PEOPLE, ORGS))
        yield sandbox


@pytest.fixture
def notifier(crowd: Sandbox, ledger_url: str) -> Program:
    return program(crowd, ledger_url)


@pytest.mark.timeout(60 + KILLS * 12)
def test_killed_at_any_moment_and_run_again_until_done(crowd: Sandbox, notifier: Program) -> None:
    """SIGKILL after some number of requests, or in the midst of one; what was under way is found out, not repeated."""
    random = Random(KILLS)  # the same moments each time
    crowd.faults.add("notify/v2/notifications/email:latency:0.02")
    for _ in range(KILLS):
        more, then_seconds = random.randint(0, 2 * PEOPLE // KILLS), random.random() * 0.03
        enough = sends(crowd) + more
        process = notifier.start("email", "--yes", *WINDOW)
        kill_when(process, lambda enough=enough: sends(crowd) >= enough, then_seconds)  # type: ignore[misc] # bound
    ended = notifier.email()
    assert ended.status == 0, ended.err
    assert mails_by_org_and_address(crowd) == EVERYBODY


@pytest.mark.parametrize(
    "fault",
    [
        "notify/v2/notifications/email:accepted-then-dropped,probability=0.3",
        "notify/v2/notifications/email:accepted-then-status:500,probability=0.3",
        "notify/v2/notifications/email:down,probability=0.2",
        "notify:status:500,probability=0.2",
        "notify/v2/notifications/email:throttle,probability=0.1",
        "notify/v2/notifications/email:html:200,probability=0.2",
        "notify/v2/notifications/email:half,probability=0.2",
    ],
)
def test_answers_that_get_lost(crowd: Sandbox, notifier: Program, fault: str) -> None:
    """In one run: a mail is sent again only where Notify does not have it."""
    crowd.faults.add(fault)
    ended = notifier.email()
    assert ended.status == 0, ended.err + ended.out
    assert mails_by_org_and_address(crowd) == EVERYBODY


def test_everything_at_once_from_two_operators(crowd: Sandbox, notifier: Program) -> None:
    """Two runs share the work; whoever finds a mail begun by the other waits for its outcome."""
    for fault in ("accepted-then-dropped,probability=0.1", "status:500,probability=0.1", "throttle,probability=0.03"):
        crowd.faults.add(f"notify/v2/notifications/email:{fault}")
    first, second = (notifier.start("email", "--yes", "--format", "json", *WINDOW) for _ in range(2))
    outputs = [process.communicate(timeout=100) for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0), outputs
    assert mails_by_org_and_address(crowd) == EVERYBODY


def test_one_operator_is_killed_while_the_other_goes_on(crowd: Sandbox, notifier: Program) -> None:
    """The survivor takes over what the other left unclear, and only that."""
    crowd.faults.add("notify/v2/notifications/email:latency:0.05")
    victim, survivor = (notifier.start("email", "--yes", *WINDOW) for _ in range(2))
    kill_when(victim, lambda: sends(crowd) >= PEOPLE // 3)
    _, err = survivor.communicate(timeout=100)
    assert survivor.returncode == 0, err
    assert mails_by_org_and_address(crowd) == EVERYBODY


def test_a_notify_that_lists_late(crowd: Sandbox, notifier: Program) -> None:
    """What is not listed yet is looked up again before it is sent again."""
    crowd.notify.change(lag_seconds=1.0)
    crowd.faults.add("notify/v2/notifications/email:accepted-then-dropped,probability=0.3")
    ended = notifier.with_environment(NOTIFY_SETTLE_SECONDS="3").email()
    assert ended.status == 0, ended.err
    assert mails_by_org_and_address(crowd) == EVERYBODY


def test_an_error_after_accepting_and_a_list_that_is_late(crowd: Sandbox, sqlite_url: str) -> None:
    """An answered 500 says as little as no answer: the mail may be listed long after it."""
    people = 12
    crowd.world.change(crowded(people, 4))
    crowd.notify.change(lag_seconds=4.0)
    crowd.faults.add("notify/v2/notifications/email:accepted-then-status:500,probability=0.4")
    ended = program(crowd, sqlite_url, NOTIFY_SETTLE_SECONDS="9").email()
    assert ended.status == 0, ended.err
    assert len(crowd.notify.mails) == len({mail.reference for mail in crowd.notify.mails}) == people
    assert ended.err.count("it is not clear whether Notify accepted a mail: asking for up to") == 1


def test_a_disk_that_fills_up_while_mails_leave(crowd: Sandbox, sqlite_url: str) -> None:
    """The run stops before the next mail; what was sent and could not be recorded is found out by the next run."""
    notifier = program(crowd, sqlite_url)
    limited = replace(notifier, preexec=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000)))
    ended = limited.email()
    assert ended.status == 3, ended.err
    assert "stopped: ledger" in ended.err
    assert "run the same command again to continue" in ended.err
    assert 0 < len(crowd.notify.mails) < PEOPLE
    assert notifier.email().status == 0
    assert mails_by_org_and_address(crowd) == EVERYBODY
