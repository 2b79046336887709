"""Notify's refusals: every one is a status with a list of errors, which have a kind and a message."""

from collections.abc import Iterable

from sandbox.wire import Reply, json_reply


class RefusalError(Exception):
    def __init__(self, status: int, kind: str, *messages: str) -> None:
        super().__init__(*messages)
        self.reply = error_reply(status, kind, messages)


def error_reply(status: int, kind: str, messages: Iterable[str]) -> Reply:
    errors = [{"error": kind, "message": message} for message in messages]
    return json_reply({"status_code": status, "errors": errors}, status, content_type="application/json")


def unauthorized(message: str) -> RefusalError:
    return RefusalError(401, "AuthError", f"Unauthorized: {message}")


def forbidden(message: str) -> RefusalError:
    return RefusalError(403, "AuthError", message)


def bad_request(message: str) -> RefusalError:
    return RefusalError(400, "BadRequestError", message)


def invalid(*messages: str) -> RefusalError:
    return RefusalError(400, "ValidationError", *messages)


def not_found() -> RefusalError:
    return RefusalError(404, "NoResultFound", "No result found")


def unknown_url() -> RefusalError:
    return RefusalError(404, "NotFound", "The requested URL was not found on the server.")


def rate_limited(key_type: str, rate_limit: int) -> RefusalError:
    message = f"Exceeded rate limit for key type {key_type.upper()} of {rate_limit} requests per 60 seconds"
    return RefusalError(429, "RateLimitError", message)


def over_daily_limit(daily_limit: int) -> RefusalError:
    return RefusalError(429, "TooManyRequestsError", f"Exceeded send limits (email: {daily_limit}) for today")


def failed(status: int) -> Reply:
    """500 and 504 come from the API; any other failure from what is in front of it, which speaks HTML."""
    match status:
        case 500:
            return error_reply(500, "Exception", ["Internal server error"])
        case 504:
            return error_reply(504, "EventletTimeout", ["Timeout serving request"])
    page = f"<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center></body></html>\r\n"
    return Reply(status, "text/html", page.encode())
