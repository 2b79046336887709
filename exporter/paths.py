"""The paths that the exporter answers, and where it may publish its metrics."""

import re
from typing import Any

import click

PAGE_PATH = "/"
HEALTHY_PATH = "/-/healthy"
READY_PATH = "/-/ready"
RELOAD_PATH = "/-/reload"
METRICS_PATH = "/metrics"
"""Where the metrics are unless --web.telemetry-path says otherwise."""
_OWN = "/-/"
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")


class TelemetryPath(click.ParamType[str]):
    """A path of one or more plain words. Not a path of the page or below `/-/`, which are the exporter's own."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 — as click has it
        path = "/" + str(value).strip().strip("/")
        if path == PAGE_PATH or f"{path}/".startswith((_OWN, "/backlog.")):
            self.fail(f"{value!a} is the exporter's own; write another, such as {METRICS_PATH}.", param, ctx)
        if not _PATH.fullmatch(path):
            self.fail(f"{value!a} is not a path of letters, digits and .-_~; write it as {METRICS_PATH}.", param, ctx)
        return path
