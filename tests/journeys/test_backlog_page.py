"""The backlog page in a real Chromium: what a person sees, on a wide screen and on a phone."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # it publishes none
from playwright.sync_api import Locator, Page, ViewportSize, sync_playwright

from sandbox.names import HOSTILE_NAMES
from sandbox.server import Options, Sandbox
from tests.exporter_process import ExporterProcess, running_exporter
from tests.ledger_contents import DEFERRAL, defer, tell

PHONE = ViewportSize(width=360, height=740)
IS_SEEN = (  # the browser marks the parts of a date itself
    "document.activeElement.type === 'date' || getComputedStyle(document.activeElement).outlineStyle !== 'none'"
)
DESKTOP = ViewportSize(width=1280, height=900)
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
    """
    It has surveyed a platform of hostile organisations once, and will not again while the tests look.

    Somebody was told of a window, and somebody asked to wait.
    """
    folder = tmp_path_factory.mktemp("exporter")
    ledger_url = f"sqlite:///{folder}/ledger/ledger.sqlite"
    with Sandbox(Options(instances=200)) as sandbox:
        for number, guid in enumerate(sandbox.world.truth.organizations):
            sandbox.tenants.rename_organization(guid, dict(enumerate(HOSTILE_NAMES)).get(number, f"tenant-{number}"))
        tell(ledger_url)
        for row in sandbox.world.truth.service_instances.values():
            defer(ledger_url, replace(DEFERRAL, guid=row.guid))
            break
        settings = {"POLL_INTERVAL": "3600", "LEDGER_URL": ledger_url}
        with running_exporter(folder, sandbox.environment, settings) as running:
            running.wait_until("elasticache_update_exporter_surveys_total", 1)
            running.wait_until("elasticache_update_exporter_ledger_up", 1)
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
    """The fraction and its two numbers, each update's groups, and each instance that waits."""
    waiting, instances = dict[str, set[str]](), set()
    updates: dict[str, int] = {}
    for (name, pairs), value in exporter.samples().items():
        labels = dict(pairs)
        if name == "paas_aws_elasticache_replication_group_nodes_count":
            instances.add(labels["service_instance_guid"])
        if name == "paas_aws_elasticache_cluster_update_required":
            found = waiting.setdefault(labels["elasticache_replication_group_id"], set())
            found.add(labels["elasticache_service_update"])
        if name == "paas_aws_elasticache_service_update_not_applied_count":
            updates[labels["elasticache_service_update"]] = int(value)

    assert page.inner_text("#fraction") == f"{len(waiting) / len(instances):.0%}".replace("%", " %")
    assert f"{len(waiting)} of {len(instances)} tenant instances" in page.inner_text("main")
    assert page.inner_text("#count") == f"{len(waiting)} instances"
    rows = _rows(page, "updates")
    assert {row[0].partition("\n")[0]: int(row[-1].split()[0]) for row in rows} == updates
    groups = {row[3].split()[0]: row[4] for row in _all_rows(page)}
    assert groups.keys() == waiting.keys()
    assert all(update in groups[group] for group, names in waiting.items() for update in names)


def test_hostile_names_are_shown_as_text(page: Page, exporter: ExporterProcess) -> None:
    """A tenant's name makes no element, runs no script and hides no character."""
    waiting = {
        dict(pairs)["org_name"] for name, pairs in exporter.samples() if name.endswith("_cluster_update_required")
    }
    hostile = waiting & set(HOSTILE_NAMES)
    assert "<script>alert(1)</script>" in hostile
    assert len(hostile) > 0.8 * len(HOSTILE_NAMES)
    assert page.locator("script").count() == 0
    assert {name.strip() for name in hostile} <= {row[1] for row in _all_rows(page)}


def test_every_link_to_a_hostile_org_shows_that_org(page: Page) -> None:
    """Its name is not in the link, so that nothing in it can break out of one; then it is in the form, and stays."""
    page.goto(f"{page.url}?sort=org&text=%3Cscript%3E")
    name = _rows(page, "instances")[0][1]
    assert "<script>" in name
    _follow(page.locator("[aria-labelledby=instances] td a").first)
    assert {row[1] for row in _rows(page, "instances")} == {name}
    _follow(page.locator("button[type=submit]"))
    assert {row[1] for row in _rows(page, "instances")} == {name}
    assert page.locator("fieldset input[name=org]").is_checked()


def test_filters_are_plain_parameters_and_work_without_javascript(
    chromium_page: Page, exporter: ExporterProcess
) -> None:
    """With scripts forbidden in the browser: text, a severity and an order give a link that shows the same again."""
    browser = chromium_page.context.browser
    assert browser
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(exporter.url)
    page.fill("#text", "cache")
    page.check("input[name=severity][value=critical]")
    page.select_option("#sort", "-name")
    page.fill("input[name=hours]", "0900-1200")
    page.click("button[type=submit]")
    query = parse_qs(urlsplit(page.url).query)
    assert query == {
        "text": ["cache"],
        "show": ["waiting"],
        "sort": ["-name"],
        "severity": ["critical"],
        "hours": ["0900-1200"],
    }
    names = [row[0].lower() for row in _rows(page, "instances")]
    assert names == sorted(names, reverse=True)
    assert len(names) == int(page.inner_text("#count").split()[0]) > 0
    assert "--severity critical" in page.inner_text(".commands")
    assert "0900-1200" in page.inner_text(".commands")
    context.close()


def test_a_link_from_the_dashboard_shows_what_ours_does(page: Page) -> None:
    """As Grafana writes its variables; the form then has them, and sends them in the page's own spelling."""
    update = _rows(page, "updates")[0][0].partition("\n")[0]
    _follow(page.locator("[aria-labelledby=updates] th a.name").first)
    ours = _rows(page, "instances")
    page.goto(f"{page.url.partition('?')[0]}?var-datasource=x&var-region=$__all&var-org=All&var-update={update}")
    assert _rows(page, "instances") == ours
    _follow(page.locator("button[type=submit]"))
    assert parse_qs(urlsplit(page.url).query)["update"] == [update]
    assert _rows(page, "instances") == ours


def test_no_link_brings_keystrokes_into_a_command(page: Page, exporter: ExporterProcess) -> None:
    """Nothing that a terminal obeys reaches the page, and an org with such a name is named by its guid."""
    answer = page.goto(f"{exporter.url}/?org=x%15echo%20OWNED%0A")
    assert answer
    assert answer.status == 400
    for org in HOSTILE_NAMES:
        page.goto(f"{exporter.url}/?{urlencode({'org': org})}")
        copied = page.locator("pre").all_text_contents()
        assert copied
        assert all(text.isprintable() for text in copied)
        assert not any(text.count("email") for text in copied) or page.locator("fieldset input[name=org]").is_checked()


def test_the_keyboard_reaches_everything(page: Page) -> None:
    """In the order of reading, and one sees where one is: skip links, filters, headings that sort, pages, files."""
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))
        assert page.evaluate(IS_SEEN)
    places = [reached.index(text) for text in ("Plan", "Instances", "text", "Show", "CSV")]
    assert places == sorted(places)


def test_nothing_is_wider_than_the_screen(page: Page) -> None:
    """Nothing scrolls sideways, neither the page nor anything in it, even with names of 200 characters."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    off_screen = """[...document.querySelectorAll("main *")].filter(element => !element.closest("thead")
        && element.getBoundingClientRect().right > window.innerWidth + 1).map(element => element.outerHTML.slice(0, 90))"""
    assert page.evaluate(off_screen) == []


def test_on_paper_there_are_no_controls(page: Page) -> None:
    """And the ink is black on white, whatever the screen's colours."""
    page.emulate_media(media="print", color_scheme="dark")
    try:
        assert not page.locator("form").is_visible()
        assert not page.locator("nav").first.is_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("getComputedStyle(document.querySelector('.alarm')).color") == "rgb(0, 0, 0)"
    finally:
        page.emulate_media(media="screen", color_scheme="light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, scheme: str) -> None:
    """In either colour scheme, with everything opened, and of whatever weight."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.evaluate("document.querySelectorAll('details').forEach(element => element.open = true)")
    found = Axe().run(page).response["violations"]
    assert [(violation["help"], violation["nodes"][0]["html"][:200]) for violation in found] == []


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


def _follow(link: Locator) -> None:
    """Clicks, and waits for the page that comes, which a click alone does not."""
    with link.page.expect_navigation():
        link.click()


def _all_rows(page: Page) -> list[list[str]]:
    """Those of every page of the list, from this one on."""
    rows = _rows(page, "instances")
    while (following := page.locator("a[rel=next]")).count():
        _follow(following.first)
        rows += _rows(page, "instances")
    return rows


def _rows(page: Page, heading: str) -> list[list[str]]:
    """The text of a table's cells, as displayed; of the org's cell only what is in its link."""
    script = """heading => [...document.querySelectorAll(`table[aria-labelledby=${heading}] tbody tr`)].map(row =>
        [...row.children].map(cell => (cell.querySelector("td a.name") ?? cell).innerText.trim()))"""
    found: list[list[str]] = page.evaluate(script, heading)
    return found
