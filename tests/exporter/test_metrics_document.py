"""`docs/metrics.md` is true: every metric, its labels, and queries that Prometheus understands."""

import json
import re
import shutil
import subprocess
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from exporter.region_status import RegionStatus
from tests.builders import small_survey
from tests.exporter.test_collectors import exposed, text_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "metrics.md"
_SECTION = re.compile(
    r"^### `(?P<name>\w+)`\n\n(?P<help>.+?)\n\nLabels: (?P<labels>.+?)\.\n\n```promql\n(?P<query>.+?)\n```",
    re.MULTILINE,
)


def published() -> dict[str, tuple[str, set[str]]]:
    """By sample name: the HELP without its sentence on snapshots, and the labels."""
    status = RegionStatus(
        "Ireland",
        "eu-west-1",
        survey=small_survey(),
        surveys_count=1,
        last_duration_seconds=1,
        requests={"uaa": 1},
        request_failures={"uaa": 0},
    )
    families = list(text_string_to_metric_families(text_of(exposed(small_survey(), statuses=(status,)))))
    empty = [family.name for family in families if not family.samples]
    assert not empty, f"tests/builders.py: give small_survey() what it takes for a series of {', '.join(empty)}"
    return {
        family.samples[0].name: (
            family.documentation.split(" Snapshot of")[0],
            {label for sample in family.samples for label in sample.labels},
        )
        for family in families
    }


def documented() -> dict[str, re.Match[str]]:
    return {section["name"]: section for section in _SECTION.finditer(DOCUMENT.read_text())}


def test_every_metric_is_documented_and_no_other() -> None:
    """A metric that is added without a section here fails this test, and so does a section that outlives its metric."""
    forgotten, gone = published().keys() - documented().keys(), documented().keys() - published().keys()
    assert not forgotten, (
        f"docs/metrics.md: add a section, in the form of the others, for {', '.join(sorted(forgotten))}"
    )
    assert not gone, f"docs/metrics.md: remove the section on {', '.join(sorted(gone))}, which is not published"


def test_help_and_labels_are_what_the_exporter_publishes() -> None:
    """Word for word, so that the document and the HELP cannot drift apart."""
    for name, section in documented().items():
        help_text, labels = published()[name]
        assert section["help"] == help_text, f"docs/metrics.md: the text under {name} has to be its HELP, word for word"
        assert set(re.findall(r"`(\w+)`", section["labels"])) == labels, (
            f"docs/metrics.md: correct the labels of {name}"
        )


def test_prometheus_understands_every_query(tmp_path: Path) -> None:
    """Promtool parses them as the expressions of recording rules."""
    assert shutil.which("promtool"), "promtool is not installed: apt-get install prometheus"
    queries = re.findall(r"```promql\n(.+?)\n```", DOCUMENT.read_text(), re.DOTALL)
    rules = [{"record": f"test:query:{number}", "expr": query} for number, query in enumerate(queries)]
    file = tmp_path / "queries.yml"
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))
    checked = subprocess.run(["promtool", "check", "rules", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert f"{len(queries)} rules found" in checked.stdout
