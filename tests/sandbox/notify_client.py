"""A client of Notify in a few lines, which signs its own tokens: what the published client does, and what it never would."""

import base64
import hashlib
import hmac
import json
import time as wall
from typing import Any

import requests

from sandbox import Sandbox
from sandbox.credentials import NOTIFY_KEYS

TEMPLATE_ID = "9d0f232b-187c-49b1-8cd1-91e83e347f68"
REPLY_TO_ID = "76d63d5f-e140-6a37-92ae-fc0d0d136f6f"
VALUES = {"contents": "Dear tenant", "maintenance_window_date": "Tuesday 16 June 2026"}


def token(
    key: str, at: float | None = None, claims: dict[str, Any] | None = None, algorithm: str = "HS256", secret: str = ""
) -> str:
    """`claims` replace the usual ones."""
    issued = {"iss": key[-73:-37], "iat": int(wall.time() if at is None else at), **(claims or {})}
    signed = f"{_part({'typ': 'JWT', 'alg': algorithm})}.{_part(issued)}"
    signature = hmac.new((secret or key[-36:]).encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_unpadded(signature)}"


def _part(document: object) -> str:
    return _unpadded(json.dumps(document).encode())


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Client:
    """One connection, as one thread should have. `clock` dates the tokens."""

    def __init__(self, sandbox: Sandbox, key_type: str = "live", clock: Any = wall.time) -> None:  # noqa: ANN401 — any callable
        self._url = sandbox.environment["NOTIFY_BASE_URL"]
        self._key = NOTIFY_KEYS[key_type]
        self._clock = clock
        self._session = requests.Session()

    def call(self, method: str, path: str, body: object = None, **parameters: Any) -> requests.Response:  # noqa: ANN401 — of requests
        url = path if path.startswith("http") else self._url + path
        headers = {"Authorization": f"Bearer {token(self._key, self._clock())}"}
        return self._session.request(method, url, json=body, params=parameters, headers=headers, timeout=5)

    def send(self, address: str = "manager@example.org", **fields: object) -> requests.Response:
        """A field that is None is left out."""
        usual = {"email_address": address, "template_id": TEMPLATE_ID, "personalisation": VALUES}
        form = {name: value for name, value in {**usual, **fields}.items() if value is not None}
        return self.call("POST", "/v2/notifications/email", form)

    def listed(self, **parameters: Any) -> list[dict[str, Any]]:  # noqa: ANN401 — of requests
        notifications: list[dict[str, Any]] = self.call("GET", "/v2/notifications", **parameters).json()[
            "notifications"
        ]
        return notifications

    def close(self) -> None:
        self._session.close()


def refusal(reply: requests.Response) -> tuple[int, str, str]:
    """Status, kind and message of the only error."""
    document = reply.json()
    assert document["status_code"] == reply.status_code
    [error] = document["errors"]
    return reply.status_code, error["error"], error["message"]
