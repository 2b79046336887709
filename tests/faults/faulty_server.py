"""A server on the loopback that misbehaves on the level of bytes: what it does with each request is a function."""

import contextlib
import io
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

Behaviour = Callable[["Conversation"], None]


@dataclass(frozen=True)
class Heard:
    """A request as it arrived; header names are lower-case."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Conversation:
    """One request, and the socket on which to answer it."""

    sock: socket.socket
    stream: io.BufferedReader
    heard: Heard
    is_ending: threading.Event

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def answer(self, body: bytes, status: str = "200 OK", **headers: str) -> None:
        """Whole and in order. `content_type` becomes `Content-Type`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *(f"{n}: {v}" for n, v in named.items())]
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def hang(self) -> None:
        """Until the client gives up, or the test ends."""
        self.sock.settimeout(0.05)
        while not self.is_ending.is_set():
            with contextlib.suppress(TimeoutError):
                if not self.sock.recv(4096):
                    return

    def drip(self, byte: bytes, pause_seconds: float = 0.05) -> None:
        """For ever, a byte at a time."""
        with contextlib.suppress(OSError):
            while not self.is_ending.wait(pause_seconds):
                self.send(byte)

    def close(self) -> None:
        self.stream.close()  # it keeps the socket open
        self.sock.close()

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


@dataclass
class FaultyServer:
    """Each request is given the next behaviour; the last one is kept."""

    url: str
    behaviours: list[Behaviour]
    heard: list[Heard] = field(default_factory=list)
    is_refusing: bool = False
    refusing: Callable[[], AbstractContextManager[None]] = nullcontext
    """Closes the port while the block lasts. Connections that there are are reset at their next request."""

    def next_behaviour(self) -> Behaviour:
        return self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]


@contextmanager
def faulty_server(*behaviours: Behaviour) -> Iterator[FaultyServer]:
    server = FaultyServer("", list(behaviours))
    is_ending = threading.Event()

    def converse(sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError), sock.makefile("rb") as stream:
            while (heard := _heard(stream)) is not None:
                conversation = Conversation(sock, stream, heard, is_ending)
                if server.is_refusing:
                    conversation.reset()
                    return
                server.heard.append(heard)
                server.next_behaviour()(conversation)
                if sock.fileno() < 0:
                    return

    def accept(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = listener.accept()
                threading.Thread(target=converse, args=(sock,), daemon=True).start()

    def listen(port: int) -> tuple[socket.socket, threading.Thread]:
        listener = socket.create_server(("127.0.0.1", port))
        accepting = threading.Thread(target=accept, args=(listener,), daemon=True)
        accepting.start()
        return listener, accepting

    def end(listener: socket.socket, accepting: threading.Thread) -> None:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(5)

    listening = listen(0)
    port = listening[0].getsockname()[1]
    server.url = f"http://127.0.0.1:{port}"

    @contextmanager
    def refusing() -> Iterator[None]:
        nonlocal listening
        end(*listening)
        server.is_refusing = True
        try:
            yield
        finally:
            server.is_refusing = False
            listening = listen(port)

    server.refusing = refusing
    try:
        yield server
    finally:
        is_ending.set()
        end(*listening)


def _heard(stream: io.BufferedReader) -> Heard | None:
    line = stream.readline().decode("latin-1").strip()
    if not line:
        return None
    headers: dict[str, str] = {}
    while header := stream.readline().decode("latin-1").strip():
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    return Heard(line, headers, stream.read(int(headers.get("content-length", "0"))))
