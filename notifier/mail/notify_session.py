"""Makes Notify's own client keep time limits, and accept only the statuses that Notify documents."""

from http import HTTPStatus
from typing import Any

import requests

from fleet.http_session import GuardedSession, Hosts
from fleet.remote_http import NoAuth

_SUCCESS = {"POST": HTTPStatus.CREATED, "GET": HTTPStatus.OK}


class NotifySession(GuardedSession):
    """
    Follows no redirect, and takes only a 201 as the receipt for a mail.

    Notify's client alone would follow a redirect, send the mail wherever it leads, and take any 200 for a receipt.
    """

    def __init__(self, hosts: Hosts | None = None) -> None:
        super().__init__(hosts)
        self.auth = NoAuth()  # otherwise a .netrc would replace the token

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 — as in requests
        """Raises HTTPError unless the status is the documented one for success."""
        response = super().send(request, **kwargs)
        if response.status_code != _SUCCESS.get(request.method or ""):
            raise requests.HTTPError(f"HTTP {response.status_code}", response=response)
        return response
