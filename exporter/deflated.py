"""
Compresses text once, in segments, and joins segments into one gzip body for each scrape.

A segment is a run of deflate blocks that ends on a byte boundary and refers to nothing outside of itself. So any
segments in a row are one deflate stream (RFC 1951). gzip also needs the checksum of the whole, which can be computed
from the segments' checksums.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LEVEL = 5  # more effort would save only a few per cent of such repetitive text
_RAW_DEFLATE = -zlib.MAX_WBITS
_GZIP_HEAD = bytes.fromhex("1f8b08000000000000ff")  # deflate, no name, no time, no system
_LAST_BLOCK = b"\x03\x00"  # an empty one
_POLYNOMIAL = 0xEDB88320  # CRC-32's polynomial, with the lowest power in the highest bit
_ONE = 1 << 31  # the polynomial 1, in the same notation
_PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Segment:
    blocks: bytes
    length: int
    """The length of the plain text in bytes."""
    checksum: int
    """The CRC-32 of the plain text."""


def segment(texts: Iterable[bytes]) -> Segment:
    """Compresses all texts into one segment, and holds only one text at a time."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW_DEFLATE)
    blocks, length, checksum = bytearray(), 0, 0
    for text in texts:
        blocks += compressor.compress(text)
        length += len(text)
        checksum = zlib.crc32(text, checksum)
    blocks += compressor.flush(zlib.Z_SYNC_FLUSH)
    return Segment(bytes(blocks), length, checksum)


def gzipped(segments: Iterable[Segment]) -> Iterator[bytes]:
    """The gzip body, piece by piece."""
    length, checksum = 0, 0
    yield _GZIP_HEAD
    for one in segments:
        yield one.blocks
        length += one.length
        checksum = joined_checksum(checksum, one)
    yield _LAST_BLOCK + checksum.to_bytes(4, "little") + (length % 2**32).to_bytes(4, "little")


def gzipped_length(segments: Iterable[Segment]) -> int:
    return len(_GZIP_HEAD) + sum(len(one.blocks) for one in segments) + len(_LAST_BLOCK) + 8


def plain(segments: Iterable[Segment]) -> Iterator[bytes]:
    """The plain text in pieces of limited size, so that the whole text is never in memory."""
    for one in segments:
        decompressor = zlib.decompressobj(_RAW_DEFLATE)
        rest = one.blocks
        while text := decompressor.decompress(rest, _PIECE_BYTES):
            yield text
            rest = decompressor.unconsumed_tail


def joined_checksum(checksum: int, following: Segment) -> int:
    """
    The checksum of a text and the segment after it, from the text's checksum.

    Checksums are polynomials with the coefficients 0 and 1, modulo CRC-32's polynomial.
    """
    shift = _ONE
    for bit in range(following.length.bit_length()):
        if following.length >> bit & 1:
            shift = _product(shift, _POWERS[bit])
    return _product(checksum, shift) ^ following.checksum


def _product(one: int, other: int) -> int:
    product = 0
    for power in range(31, -1, -1):
        if one >> power & 1:
            product ^= other
        other = other >> 1 ^ (_POLYNOMIAL if other & 1 else 0)
    return product


def _powers() -> Iterator[int]:
    """Powers of x: for each bit of a length in bytes, the factor by which it shifts the checksum of what precedes."""
    power = _ONE >> 8
    for _ in range(64):
        yield power
        power = _product(power, power)


_POWERS = tuple(_powers())
