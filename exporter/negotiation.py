"""Reads which formats a scraper accepts (RFC 9110, 12.4 and 12.5). Nothing that it may write is an error."""

import re
from collections.abc import Iterator

_TEXT = "text/plain"
_OPENMETRICS = "application/openmetrics-text"
_OPENMETRICS_VERSIONS = frozenset({"", "0.0.1", "1.0.0"})
_TEXT_VERSIONS = frozenset({"", "0.0.4"})

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_ITEM = re.compile(rf"(?:[^,\"]|{_QUOTED})+")
_PARAMETER = re.compile(rf";\s*([\w-]+)\s*=\s*({_QUOTED}|[^;,\s]*)")
_LONGEST = 4096


def prefers_openmetrics(accept: str) -> bool:
    """True if the scraper names OpenMetrics and does not prefer text. Anybody else gets text."""
    openmetrics, text = 0.0, 0.0
    for media_type, parameters in _items(accept):
        quality, version = _quality(parameters), parameters.get("version", "")
        if media_type == _OPENMETRICS and version in _OPENMETRICS_VERSIONS:
            openmetrics = max(openmetrics, quality)
        elif media_type in ("*/*", "text/*") or (media_type == _TEXT and version in _TEXT_VERSIONS):
            text = max(text, quality)
    return openmetrics > 0 and openmetrics >= text


def accepts_gzip(accept_encoding: str) -> bool:
    """`gzip;q=0` means no, and so does `*;q=0` if gzip is not named."""
    qualities = {coding: _quality(parameters) for coding, parameters in _items(accept_encoding)}
    return qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0.0))) > 0


def _items(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    for item in _ITEM.findall(header[:_LONGEST]):
        name = item.partition(";")[0].strip().lower()
        yield name, {key.lower(): value.strip('"') for key, value in _PARAMETER.findall(item)}


def _quality(parameters: dict[str, str]) -> float:
    """A quality that cannot be read counts as not given."""
    text = parameters.get("q", "1")
    return float(text) if re.fullmatch(r"[01](\.\d{0,3})?", text) else 1.0
