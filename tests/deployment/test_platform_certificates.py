"""REQUESTS_CA_BUNDLE, as manifest.yml sets it: the certificate authorities that the platform's operators added."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

from tests.deployment import cloudfoundry_push as cloudfoundry
from tests.exporter_process import running_exporter
from tests.servers import wait_until


@dataclass
class TlsServer:
    url: str
    user_agents: set[str] = field(default_factory=set)
    """Of those that trusted the certificate and went on to ask."""


@contextmanager
def tls_server(authority: trustme.CA) -> Iterator[TlsServer]:
    """Answers everything with 404."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.user_agents.add(self.headers["User-Agent"].partition("/")[0])
            self.send_error(404)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Says nothing on the test's stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    found = TlsServer(f"https://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_platforms_authorities_are_believed_for_cloud_foundry_and_for_aws(tmp_path: Path) -> None:
    """Both libraries bring certificates of their own, which know nothing of a platform's."""
    authority = trustme.CA()
    bundle = tmp_path / "ca-certificates.crt"
    authority.cert_pem.write_to_path(str(bundle))
    variables = dict.fromkeys(cloudfoundry.variable_names(), "")
    (name,) = [
        name for name, value in cloudfoundry.application(variables)["env"].items() if value.startswith("/etc/ssl")
    ]
    with tls_server(authority) as server:
        environment = {
            name: str(bundle),
            "AWS_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL_ELASTICACHE": server.url,
            "AWS_ACCESS_KEY_ID": "AKIA",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "CF_API_ADDRESS": server.url,
            "CF_CLIENT_ID": "us",
            "CF_CLIENT_SECRET": "secret",
        }
        with running_exporter(tmp_path, environment) as exporter:
            wait_until(lambda: server.user_agents == {"python-requests", "elasticache-updates"}, exporter.log)
