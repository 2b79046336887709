"""What the exporter publishes from the ledger; and a ledger in trouble troubles nothing else."""

import os
import signal
import socket
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from exporter.collectors.surveys import ExporterFacts
from exporter.ledger_status import LedgerStatus
from exporter.ledger_watch import LedgerWatch
from exporter.publication import Publication
from exporter.region_status import RegionStatus
from fleet.errors import ConfigurationError
from fleet.region import Quotas
from ledger.deferral import Target
from ledger.deferrals import end_deferrals
from ledger.ledger import Ledger
from sandbox.server import Sandbox
from tests.builders import service_instance, survey
from tests.exporter_process import running_exporter
from tests.ledger.version_dumps import load
from tests.ledger_contents import DEFERRAL, REGION, TODAY, WINDOW, defer, tell
from tests.postgresql_server import postgresql_server

PREFIX = "paas_aws_elasticache_"
DEFERRED = f"{PREFIX}service_instance_deferred_until_timestamp_seconds"
STARTS = f"{PREFIX}maintenance_window_start_timestamp_seconds"
ENDS = f"{PREFIX}maintenance_window_end_timestamp_seconds"
UP = "elasticache_update_exporter_ledger_up"
FIRST = service_instance("guid-1", 'say "cheese"\nplease', org="back\\slash")
SECOND = service_instance("guid-2", org="back\\slash")


class Shown:
    """A publication with two instances of one org, and a watch on a ledger beside it."""

    def __init__(self, ledger_url: str, deadline_seconds: float = 5) -> None:
        facts = ExporterFacts("9.9.9", 300, 0.2, {REGION: Quotas(300, 300)})
        self.publication = Publication(facts, [RegionStatus("Ireland", REGION)])
        self.publish(FIRST, SECOND)
        self.watch = LedgerWatch(ledger_url, self.publication.publish_ledger, deadline_seconds)

    def publish(self, *instances: object) -> None:
        taken = survey(service_instances=instances)
        self.publication.publish(
            RegionStatus("Ireland", REGION, survey=taken, surveys_count=1, last_duration_seconds=0.1)
        )

    @property
    def lines(self) -> list[str]:
        text = b"".join(self.publication.latest.exposition.text).decode()
        return [line for line in text.splitlines() if line.startswith((DEFERRED, STARTS, ENDS, UP))]

    @property
    def ledger(self) -> LedgerStatus:
        status = self.publication.latest.ledger
        assert status is not None
        return status

    @property
    def cause(self) -> str:
        assert self.lines == [f"{UP} 0.0"]
        assert self.ledger.last_failure is not None
        return self.ledger.last_failure.cause


def test_without_a_ledger_nothing_is_said_of_one() -> None:
    publication = Publication(ExporterFacts("9.9.9", 300, 0.2, {}), [])
    assert "ledger" not in b"".join(publication.latest.exposition.text).decode()
    assert publication.latest.ledger is None


def test_deferred_instances_and_planned_windows_are_published(ledger_url: str) -> None:
    """With the names of now, whatever they were when the tenant asked."""
    tell(ledger_url)
    defer(ledger_url)
    defer(ledger_url, replace(DEFERRAL, guid="nobodys", name="gone"))
    shown = Shown(ledger_url)
    assert shown.lines == [f"{UP} 0.0"], "before the first reading nothing is known"
    shown.watch.look()
    until = datetime.combine(TODAY + timedelta(days=30), datetime.min.time(), UTC).timestamp()
    start = datetime.combine(TODAY + timedelta(days=7), datetime.min.time(), UTC).timestamp() + 8 * 3600
    found = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in shown.lines}
    assert found == {
        UP: 1,
        f'{DEFERRED}{{aws_region="eu-west-1",org_guid="back\\\\slash-guid",org_name="back\\\\slash",'
        'service_instance_guid="guid-1",service_instance_name="say \\"cheese\\"\\nplease"}': until,
        f'{STARTS}{{aws_region="eu-west-1",maintenance_window="{WINDOW}"}}': start,
        f'{ENDS}{{aws_region="eu-west-1",maintenance_window="{WINDOW}"}}': start + 2 * 3600,
    }


def test_a_new_survey_and_a_new_reading_each_change_what_is_deferred(sqlite_url: str) -> None:
    """An org's deferral is for the instances that it has now, and goes when it is taken back."""
    org = defer(sqlite_url, replace(DEFERRAL, target=Target.ORG, guid=FIRST.org_guid))
    shown = Shown(sqlite_url)
    shown.watch.look()
    assert sum(line.startswith(DEFERRED) for line in shown.lines) == 2
    shown.publish(FIRST, SECOND, replace(SECOND, guid="guid-3"))
    assert sum(line.startswith(DEFERRED) for line in shown.lines) == 3
    shown.publish(FIRST, replace(SECOND, org_guid="another"))
    assert sum(line.startswith(DEFERRED) for line in shown.lines) == 1
    with Ledger(sqlite_url) as ledger:
        end_deferrals(ledger, [org.id], datetime.now(UTC), "ada")
    shown.watch.look()
    assert shown.lines == [f"{UP} 1.0"]


def test_what_is_over_goes_without_a_change_of_the_ledger(sqlite_url: str) -> None:
    yesterday = TODAY - timedelta(days=1)
    over = f"{yesterday}T08:00Z/{yesterday}T10:00Z"
    tell(sqlite_url, over)
    defer(sqlite_url, replace(DEFERRAL, until=None, window_key=over))
    defer(sqlite_url, replace(DEFERRAL, guid="guid-2", until=yesterday))
    shown = Shown(sqlite_url)
    shown.watch.look()
    assert shown.lines == [f"{UP} 1.0"]


def test_a_ledger_that_is_not_there_yet_is_read_once_it_is(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """One line says that it cannot be read, however often that is so, and one that it can."""
    caplog.set_level("INFO", "exporter.ledger_watch")
    shown = Shown(sqlite_url)
    for _ in range(3):
        shown.watch.look()
    assert "it cannot be opened" in shown.cause
    assert not Path(sqlite_url.removeprefix("sqlite:///")).parent.exists()
    defer(sqlite_url)
    shown.watch.look()
    shown.watch.look()
    assert sum(line.startswith(DEFERRED) for line in shown.lines) == 1
    assert [record.getMessage() for record in caplog.records] == ["ledger not read", "ledger read"]


@pytest.mark.parametrize("trouble", ["older", "newer", "empty", "damaged", "cut off", "a folder", "without a table"])
def test_a_ledger_in_trouble_is_said_and_is_read_again_after_it(sqlite_url: str, trouble: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    defer(sqlite_url)
    good = path.read_bytes()
    shown = Shown(sqlite_url)
    shown.watch.look()
    assert len(shown.lines) == 2
    path.unlink()
    match trouble:
        case "older":
            load(1, sqlite_url)
        case "newer" | "without a table":
            path.write_bytes(good)
            with Ledger(sqlite_url) as ledger, ledger.transaction() as connection:
                statement = "UPDATE schema_version SET version = 99" if trouble == "newer" else "DROP TABLE windows"
                connection.execute(sa.text(statement))
        case "empty":
            path.touch()
        case "damaged":
            path.write_bytes(b"no ledger at all" * 1000)
        case "cut off":
            path.write_bytes(good[: len(good) // 2])
        case "a folder":
            path.mkdir()
    before = sorted(path.parent.iterdir())
    shown.watch.look()
    assert shown.cause.startswith(("ledger", "the ledger")), shown.cause
    assert sorted(path.parent.iterdir()) == before
    if path.is_dir():
        path.rmdir()
    path.write_bytes(good)
    shown.watch.look()
    assert len(shown.lines) == 2


def test_what_cannot_be_shown_hides_no_survey(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours, too, is a ledger that is not up."""
    defer(sqlite_url)
    shown = Shown(sqlite_url)
    shown.watch.look()
    monkeypatch.setattr("exporter.collectors.ledger.deferred_until", lambda *_: 1 / 0)
    shown.publish(FIRST)
    assert "ZeroDivisionError" in shown.cause
    shown.watch.look()
    assert "ZeroDivisionError" in shown.cause
    monkeypatch.undo()
    shown.watch.look()
    assert len(shown.lines) == 2


def test_an_address_that_can_be_none_of_a_ledger_is_refused_at_once() -> None:
    with pytest.raises(ConfigurationError, match="LEDGER_URL: mysql is not supported"):
        Shown("mysql://ada:s3cret@127.0.0.1/ledger")


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    """It accepts the connection, and that is all; and it is still one reading that waits."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        shown = Shown(f"postgresql://ada:s3cret@127.0.0.1:{silent.getsockname()[1]}/ledger", deadline_seconds=0.2)
        for _ in range(3):
            shown.watch.look()
            assert "s3cret" not in shown.cause
        assert "answer" in shown.cause
        assert sum(thread.name == "ledger-reading" for thread in threading.enumerate()) <= 1


def test_a_frozen_server_is_not_waited_for_and_is_read_again_after_it() -> None:
    """Frozen in the middle of a query, when its own time limits stand still too."""
    with postgresql_server() as url:
        defer(url)
        shown = Shown(url, deadline_seconds=2)
        shown.watch.look()
        assert len(shown.lines) == 2
        with psycopg.connect(url, autocommit=True) as connection, psycopg.connect(url) as other:
            other.execute("LOCK TABLE deferrals IN ACCESS EXCLUSIVE MODE")
            looking = threading.Thread(target=shown.watch.look)
            looking.start()
            pid = _wait_for_reader(connection)
            os.kill(pid, signal.SIGSTOP)
            try:
                looking.join(timeout=30)
                assert not looking.is_alive()
                assert "did not answer within 2 s" in shown.cause
            finally:
                os.kill(pid, signal.SIGCONT)
            other.rollback()
        _wait_until_no_reading()
        shown.watch.look()
        assert len(shown.lines) == 2


def _wait_for_reader(connection: psycopg.Connection) -> int:
    """The server's process that waits for the lock."""
    deadline = time.monotonic() + 30
    query = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%deferrals%'"
    while not (row := connection.execute(query).fetchone()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return int(row[0])


def _wait_until_no_reading() -> None:
    deadline = time.monotonic() + 30
    while any(thread.name == "ledger-reading" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_as_a_process_it_follows_the_ledger(sandbox: Sandbox, tmp_path: Path, ledger_url: str) -> None:
    """What the notifier records shows; a ledger that is gone fails no survey, and shows again once it is back."""
    secret = tmp_path / "ledger-url"
    secret.write_text(ledger_url)
    tell(ledger_url)
    with running_exporter(tmp_path, sandbox.environment, {"LEDGER_URL_FILE": str(secret)}) as exporter:
        exporter.wait_until(UP, 1)
        exporter.wait_until("elasticache_update_exporter_last_survey_success", 1)
        assert exporter.value(STARTS, maintenance_window=WINDOW)
        added = defer(ledger_url, replace(DEFERRAL, guid=_of_the_offering(exporter.samples())))
        exporter.wait_until(DEFERRED, 1, service_instance_guid=added.guid)
        if ledger_url.startswith("sqlite"):
            path = Path(ledger_url.removeprefix("sqlite:///"))
            away = path.rename(tmp_path / "away")
            while exporter.value(UP) == 1:
                time.sleep(0.05)
            assert exporter.value(DEFERRED) is None
            assert exporter.value("elasticache_update_exporter_last_survey_success") == 1
            assert "The ledger cannot be read" in exporter.get("/").text
            exporter.wait_for_surveys()
            assert sum("ledger not read" in line for line in exporter.log().splitlines()) == 1
            away.rename(path)
            exporter.wait_until(UP, 1)
            assert exporter.value(DEFERRED)


def _of_the_offering(samples: dict[tuple[str, frozenset[tuple[str, str]]], float]) -> str:
    counted = [dict(labels) for name, labels in samples if name == f"{PREFIX}replication_group_nodes_count"]
    return counted[0]["service_instance_guid"]


def test_only_an_exporter_with_a_ledger_loads_sqlalchemy(sandbox: Sandbox, tmp_path: Path, sqlite_url: str) -> None:
    """It would take a fifth more memory."""
    for settings, is_loaded in (({}, False), ({"LEDGER_URL": sqlite_url}, True)):
        with running_exporter(tmp_path, sandbox.environment, settings) as exporter:
            exporter.wait_until("elasticache_update_exporter_last_survey_success", 1)
            mapped = Path(f"/proc/{exporter.process.pid}/maps").read_text()
            assert ("sqlalchemy" in mapped) == is_loaded
