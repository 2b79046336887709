"""A real HTTP server that answers with what a test tells it, one answer after another, and remembers what it heard."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    is_dropped: bool = False
    """Close the connection instead of answering."""
    promised_length: int | None = None
    """What Content-Length says, if not the truth."""


@dataclass(frozen=True)
class Heard:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ScriptedServer:
    """The last answer is given again and again."""

    url: str
    answers: list[Answer]
    heard: list[Heard] = field(default_factory=list)


@contextmanager
def scripted_server(*answers: Answer) -> Iterator[ScriptedServer]:
    script = ScriptedServer("", list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            script.heard.append(Heard(self.command, self.path, dict(self.headers), self.rfile.read(length)))
            answer = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            if answer.is_dropped:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(answer.promised_length or len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            if answer.promised_length is not None:
                self.close_connection = True

        do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 — the names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — as http.server calls it
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
