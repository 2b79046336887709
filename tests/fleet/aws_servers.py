"""Servers in AWS's place that answer as a test has them do, and a client that reads lists there."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from fleet.aws.client import AwsAccess, AwsKeys, elasticache_client
from fleet.aws.elasticache import ElastiCache
from fleet.tally import Tally

GROUP = "<ReplicationGroup><ReplicationGroupId>cf-{}</ReplicationGroupId></ReplicationGroup>"
Respond = Callable[[BaseHTTPRequestHandler, int], None]


def page(rows: str = "", marker: str = "", key: str = "ReplicationGroups") -> bytes:
    end = f"<Marker>{marker}</Marker>" if marker else ""
    result = f"<DescribeReplicationGroupsResult><{key}>{rows}</{key}>{end}</DescribeReplicationGroupsResult>"
    return f"<DescribeReplicationGroupsResponse>{result}</DescribeReplicationGroupsResponse>".encode()


def elasticache_at(url: str, tally: Tally | None = None) -> ElastiCache:
    access = AwsAccess("eu-west-1", AwsKeys("id", "key"), elasticache_endpoint_url=url)
    return ElastiCache(elasticache_client(access, tally or Tally()), tally or Tally())


@dataclass
class Server:
    url: str
    requests: int = 0


@contextmanager
def server(respond: Respond) -> Iterator[Server]:
    """Answers each request as `respond` does; it is given the number of the request too."""
    running = Server("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            running.requests += 1
            respond(self, running.requests)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — as http.server calls it
            """Stay quiet."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Whoever asked has hung up, as it should."""

    http = Quiet(("127.0.0.1", 0), Handler)
    running.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
