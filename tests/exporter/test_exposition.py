"""Which bytes a scraper gets for what it says it accepts."""

import gzip
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.metrics_core import GaugeMetricFamily

from exporter import deflated
from exporter.exposition import Exposition, family_parts
from exporter.negotiation import accepts_gzip, prefers_openmetrics

PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


@pytest.mark.parametrize(
    ("accept", "is_openmetrics"),
    [
        (PROMETHEUS_2, True),
        (PROMETHEUS_3, True),
        ('application/openmetrics-text;version="1.0.0"', True),
        ('application/openmetrics-text; version="1.0.0" ; charset="utf-8, or so"; q="1"', True),
        ("Application/OpenMetrics-Text", True),
        ("application/openmetrics-text;version=1.0.0;q=0.2,text/plain;q=0.7", False),
        ("application/openmetrics-text;q=0", False),
        ("application/openmetrics-text;version=9", False),
        ("text/plain;version=0.0.4", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("", False),
        ('application/openmetrics-text;version="1.0', True),
        (';;,,=;q=,";', False),
        ("application/openmetrics-text;q=much", True),
    ],
)
def test_the_format_is_negotiated(accept: str, *, is_openmetrics: bool) -> None:
    """Prometheus prefers OpenMetrics; whoever does not say gets text."""
    assert prefers_openmetrics(accept) is is_openmetrics


@given(st.text())
def test_no_header_is_an_error(header: str) -> None:
    """Scrapers are written by all kinds of people."""
    assert prefers_openmetrics(header) in (True, False)
    assert accepts_gzip(header) in (True, False)


@pytest.mark.parametrize(
    ("accept_encoding", "is_gzipped"),
    [
        ("gzip", True),
        ("deflate, gzip;q=1.0", True),
        ("*", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
    ],
)
def test_the_compression_is_negotiated(accept_encoding: str, *, is_gzipped: bool) -> None:
    """The same body, however it is packed, of the length that its header promises."""
    family = GaugeMetricFamily("up", "Whether it is.", labels=["name"])
    for number in range(2500):
        family.add_metric([f"n{number}"], number)
    body = Exposition((family_parts([_Collected(family)]),)).body("", accept_encoding)
    sent = b"".join(body.pieces)
    assert len(sent) == body.length
    assert (("Content-Encoding", "gzip") in body.headers) is is_gzipped
    text = gzip.decompress(sent) if is_gzipped else sent
    assert text.startswith(b'# HELP up Whether it is.\n# TYPE up gauge\nup{name="n0"} 0.0\n')
    assert text.count(b"\n") == 2502


class _Collected:
    def __init__(self, family: GaugeMetricFamily) -> None:
        self._family = family

    def collect(self) -> list[GaugeMetricFamily]:
        return [self._family]


@given(st.lists(st.lists(st.binary(max_size=200))))
def test_segments_in_a_row_are_one_gzip_body(texts: list[list[bytes]]) -> None:
    """With a checksum of the whole that nobody had to compute over the whole."""
    segments = [deflated.segment(pieces) for pieces in texts]
    whole = b"".join(b"".join(pieces) for pieces in texts)
    packed = b"".join(deflated.gzipped(segments))
    assert gzip.decompress(packed) == b"".join(deflated.plain(segments)) == whole
    assert len(packed) == deflated.gzipped_length(segments)


def test_the_plain_body_is_never_held_as_a_whole() -> None:
    """Pieces stay small, whatever they were made of."""
    text = b"a" * 10_000_000
    sizes = [len(piece) for piece in deflated.plain([deflated.segment([text])])]
    assert sum(sizes) == len(text)
    assert max(sizes) <= 64 * 1024


def test_checksums_join_over_long_texts() -> None:
    """As zlib computes them over the whole."""
    parts = [bytes([number]) * 300_000 for number in range(5)]
    segments = [deflated.segment([part]) for part in parts]
    checksum = segments[0].checksum
    for _, following in pairwise(segments):
        checksum = deflated.joined_checksum(checksum, following)
    assert checksum == zlib.crc32(b"".join(parts))
