"""The backlog page in a real Chromium: what a person sees, on a wide screen and on a phone."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # it publishes none
from playwright.sync_api import Page, ViewportSize, sync_playwright

from sandbox.names import HOSTILE_NAMES
from sandbox.server import Options, Sandbox
from tests.exporter_process import ExporterProcess, running_exporter

PHONE = ViewportSize(width=360, height=740)
DESKTOP = ViewportSize(width=1280, height=900)
SERIOUS = {"serious", "critical"}
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="module")
def exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExporterProcess]:
    """It has surveyed a platform of hostile organisations once, and will not again while the tests look."""
    folder = tmp_path_factory.mktemp("exporter")
    with Sandbox(Options(instances=200)) as sandbox:
        for number, guid in enumerate(sandbox.world.truth.organizations):
            sandbox.tenants.rename_organization(guid, dict(enumerate(HOSTILE_NAMES)).get(number, f"tenant-{number}"))
        with running_exporter(folder, sandbox.environment, {"POLL_INTERVAL": "3600"}) as running:
            running.wait_until("elasticache_update_exporter_surveys_total", 1)
            yield running


@pytest.fixture(scope="module")
def chromium_page() -> Iterator[Page]:
    """The system's Chromium; it cannot reach anything but the loopback."""
    executable = shutil.which("chromium")
    assert executable, "chromium is not installed: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport=DESKTOP)
        yield page
        browser.close()


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, chromium_page: Page, exporter: ExporterProcess) -> Page:
    """The page as it opens at this width."""
    chromium_page.set_viewport_size(request.param)
    chromium_page.goto(exporter.url)
    return chromium_page


def test_the_numbers_on_the_page_equal_the_metrics(page: Page, exporter: ExporterProcess) -> None:
    """The fraction and its two numbers, each update's groups, and each space's instances that wait."""
    waiting, instances = set(), set()
    spaces: dict[tuple[str, str], set[str]] = {}
    updates: dict[str, int] = {}
    for (name, pairs), value in exporter.samples().items():
        labels = dict(pairs)
        if name == "paas_aws_elasticache_replication_group_nodes_count":
            instances.add(labels["service_instance_guid"])
        if name == "paas_aws_elasticache_cluster_update_required":
            waiting.add(labels["service_instance_guid"])
            space = (labels["org_name"].strip(), labels["space_name"].strip())
            spaces.setdefault(space, set()).add(labels["service_instance_guid"])
        if name == "paas_aws_elasticache_service_update_not_applied_count":
            updates[labels["elasticache_service_update"]] = int(value)

    assert page.inner_text("#fraction") == f"{len(waiting) / len(instances):.0%}".replace("%", " %")
    assert f"{len(waiting)} of {len(instances)} tenant instances" in page.inner_text("main")
    assert {row[0]: int(row[-1]) for row in _rows(page, "updates-1")} == updates
    assert {(row[0], row[1]): int(row[2]) for row in _rows(page, "spaces-1")} == {
        space: len(guids) for space, guids in spaces.items()
    }


def test_hostile_names_are_shown_as_text(page: Page, exporter: ExporterProcess) -> None:
    """A tenant's name makes no element, runs no script and hides no character."""
    waiting = {
        dict(pairs)["org_name"] for name, pairs in exporter.samples() if name.endswith("_cluster_update_required")
    }
    hostile = waiting & set(HOSTILE_NAMES)
    assert "<script>alert(1)</script>" in hostile
    assert len(hostile) > 0.8 * len(HOSTILE_NAMES)
    assert {name.strip() for name in hostile} <= {row[0] for row in _rows(page, "spaces-1")}
    assert page.locator("script").count() == 0
    assert page.locator("main a").count() == 0


def test_nothing_is_wider_than_the_screen(page: Page) -> None:
    """Tables scroll within themselves; the page does not scroll sideways, even with names of 200 characters."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page: Page, scheme: str) -> None:
    """In either colour scheme."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    found = Axe().run(page).response["violations"]
    assert [violation["help"] for violation in found if violation["impact"] in SERIOUS] == []


def test_nothing_is_loaded_from_elsewhere(exporter: ExporterProcess, chromium_page: Page) -> None:
    """One request, one document, and not a word on the console."""
    requested: list[str] = []
    said: list[str] = []
    chromium_page.on("request", lambda request: requested.append(request.url))
    chromium_page.on("console", lambda message: said.append(message.text))
    chromium_page.goto(exporter.url)
    assert [url for url in requested if not url.startswith("data:")] == [f"{exporter.url}/"]
    assert said == []


def test_a_picture_of_it(page: Page, tmp_path: Path) -> None:
    """For whoever wants to look: pytest keeps the last ones in its temporary folder."""
    path = tmp_path / "backlog.png"
    page.screenshot(path=path, full_page=True)
    assert path.stat().st_size > 10_000


def _rows(page: Page, heading: str) -> list[list[str]]:
    """The text of a table's cells, as displayed."""
    rows = page.locator(f"[aria-labelledby={heading}] tbody tr").all()
    return [[text.strip() for text in row.locator("th, td").all_inner_texts()] for row in rows]
