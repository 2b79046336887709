"""GitHub's refusals, each a message with the address of a document; some are told apart only by their headers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.wire import Reply, json_reply

DOCUMENTATION = "https://docs.github.com/rest"
JSON = "application/json; charset=utf-8"


@dataclass
class RefusalError(Exception):
    status: int
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[Mapping[str, str], ...] = ()
    documentation: str = DOCUMENTATION

    @property
    def reply(self) -> Reply:
        document: dict[str, object] = {"message": self.message}
        if self.errors:
            document["errors"] = self.errors
        document |= {"documentation_url": self.documentation, "status": str(self.status)}
        return json_reply(document, self.status, content_type=JSON, headers=self.headers)


def without_user_agent() -> Reply:
    """It comes from in front of the API, and is no JSON."""
    text = (
        "\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header "
        "(https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required).\n"
    )
    return Reply(403, "text/html", text.encode())


def bad_credentials() -> RefusalError:
    return RefusalError(401, "Bad credentials")


def unauthenticated() -> RefusalError:
    return RefusalError(401, "Requires authentication")


def not_accessible() -> RefusalError:
    """The token lacks a right: what it would need is in a header."""
    headers = {"X-Accepted-GitHub-Permissions": "issues=write"}
    return RefusalError(403, "Resource not accessible by personal access token", headers)


def archived() -> RefusalError:
    return RefusalError(403, "Repository was archived so is read-only.")


def not_found() -> RefusalError:
    """Also what a token is told of a private repository that it may not see."""
    return RefusalError(404, "Not Found")


def issues_disabled() -> RefusalError:
    return RefusalError(410, "Issues has been disabled in this repository.")


def issue_deleted() -> RefusalError:
    return RefusalError(410, "This issue was deleted")


def issue_locked() -> RefusalError:
    return RefusalError(403, "Issue is locked")


def moved(status: int, url: str) -> Reply:
    document = {"message": "Moved Permanently", "url": url, "documentation_url": DOCUMENTATION}
    return json_reply(document, status, content_type=JSON, headers={"Location": url})


def not_json() -> RefusalError:
    return RefusalError(400, "Problems parsing JSON")


def invalid_request(problem: str) -> RefusalError:
    """The shape of the body is wrong."""
    return RefusalError(422, f"Invalid request.\n\n{problem}")


def validation_failed(field_name: str, code: str, message: str | None = None) -> RefusalError:
    error = {"resource": "Issue", "code": code, "field": field_name}
    return RefusalError(422, "Validation Failed", errors=({**error, "message": message} if message else error,))


def over_primary_limit(status: int, headers: Mapping[str, str]) -> RefusalError:
    return RefusalError(status, "API rate limit exceeded for user ID 1.", headers)


def over_secondary_limit(status: int, retry_after: str) -> RefusalError:
    headers = {"Retry-After": retry_after} if retry_after else {}
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    about = "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api"
    return RefusalError(status, message, headers, documentation=f"{about}#about-secondary-rate-limits")


def failed(status: int) -> Reply:
    """500 comes from the API; what is in front of it speaks HTML."""
    if status == 500:  # noqa: PLR2004 — HTTP's own number
        return RefusalError(500, "Server Error").reply
    return Reply(status, "text/html", b"<html><title>Unicorn! &middot; GitHub</title><p>Please try again.</html>")
