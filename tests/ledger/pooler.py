"""What stands before PostgreSQL where many share it: it refuses settings that come with a connection, as PgBouncer does."""

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ACCEPTED = {"user", "database", "application_name", "client_encoding"}
_NO_ENCRYPTION = (80877103, 80877104)  # the requests for TLS and for GSSAPI


@contextmanager
def pooler(server_port: int) -> Iterator[int]:
    """The port on which it listens, before the server on the other one."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while (started := _packet(self.request))[:4] in {struct.pack("!I", code) for code in _NO_ENCRYPTION}:
                self.request.sendall(b"N")
            names = started[4:].split(b"\0")[:-2:2]
            if refused := [name.decode() for name in names if name.decode() not in _ACCEPTED]:
                said = f"SFATAL\0C08P01\0Munsupported startup parameter: {refused[0]}\0\0".encode()
                self.request.sendall(b"E" + struct.pack("!I", len(said) + 4) + said)
                return
            with socket.create_connection(("127.0.0.1", server_port)) as server:
                server.sendall(struct.pack("!I", len(started) + 4) + started)
                back = threading.Thread(target=_relay, args=(server, self.request))
                back.start()
                _relay(self.request, server)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        threading.Thread(target=listening.serve_forever).start()
        try:
            yield listening.server_address[1]
        finally:
            listening.shutdown()


def _packet(connection: socket.socket) -> bytes:
    length = struct.unpack("!I", connection.recv(4, socket.MSG_WAITALL))[0]
    return connection.recv(length - 4, socket.MSG_WAITALL)


def _relay(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while received := source.recv(65536):
            target.sendall(received)
        target.shutdown(socket.SHUT_WR)
