"""The exporter's own server with a body of fixed bytes and nothing else: `python -m bench.static_server PORT SIZE`."""

import sys
import threading

from exporter.listener import bound_socket, connections_that_fit
from exporter.messages import Answer, Request
from exporter.server import Server, serving
from exporter.web_access import WebAccess


def main(port: int, size: int) -> None:
    body = b"x" * size
    headers = (("Content-Type", "text/plain"),)
    ended = threading.Event()

    async def static(_: Request) -> Answer:
        return Answer(200, headers, len(body), (body,))

    server = Server(static, bound_socket("127.0.0.1", port), WebAccess(None), connections_that_fit(1))
    with serving(server, when_broken=lambda _: ended.set()):
        ended.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
