"""Cloud Foundry's errors, as its API and as the router in front of it say them."""

from collections.abc import Mapping
from dataclasses import replace

from sandbox.wire import Reply, json_reply


class RefusalError(Exception):
    def __init__(self, status: int, code: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.reply = error_reply(status, code, title, detail)


def error_reply(status: int, code: int, title: str, detail: str) -> Reply:
    return json_reply({"errors": [{"code": code, "title": title, "detail": detail}]}, status)


def bad_query(detail: str) -> RefusalError:
    return RefusalError(400, 10005, "CF-BadQueryParameter", f"The query parameter is invalid: {detail}")


def not_authenticated() -> RefusalError:
    return RefusalError(401, 10002, "CF-NotAuthenticated", "Authentication error")


def invalid_token() -> RefusalError:
    return RefusalError(401, 1000, "CF-InvalidAuthToken", "Invalid Auth Token")


def not_authorized() -> RefusalError:
    return RefusalError(403, 10003, "CF-NotAuthorized", "You are not authorized to perform the requested action")


def unknown_request() -> RefusalError:
    return RefusalError(404, 10000, "CF-NotFound", "Unknown request")


def rate_limited(headers: Mapping[str, str]) -> Reply:
    """JSON that claims to be plain text, as the real API sends it."""
    reply = error_reply(429, 10013, "CF-RateLimitExceeded", "Rate Limit Exceeded")
    return replace(reply, content_type="text/plain; charset=utf-8", headers=headers)


def failed(status: int) -> Reply:
    """500 and 503 come from the API; any other failure from the router, which speaks plain text."""
    match status:
        case 500:
            return error_reply(500, 10001, "UnknownError", "An unknown error occurred.")
        case 503:
            return error_reply(503, 10015, "CF-ServiceUnavailable", "The service is currently unavailable")
    text = f"{status} Bad Gateway: Registered endpoint failed to handle the request.\n"
    headers = {"X-Cf-RouterError": "endpoint_failure"}
    return Reply(status, "text/plain; charset=utf-8", text.encode(), headers)
