"""
Every way in which a system that speaks JSON over HTTP can fail, and what must hold then.

Always: the client ends by itself with an error of one short printable line, has sent nothing to anybody else, holds a
bounded amount of memory, and works again once the system does.
"""

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.faults.faulty_server import Behaviour, Conversation

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ESCAPES = "\x1b]52;c;aGk=\x07\u202e\u0000"
DEEP = b"[" * 200_000 + b"]" * 200_000
_MEGABYTE = bytes(1024 * 1024)


@dataclass(frozen=True)
class Fault:
    name: str
    behaviour: Behaviour
    says: str
    """A pattern of the error's message, where all systems have the same words for it."""
    hangs: bool = False
    """Whether it lasts until the client gives up."""
    asks_for_pause: bool = False
    """Whether the client leaves the system alone afterwards, for at most five minutes."""


def _raw(data: bytes) -> Behaviour:
    def behave(conversation: Conversation) -> None:
        conversation.send(data)
        conversation.close()

    return behave


def _sends_then(data: bytes, then: Callable[[Conversation], None]) -> Behaviour:
    def behave(conversation: Conversation) -> None:
        conversation.send(data)
        then(conversation)

    return behave


def _drips(bytes_again: bytes, conversation: Conversation) -> None:
    conversation.drip(bytes_again)


def _answers(body: bytes, status: str = "200 OK", **headers: str) -> Behaviour:
    return lambda conversation: conversation.answer(body, status, **headers)


def _bomb() -> bytes:
    """0.4 MB that inflate to 400 MB: one megabyte's block again and again, and no end, which nobody should ever reach."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    head = compressor.compress(_MEGABYTE) + compressor.flush(zlib.Z_FULL_FLUSH)
    return head + (compressor.compress(_MEGABYTE) + compressor.flush(zlib.Z_FULL_FLUSH)) * 399


_BOMB = _bomb()


def _huge(conversation: Conversation) -> None:
    conversation.send(HEAD + b"Content-Length: 999999999999\r\n\r\n")
    while not conversation.is_ending.is_set():
        conversation.send(_MEGABYTE)


_CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_ERROR = f'{{"errors": [{{"title": "CF-Bad", "detail": "x {ESCAPES}"}}], "message": "y {ESCAPES}"}}'.encode()
_RETRY_AFTERS = {
    "absent": None,
    "inf": "inf",
    "1e400": "1e400",
    "nan": "nan",
    "negative": "-5",
    "99999999": "99999999",
    "400 digits": "9" * 400,
    "Unix time": "1781600000",
    "in 2099": "Tue, 16 Jun 2099 09:00:00 GMT",
    "no date": "Wed, 31 Feb 2026 09:00:00 GMT",
    "words": "later",
    "Arabic digits": "\u0665".encode().decode("latin-1"),
}

FAULTS = [
    Fault("reset", lambda conversation: conversation.reset(), "Connection reset|closed|aborted"),
    Fault("closed without a word", lambda conversation: conversation.close(), "closed|reset"),
    Fault("hangs before the answer", lambda conversation: conversation.hang(), "no (whole )?answer within", hangs=True),
    Fault("drips its status line", lambda conversation: conversation.drip(b"H"), "no whole answer within", hangs=True),
    Fault(
        "drips a header",
        _sends_then(HEAD + b"X-Slow: ", lambda conversation: conversation.drip(b"x")),
        "no whole answer within",
        hangs=True,
    ),
    Fault(
        "says 100 Continue for ever",
        lambda conversation: conversation.drip(b"HTTP/1.1 100 Continue\r\n\r\n"),
        "no whole answer within",
        hangs=True,
    ),
    Fault(
        "hangs in the body",
        _sends_then(HEAD + b"Content-Length: 100\r\n\r\n{", lambda conversation: conversation.hang()),
        "no (whole )?answer within",
        hangs=True,
    ),
    Fault(
        "drips its body",
        _sends_then(HEAD + b"Content-Length: 100000\r\n\r\n{", lambda conversation: conversation.drip(b" ")),
        "no whole answer within",
        hangs=True,
    ),
    *(
        Fault(
            f"drips {what}", _sends_then(_CHUNKED + first, partial(_drips, more)), "no whole answer within", hangs=True
        )
        for what, first, more in (
            ("chunks", b"", b"1\r\n \r\n"),
            ("a chunk's length", b"", b"0"),
            ("a chunk's extension", b"2;", b"x"),
            ("trailers", b"2\r\n{}\r\n0\r\n", b"X: y\r\n"),
        )
    ),
    *(
        Fault(f"status {status}", _answers(_ERROR, status), f"HTTP {status[:3]}")
        for status in ("400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "418 Teapot")
    ),
    *(
        Fault(
            f"429, Retry-After {kind}",
            _answers(_ERROR, "429 Too Many Requests", **({"Retry_After": value} if value else {})),
            "HTTP 429",
        )
        for kind, value in _RETRY_AFTERS.items()
    ),
    Fault("429, an hour", _answers(b"", "429 Too Many Requests", Retry_After="3600"), "for 300 s", asks_for_pause=True),
    Fault("500", _answers(b"", "500 Internal Server Error"), "HTTP 500"),
    Fault("503, HTML", _answers(b"<html>", "503 Service Unavailable", Content_Type="text/html"), "HTTP 503"),
    Fault("redirects", _answers(b"{}", "302 Found", Location="http://127.0.0.1:1/there"), "HTTP 302.*not followed"),
    Fault("redirects with the body", _answers(b"{}", "307 Temporary Redirect", Location="http://127.0.0.1:1/"), "307"),
    Fault(
        "redirects with a bomb",
        _answers(_BOMB, "302 Found", Location="http://127.0.0.1:1/", Content_Encoding="gzip"),
        "more than 32 MiB",
    ),
    Fault("redirects to no address", _answers(b"{}", "301 Moved", Location="http://[\xff:99999/\x7f"), "HTTP 301"),
    Fault("HTML", _answers(b"<html>hello</html>", Content_Type="text/html"), ""),
    Fault("empty", _answers(b""), ""),
    Fault("204", _answers(b"", "204 No Content"), ""),
    Fault("truncated", _raw(HEAD + b"Content-Length: 100\r\n\r\n{}"), "incomplete|IncompleteRead|bytes"),
    Fault("truncated chunks", _raw(_CHUNKED + b"5\r\n{}"), ""),
    Fault("a chunk of no size", _raw(_CHUNKED + b"zz\r\n{}\r\n"), ""),
    Fault("two lengths", _raw(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"), ""),
    Fault("wrong type", _answers(b"[1, 2]"), ""),
    Fault("a number for a text", _answers(b'{"access_token": 5, "users": 5, "resources": 5, "links": 5}'), ""),
    Fault("missing field", _answers(b"{}"), ""),
    Fault("a number of 5,000 digits", _answers(b'{"pagination": {"total_results": ' + b"9" * 5000 + b"}}"), ""),
    Fault("not UTF-8", _answers(b'{"links": "\xff\xfe"}'), ""),
    Fault("half a character", _answers(b'{"links": "\\ud800"}'), ""),
    Fault("deep", _answers(DEEP), ""),
    Fault("deep in an error", _answers(DEEP, "400 Bad Request"), ""),
    Fault("huge", _huge, "more than 32 MiB"),
    Fault("bomb", _answers(_BOMB, Content_Encoding="gzip"), "more than 32 MiB"),
    Fault("bomb of many members", _answers(gzip.compress(_MEGABYTE) * 400, Content_Encoding="gzip"), ""),
    Fault("bomb in an error", _answers(_BOMB, "500 Oops", Content_Encoding="gzip"), ""),
    Fault("not gzip", _answers(b"{}", Content_Encoding="gzip"), ""),
    Fault("half of its gzip", _answers(gzip.compress(b"{}" * 50)[:20], Content_Encoding="gzip"), ""),
    Fault("another encoding", _answers(b"{}", Content_Encoding="br"), "was not asked for"),
    Fault("a header without end", _raw(HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n"), ""),
    Fault("a thousand headers", _raw(HEAD + b"X: x\r\n" * 1_000 + b"\r\n{}"), ""),
    Fault("not HTTP", _raw(b"220 mail.example.org ESMTP\r\n"), ""),
    Fault("switches protocols", _answers(b"", "101 Switching Protocols"), ""),
]
