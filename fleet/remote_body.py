"""Reads an answer's body whole or not at all, with a limit for its size before and after decompression."""

import zlib

import requests
import urllib3
import urllib3.exceptions
from requests.exceptions import ChunkedEncodingError, ContentDecodingError, ReadTimeout

MOST_BYTES = 32 * 1024 * 1024
"""Three times a page of 5,000 service instances."""
_CHUNK_BYTES = 64 * 1024
_GZIP = zlib.MAX_WBITS | 16
_NOT_ENCODED = ("", "identity")


class TooLargeBodyError(requests.RequestException):
    """The body has more than MOST_BYTES, and was thrown away."""


def whole_body(raw: urllib3.BaseHTTPResponse) -> bytes:
    """
    Raises RequestException if the body breaks off, is too large, or has an encoding that we did not ask for.

    Each read returns what has arrived, so that a slow sender cannot delay it beyond the socket's time limit.
    """
    encoding = raw.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in (*_NOT_ENCODED, "gzip"):
        raise ContentDecodingError(f"its Content-Encoding '{encoding[:40]}' was not asked for")
    body = bytearray()
    inflating = None if encoding in _NOT_ENCODED else zlib.decompressobj(_GZIP)
    arrived_bytes = 0
    try:
        while chunk := raw.read1(_CHUNK_BYTES, decode_content=False):
            arrived_bytes += len(chunk)
            body += chunk if inflating is None else inflating.decompress(chunk, MOST_BYTES - len(body) + 1)
            if max(arrived_bytes, len(body)) > MOST_BYTES:
                raise TooLargeBodyError(f"more than {MOST_BYTES // 2**20} MiB")
            if inflating is not None and inflating.unused_data:
                raise ContentDecodingError("something follows its gzip")
    except zlib.error as error:
        raise ContentDecodingError("not gzip, which its Content-Encoding promises") from error
    except urllib3.exceptions.ReadTimeoutError as error:
        raise ReadTimeout(error) from error
    except urllib3.exceptions.ProtocolError as error:
        raise ChunkedEncodingError(error) from error
    if inflating is not None and arrived_bytes and not inflating.eof:
        raise ChunkedEncodingError("its gzip breaks off")
    return bytes(body)
