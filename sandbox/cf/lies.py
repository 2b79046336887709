"""Cloud Foundry's pages, told wrong: what a client must notice, because the status and the JSON are in order."""

from typing import Any

import msgspec

from sandbox.wire import Reply, Request


def told(kind: str, reply: Reply, request: Request, foreign_origin: str) -> bytes:
    """The reply's body with one lie in it; a body that is not a page is left as it is."""
    document = msgspec.json.decode(reply.body)
    if "pagination" not in document:
        return reply.body
    return msgspec.json.encode(_lie(kind, document, request, foreign_origin))


def _lie(kind: str, document: Any, request: Request, foreign_origin: str) -> Any:  # noqa: ANN401 — decoded JSON
    match kind:
        case "foreign-next":
            following = document["pagination"]["next"] or {"href": request.url}
            document["pagination"]["next"] = {"href": following["href"].replace(request.origin, foreign_origin)}
        case "looping-next":
            document["pagination"]["next"] = {"href": request.url}
        case "missing-included":
            document.pop("included", None)
        case "null-names":
            for resource in [*document["resources"], *_all_included(document)]:
                if "name" in resource:
                    resource["name"] = None
        case "no-resources":
            document["resources"] = []
    return document


def _all_included(document: Any) -> list[dict[str, object]]:  # noqa: ANN401 — decoded JSON
    return [resource for resources in document.get("included", {}).values() for resource in resources]
