"""`POST /-/reload`: what SIGHUP does, for those who may see the metrics, and not too often."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import bcrypt
import pytest

from exporter import reload_requests
from exporter.collectors.surveys import ExporterFacts
from exporter.messages import Answer, Request
from exporter.paths import RELOAD_PATH, TelemetryPath
from exporter.publication import Publication
from exporter.web import WebApplication
from exporter.web_access import WebAccess

AUTHORIZATION = {"authorization": "Basic c29tZWJvZHk6cmlnaHQ="}


def application(reload: Callable[[], Future[bool]], web_config: Path | None = None) -> WebApplication:
    return WebApplication(Publication(ExporterFacts("9.9.9", 300, 0.2, {}), []), WebAccess(web_config), reload)


def answered(web: WebApplication, method: str = "POST", **headers: str) -> Answer:
    return asyncio.run(web(Request(method, RELOAD_PATH, headers)))


def ended(*, well: bool) -> Future[bool]:
    future: Future[bool] = Future()
    future.set_result(well)
    return future


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(("well", "status"), [(True, 200), (False, 500)])
def test_it_says_whether_all_could_be_used(method: str, *, well: bool, status: int) -> None:
    """As Prometheus's own does; what could not be used is in the log, not for everybody to read."""
    assert answered(application(lambda: ended(well=well)), method).status == status


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_looking_at_it_reads_nothing(method: str) -> None:
    """A link, or a crawler, has nothing read."""
    asked: list[str] = []

    def reload() -> Future[bool]:
        asked.append("again")
        return ended(well=True)

    answer = answered(application(reload), method)
    assert (answer.status, asked) == (405, [])
    assert ("Allow", "POST, PUT") in answer.headers


def test_the_second_within_ten_seconds_is_told_to_wait() -> None:
    """Reading may run commands; nobody can have that done in a loop."""
    web = application(lambda: ended(well=True))
    assert answered(web).status == 200
    refused = answered(web)
    assert refused.status == 429
    assert ("Retry-After", "10") in refused.headers


def test_it_needs_the_password_that_metrics_need(tmp_path: Path) -> None:
    """And who has none uses up nobody's turn."""
    web_config = tmp_path / "web.yml"
    hashed = bcrypt.hashpw(b"right", bcrypt.gensalt(4)).decode()
    web_config.write_text(f"basic_auth_users: {{somebody: {hashed}}}\n")
    web = application(lambda: ended(well=True), web_config)
    assert answered(web).status == 401
    assert answered(web, **AUTHORIZATION).status == 200


def test_what_takes_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on, and who asked is free to go."""
    monkeypatch.setattr(reload_requests, "_PATIENCE_SECONDS", 0.01)
    under_way: Future[bool] = Future()
    assert answered(application(lambda: under_way)).status == 202
    assert not under_way.cancelled()


def test_metrics_can_be_at_no_path_that_something_else_has() -> None:
    """Otherwise one of the two could not be reached."""
    web = application(lambda: ended(well=True))
    for path in web._routes.keys() - {"/metrics"}:  # noqa: SLF001 — all that it answers
        with pytest.raises(Exception, match="own"):
            TelemetryPath()(path)
