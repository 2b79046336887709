"""The body of `/metrics`, rendered once per survey in every form in which it may be asked for."""

import gzip
import re
from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, choose_encoder, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

_GZIP_LEVEL = 5  # repetitive text: more effort gains a few per cent


@dataclass(frozen=True, slots=True)
class Form:
    """One format: its content type and its bytes, plain and compressed."""

    content_type: str
    plain: bytes
    gzipped: bytes


@dataclass(frozen=True, slots=True)
class Exposition:
    text: Form
    openmetrics: Form

    def negotiate(self, accept: str, accept_encoding: str) -> tuple[bytes, dict[str, str]]:
        """The body and the headers for a scrape that sent these two headers; text where it is not particular."""
        _, content_type = choose_encoder(accept)
        form = self.openmetrics if content_type.startswith("application/openmetrics-text") else self.text
        headers = {"Content-Type": form.content_type, "Vary": "Accept, Accept-Encoding"}
        if _accepts_gzip(accept_encoding):
            return form.gzipped, {**headers, "Content-Encoding": "gzip"}
        return form.plain, headers


def render(collectors: Iterable[Collector]) -> Exposition:
    """Everything that the collectors have to say now; they are asked once for all formats."""
    families = _Families([family for collector in collectors for family in collector.collect()])
    return Exposition(
        text=_form(CONTENT_TYPE_PLAIN_0_0_4, generate_latest(families)),
        openmetrics=_form(
            "application/openmetrics-text; version=1.0.0; charset=utf-8", openmetrics.generate_latest(families)
        ),
    )


def _accepts_gzip(accept_encoding: str) -> bool:
    """As client_python reads the header, but `gzip;q=0` is a no."""
    for coding in accept_encoding.split(","):
        name, *parameters = (part.strip().lower() for part in coding.split(";"))
        if name == "gzip":
            return not any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters)
    return False


def _form(content_type: str, body: bytes) -> Form:
    return Form(content_type, body, gzip.compress(body, _GZIP_LEVEL, mtime=0))


class _Families(Collector):
    """Families that were collected already, in the shape that client_python renders."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families
