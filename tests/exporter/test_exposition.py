"""Which bytes a scraper gets for what it says it accepts."""

import gzip

import pytest

from exporter.exposition import Exposition, Form

EXPOSITION = Exposition(
    Form("text/plain", b"text", gzip.compress(b"text")),
    Form("application/openmetrics-text", b"openmetrics", gzip.compress(b"openmetrics")),
)
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)


@pytest.mark.parametrize(
    ("accept", "body"),
    [
        (PROMETHEUS, b"openmetrics"),
        ("text/plain;version=0.0.4", b"text"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", b"text"),
        ("", b"text"),
    ],
)
def test_the_format_is_negotiated(accept: str, body: bytes) -> None:
    """Prometheus prefers OpenMetrics; whoever does not say gets text."""
    sent, headers = EXPOSITION.negotiate(accept, "")
    assert sent == body
    assert "Content-Encoding" not in headers
    assert headers["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize(
    ("accept_encoding", "is_gzipped"),
    [("gzip", True), ("deflate, gzip;q=1.0", True), ("", False), ("br", False), ("gzip;q=0", False)],
)
def test_the_compression_is_negotiated(accept_encoding: str, *, is_gzipped: bool) -> None:
    """It was compressed once, for all scrapes."""
    sent, headers = EXPOSITION.negotiate("", accept_encoding)
    assert (headers.get("Content-Encoding") == "gzip") is is_gzipped
    assert (gzip.decompress(sent) if is_gzipped else sent) == b"text"
