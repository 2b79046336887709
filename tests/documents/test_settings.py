"""docs/configuring.md and the README's short table say what the programs read, and nothing else."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from exporter.web_config import WebConfig, read_web_config
from fleet.program.regions import RegionEntry
from tests.documents.documents import ROOT, quoted, rows, text_of
from tests.documents.settings import EXPORTERS, NOTIFIERS

BOTH = "both"
ALL_PAGES = rows("docs/configuring.md", "Settings")
SECRETS = rows("docs/configuring.md", "Secrets")


def test_every_setting_of_both_programs_is_documented_and_no_other() -> None:
    """With the program that reads it."""
    documented = {quoted(name)[0]: program for name, program, *_ in ALL_PAGES}
    expected = {
        name: BOTH if name in EXPORTERS and name in NOTIFIERS else "exporter" if name in EXPORTERS else "notifier"
        for name in EXPORTERS | NOTIFIERS
    }
    assert documented == expected


@pytest.mark.parametrize("row", ALL_PAGES, ids=lambda row: quoted(row[0])[0])
def test_defaults_are_the_programs(row: list[str]) -> None:
    """A default that was changed in one place only misleads whoever trusts the other."""
    name, _, default, *_ = row
    found = [programs[quoted(name)[0]] for programs in (EXPORTERS, NOTIFIERS) if quoted(name)[0] in programs]
    for option in found:
        if isinstance(option.default, str | int | float) and option.default:
            shown = f"{option.default:g}" if isinstance(option.default, float) else str(option.default)
            assert shown in quoted(default)


@pytest.mark.parametrize("name", sorted(EXPORTERS | NOTIFIERS))
def test_flags_are_named_like_their_variables(name: str) -> None:
    """As the page says; the one that is not is named there."""
    option = (EXPORTERS | NOTIFIERS)[name]
    flag = "--" + name.lower().replace("_", "-")
    assert flag in option.opts or option.opts[0] in "".join(cell for row in ALL_PAGES for cell in row if name in row[0])


def secrets_read() -> set[str]:
    """Names that the code asks SecretSources for, wherever it does."""
    sources = "".join(
        path.read_text() for room in ("fleet", "ledger", "exporter", "notifier") for path in (ROOT / room).rglob("*.py")
    )
    asked = re.findall(r"(?:require_pair|required_secret|secret|\.get)\(([^)]*)\)", sources)
    named = {name for call in asked for name in re.findall(r'"(?:\{prefix\})?([A-Z][A-Z_]+)"', call)}
    return named - {"VCAP_SERVICES", "CF_HOME", "HOME"}


def test_every_secret_is_documented_and_no_other() -> None:
    """A secret that a page invents is looked for in vain."""
    assert {name for cell, *_ in SECRETS for name in quoted(cell)} == secrets_read()


def test_the_keys_of_a_regions_file_are_documented() -> None:
    """All of them; and the example is one that the programs accept."""
    documented = {name for cell, *_ in rows("docs/configuring.md", "Several regions") for name in quoted(cell)}
    assert documented == set(RegionEntry.__struct_fields__)
    (example,) = re.findall(r"```toml\n(.+?)```", text_of("docs/configuring.md"), re.DOTALL)
    for entry in tomllib.loads(example)["regions"]:
        assert entry.keys() <= set(RegionEntry.__struct_fields__)


def test_the_web_configuration_shown_is_one_that_the_exporter_takes(tmp_path: Path) -> None:
    """But for the certificate, which is not there."""
    (example,) = re.findall(r"```yaml\n(.+?)```", text_of("docs/configuring.md"), re.DOTALL)
    written = yaml.safe_load(example)
    assert set(written.pop("tls_server_config")) == {"cert_file", "key_file"}
    path = tmp_path / "web.yml"
    path.write_text(yaml.safe_dump(written))
    assert isinstance(read_web_config(path), WebConfig)


def test_the_readmes_short_table_agrees() -> None:
    """It repeats a few rows; each exists, with the same default."""
    known = EXPORTERS.keys() | secrets_read()
    for cell, default, _ in rows("README.md", "Settings"):
        for name in quoted(cell):
            assert name in known, name
            for value in quoted(default):
                if value.replace(".", "").isdecimal():
                    assert float(value) == EXPORTERS[name].default
