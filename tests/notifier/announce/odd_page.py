"""Another status page than the sandbox's: what is not documented, it does otherwise."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROWS_A_PAGE = 2
LISTS = {"scheduled": ("scheduled",), "active_maintenance": ("in_progress", "verifying"), "unresolved": ()}
"""It has no list of upcoming ones, and the scheduled ones leave out those that have begun."""


@dataclass
class OddPage:
    """Short pages, oldest first; updates oldest first; no metadata in lists; ids are numbers; switches are not shown."""

    url: str = ""
    incidents: dict[int, dict[str, Any]] = field(default_factory=dict)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    late: list[dict[str, Any]] = field(default_factory=list)
    """What its lists show still, though it was deleted."""

    def create(self, fields: dict[str, Any]) -> dict[str, Any]:
        number = len(self.incidents) + 1
        self.incidents[number] = {"id": number, "incident_updates": [], "metadata": None, "components": None}
        return self.update(number, fields)

    def update(self, number: int, fields: dict[str, Any]) -> dict[str, Any]:
        incident = self.incidents[number]
        for name in ("name", "status", "metadata"):
            incident[name] = fields.get(name, incident.get(name))
        for name in ("scheduled_for", "scheduled_until"):
            if name in fields:
                incident[name] = fields[name].replace("Z", ".000+00:00")
        if "body" in fields:
            at = f"2030-01-01T00:00:{len(incident['incident_updates']):02}+02:00"
            incident["incident_updates"].append({"body": f"<p>{fields['body']}</p>", "created_at": at})
        return incident

    def listed(self, name: str, page: int) -> list[dict[str, Any]]:
        rows = [
            {key: value for key, value in row.items() if key != "metadata"}
            for row in self.incidents.values()
            if name == "incidents" or row["status"] in LISTS[name]
        ]
        rows += [row for row in self.late if row["id"] not in self.incidents]
        return rows[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]


@contextmanager
def odd_page() -> Iterator[OddPage]:
    page = OddPage()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            split = urlsplit(self.path)
            last = split.path.rpartition("/")[2]
            number = int(parse_qs(split.query).get("page", ["1"])[0])
            if last in ("incidents", *LISTS):
                self.answer(200, page.listed(last, number))
            elif last.isdigit() and int(last) in page.incidents:
                self.answer(200, page.incidents[int(last)])
            else:
                self.answer(404, {"message": "no such thing"})

        def do_POST(self) -> None:
            self.answer(200, page.create(self.fields()))

        def do_PATCH(self) -> None:
            self.answer(200, page.update(int(self.path.rpartition("/")[2]), self.fields()))

        def do_DELETE(self) -> None:
            gone = page.incidents.pop(int(self.path.rpartition("/")[2]), None)
            self.answer(204 if gone else 404, None)

        def fields(self) -> dict[str, Any]:
            fields: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["incident"]
            page.bodies.append(fields)
            return fields

        def answer(self, status: int, document: object) -> None:
            body = b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — as http.server calls it
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    page.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield page
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
