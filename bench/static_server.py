"""The exporter's own server with a body of fixed bytes and nothing else: `python -m bench.static_server PORT SIZE`."""

import sys
import threading

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from exporter.server import bound_socket, serving
from exporter.web_access import WebAccess


def main(port: int, size: int) -> None:
    body = b"x" * size

    async def static(_: Request) -> Response:
        return Response(body, media_type="text/plain")

    with serving(Starlette(routes=[Route("/", static)]), bound_socket("127.0.0.1", port), WebAccess(None)):
        threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
