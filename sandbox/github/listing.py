"""The list of a repository's issues: filters, order, and pages that are linked to each other in a header."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from sandbox.github.errors import RefusalError, validation_failed
from sandbox.github.tracker import Issue

USUAL_PAGE, LARGEST_PAGE = 30, 100


def listed(issues: Iterable[Issue], asked: Mapping[str, str]) -> list[Issue]:
    state, sort = asked.get("state", "open"), asked.get("sort", "created")
    if state not in {"open", "closed", "all"}:
        raise validation_failed("state", "invalid")
    if sort not in {"created", "updated", "comments"}:
        raise validation_failed("sort", "invalid")
    labels = set(filter(None, asked.get("labels", "").split(",")))
    since = _since(asked.get("since"))
    found = [
        issue
        for issue in issues
        if state in {"all", issue.state}
        and asked.get("creator", issue.author).lower() == issue.author.lower()
        and labels <= set(issue.labels)
        and (since is None or issue.updated_at >= since)
    ]
    found.sort(
        key=lambda issue: (issue.updated_at if sort == "updated" else issue.created_at, issue.number),
        reverse=asked.get("direction", "desc") != "asc",
    )
    return found


def page_of(found: Sequence[Issue], asked: Mapping[str, str], url: str) -> tuple[Sequence[Issue], dict[str, str]]:
    """One page, and the header that leads to the others, if there are any."""
    size = min(_number(asked.get("per_page"), USUAL_PAGE), LARGEST_PAGE)
    page = _number(asked.get("page"), 1)
    last = max(1, -(-len(found) // size))
    links: dict[str, int] = {}
    if page > 1:
        links |= {"prev": min(page - 1, last), "first": 1}
    if page < last:
        links |= {"next": page + 1, "last": last}
    header = ", ".join(f'<{url}?{urlencode({**asked, "page": to})}>; rel="{name}"' for name, to in links.items())
    return found[(page - 1) * size : page * size], {"Link": header} if header else {}


def _number(text: str | None, usual: int) -> int:
    """What is no number, or too small a one, is as if it had not been given."""
    return int(text) if text and text.isdigit() and int(text) > 0 else usual


def _since(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusalError(422, "Validation Failed") from error
