"""What the exporter was told: read once at the start, and again for what may change while it runs."""

from dataclasses import dataclass
from pathlib import Path

import click

from fleet.regions import Region

LONGEST_INTERVAL_SECONDS = 86400


@dataclass(frozen=True, slots=True)
class Settings:
    regions: tuple[Region, ...]
    poll_interval_seconds: float
    listen_address: str
    port: int
    web_config_file: Path | None
    update_fraction_threshold: float
    is_once: bool
    is_check: bool


class NumberRange(click.FloatRange):
    """Of real numbers: `nan` is below and above nothing, so click's own range lets it in."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if number != number:  # noqa: PLR0124 — only nan is not itself
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number
