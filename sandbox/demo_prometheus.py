"""Prometheus on the demo's exporter, with our rules; that on the backlog does not wait as long as it does elsewhere."""

import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from sandbox.programs import ANSWER_SECONDS, DEADLINE_SECONDS, HOST, DemoError, Program, Programs, free_port

BACKLOG_ALERT = "ElastiCacheUpdateBacklogAboveThreshold"
_PROJECT = Path(__file__).parents[1]
_RULES = _PROJECT / "alerts" / "elasticache-updates.rules.yml"
_PATIENCE = "2s"
_EVERY = "1s"


def is_installed() -> bool:
    return shutil.which("prometheus") is not None


@dataclass(frozen=True)
class DemoPrometheus:
    program: Program
    url: str

    def answer(self, query: str) -> float:
        """The query's one value, once Prometheus has scraped."""
        return float(self._first(query)["value"][1])

    def wait_for_alert(self, name: str) -> Mapping[str, str]:
        """Until it fires: its annotations."""
        self._first(f'ALERTS{{alertname="{name}",alertstate="firing"}}')
        alerts = requests.get(f"{self.url}/api/v1/alerts", timeout=ANSWER_SECONDS).json()["data"]["alerts"]
        annotations: Mapping[str, str] = next(a["annotations"] for a in alerts if a["labels"]["alertname"] == name)
        return annotations

    def _first(self, query: str) -> Mapping[str, list[str]]:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            self.program.check()
            reply = requests.get(f"{self.url}/api/v1/query", params={"query": query}, timeout=ANSWER_SECONDS).json()
            if result := reply["data"]["result"]:
                first: Mapping[str, list[str]] = result[0]
                return first
            time.sleep(0.2)
        raise DemoError(f"Prometheus has no answer to {query}")


def start_prometheus(programs: Programs, exporter_url: str, wanted_port: int) -> DemoPrometheus:
    port = free_port(wanted_port)
    rules = programs.folder / "rules.yml"
    rules.write_text(json.dumps(_impatient_rules(exporter_url)))
    config = {
        "global": {"scrape_interval": _EVERY, "scrape_timeout": _EVERY, "evaluation_interval": _EVERY},
        "rule_files": [str(rules)],
        "scrape_configs": [
            {
                "job_name": "elasticache-update-exporter",
                "static_configs": [{"targets": [exporter_url.removeprefix("http://")]}],
            }
        ],
    }
    (programs.folder / "prometheus.yml").write_text(json.dumps(config))
    command = [
        "prometheus",
        f"--config.file={programs.folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={programs.folder / 'tsdb'}",
        f"--web.listen-address={HOST}:{port}",
    ]
    program = programs.start("prometheus", command, os.environ)
    url = f"http://{HOST}:{port}"
    program.wait_for(f"{url}/-/ready")
    return DemoPrometheus(program, url)


def _impatient_rules(exporter_url: str) -> dict[str, Any]:
    """Ours with whole links, the runbook's to this folder; that on the backlog fires, and ends, within seconds."""
    rules: dict[str, Any] = yaml.safe_load(_RULES.read_text(encoding="utf-8"))
    for rule in (rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule):
        links = rule["annotations"]
        links["runbook_url"] = f"{_PROJECT.as_uri()}/{links['runbook_url']}"
        if "page_url" in links:
            links["page_url"] = exporter_url + links["page_url"]
        if rule["alert"] == BACKLOG_ALERT:
            rule.update({"for": _PATIENCE, "keep_firing_for": _PATIENCE})
    return rules
