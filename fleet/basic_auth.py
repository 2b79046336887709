"""HTTP Basic authentication in UTF-8. requests would use Latin-1, and fail for characters that it does not have."""

import base64
from dataclasses import dataclass, field

import requests
from requests.auth import AuthBase


@dataclass(frozen=True, slots=True)
class BasicAuth(AuthBase):
    username: str
    password: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = _basic(self.username, self.password)
        return request


@dataclass(frozen=True, slots=True)
class UaaClientAuth(AuthBase):
    """
    Encodes a client's id and secret so that every UAA since 74.0 understands them.

    By default UAA decodes both as form values (RFC 6749, 2.3.1). In compatibility mode it takes them unchanged unless
    a header says that they are encoded. Form decoding changes only `%` and `+`, so we encode these, and a colon in the
    id, which would end it. Everything else is sent unchanged, which older UAAs understand too.
    """

    client_id: str
    client_secret: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        client_id = _escaped(self.client_id).replace(":", "%3A")
        request.headers["Authorization"] = _basic(client_id, _escaped(self.client_secret))
        request.headers["X-CF-ENCODED-CREDENTIALS"] = "true"
        return request


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("+", "%2B")


def _basic(username: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"
