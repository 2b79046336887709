"""Statuspage's refusals. The specification promises `message`; clients have seen `error`, with a text or a list."""

from sandbox.wire import Reply, json_reply

BODIES = {
    "mixed": "as clients have seen them: `error` with 401 and, as a list, with 422; else `message`",
    "message": "the documented `message` with every status",
    "error": "a text under `error`",
    "list": "a list under `error`",
    "empty": "no body at all",
}
UNAUTHORIZED, UNPROCESSABLE = 401, 422


class RefusalError(Exception):
    def __init__(self, status: int, *texts: str) -> None:
        super().__init__(*texts)
        self.status = status
        self.texts = texts


def unauthenticated() -> RefusalError:
    return RefusalError(UNAUTHORIZED, "Could not authenticate")


def not_found() -> RefusalError:
    return RefusalError(404, "The requested resource could not be found.")


def bad_request(text: str) -> RefusalError:
    return RefusalError(400, text)


def unprocessable(*texts: str) -> RefusalError:
    return RefusalError(UNPROCESSABLE, *texts)


def reply(refusal: RefusalError, body: str) -> Reply:
    """`body` is one of BODIES."""
    status, texts = refusal.status, refusal.texts
    if body == "mixed":
        body = {UNAUTHORIZED: "error", UNPROCESSABLE: "list"}.get(status, "message")
    match body:
        case "empty":
            return Reply(status, "application/json", b"")
        case "list":
            return json_reply({"error": texts}, status)
        case "error":
            return json_reply({"error": ", ".join(texts)}, status)
    return json_reply({"message": ", ".join(texts)}, status)


def failed(status: int) -> Reply:
    """500 comes from the application, any other failure from what is in front of it."""
    if status == 500:  # noqa: PLR2004 — HTTP's own number
        return json_reply({"status": 500, "error": "Internal Server Error"}, 500)
    page = f"<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center></body></html>\r\n"
    return Reply(status, "text/html", page.encode())
