"""The body of `/metrics`, rendered and compressed once per survey, in parts that both formats share."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from exporter.deflated import Segment, gzipped, gzipped_length, plain, segment
from exporter.negotiation import accepts_gzip, prefers_openmetrics

_SAMPLES_AT_A_TIME = 1000
_HEAD_LINES = 2  # HELP and TYPE
_END_OF_OPENMETRICS = b"# EOF\n"


@dataclass(frozen=True, slots=True)
class FamilyPart:
    """One region's part of a metric family. The formats differ only in the head, in the names of counters and infos."""

    name: str
    text_head: Segment
    openmetrics_head: Segment
    samples: Segment


@dataclass(frozen=True, slots=True)
class Body:
    headers: tuple[tuple[str, str], ...]
    length: int
    pieces: Iterable[bytes]


def family_parts(collectors: Iterable[Collector]) -> tuple[FamilyPart, ...]:
    """Renders the collectors' metrics one family at a time, because all families of a fleet would take 100 MB."""
    return tuple(_family_part(family) for collector in collectors for family in collector.collect())


@dataclass(frozen=True)
class Exposition:
    """Puts the rendered parts of several regions together, family by family, without rendering anything again."""

    parts: Sequence[Sequence[FamilyPart]]

    def body(self, accept: str, accept_encoding: str) -> Body:
        """The body for a scrape with these two headers; the text format unless OpenMetrics is preferred."""
        is_openmetrics = prefers_openmetrics(accept)
        segments = self._openmetrics if is_openmetrics else self._text
        headers = (
            ("Content-Type", openmetrics.CONTENT_TYPE_LATEST if is_openmetrics else CONTENT_TYPE_PLAIN_0_0_4),
            ("Vary", "Accept, Accept-Encoding"),
        )
        if accepts_gzip(accept_encoding):
            return Body((*headers, ("Content-Encoding", "gzip")), gzipped_length(segments), gzipped(segments))
        return Body(headers, sum(one.length for one in segments), plain(segments))

    @property
    def text(self) -> Iterator[bytes]:
        return plain(self._text)

    @cached_property
    def _text(self) -> tuple[Segment, ...]:
        return tuple(one for family in self._families for one in (family[0].text_head, *(p.samples for p in family)))

    @cached_property
    def _openmetrics(self) -> tuple[Segment, ...]:
        heads_and_samples = (
            one for family in self._families for one in (family[0].openmetrics_head, *(p.samples for p in family))
        )
        return (*heads_and_samples, segment([_END_OF_OPENMETRICS]))

    @property
    def _families(self) -> Iterable[list[FamilyPart]]:
        families: dict[str, list[FamilyPart]] = {}
        for region in self.parts:
            for part in region:
                families.setdefault(part.name, []).append(part)
        return families.values()


def _family_part(family: Metric) -> FamilyPart:
    try:
        return _rendered(family)
    except Exception as error:  # noqa: BLE001 — it is raised again, in fewer words
        # client_python's message quotes the whole family, which is as large as the fleet.
        raise ValueError(f"{family.name} cannot be written: {type(error).__name__}: {error.args[0]}") from None


def _rendered(family: Metric) -> FamilyPart:
    text_head = generate_latest(_Families(_without_samples(family)))
    openmetrics_head = openmetrics.generate_latest(_Families(_without_samples(family)))
    return FamilyPart(
        family.name,
        segment([text_head]),
        segment([openmetrics_head.removesuffix(_END_OF_OPENMETRICS)]),
        segment(_sample_lines(family)),
    )


def _sample_lines(family: Metric) -> Iterator[bytes]:
    batch = _without_samples(family)
    for start in range(0, len(family.samples), _SAMPLES_AT_A_TIME):
        batch.samples = family.samples[start : start + _SAMPLES_AT_A_TIME]
        yield generate_latest(_Families(batch)).split(b"\n", _HEAD_LINES)[_HEAD_LINES]


def _without_samples(family: Metric) -> Metric:
    return Metric(family.name, family.documentation, family.type)


class _Families(Collector):
    """Lets client_python render families that were collected already."""

    def __init__(self, *families: Metric) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families
