"""How Notify's own client is made to ask: within limits, and believing only the statuses that Notify documents."""

from http import HTTPStatus
from typing import Any

import requests
from urllib3 import Timeout

from fleet.http_session import CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS, GuardedSession
from fleet.remote_http import CALL_SECONDS, NoAuth

_SUCCESS = {"POST": HTTPStatus.CREATED, "GET": HTTPStatus.OK}


def time_limits() -> Timeout:
    return Timeout(connect=CONNECT_TIMEOUT_SECONDS, read=READ_TIMEOUT_SECONDS, total=CALL_SECONDS)


class NotifySession(GuardedSession):
    """
    Left alone, the client would follow a redirect, send the mail to wherever it leads, and take any 200 for a receipt.

    No redirect is followed, and only 201 says that a mail was accepted.
    """

    def __init__(self) -> None:
        super().__init__()
        self.auth = NoAuth()  # else a .netrc would replace the token

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 — as requests has it
        """Raises HTTPError where the status is not the one of success."""
        response = super().send(request, **kwargs)
        if response.status_code != _SUCCESS.get(request.method or ""):
            raise requests.HTTPError(f"HTTP {response.status_code}", response=response)
        return response
