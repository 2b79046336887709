"""What the team shows to others, each answering well: a status page with its incidents, and a repository of issues."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.faults.faulty_server import Conversation

PAGE, REPOSITORY = "page1", "team/platform"
STATUSPAGE_KEY, GITHUB_TOKEN = "statuspage-key", "github-token"
Document = dict[str, Any]


def path_of(conversation: Conversation) -> str:
    return urlsplit(conversation.heard.line.split()[1]).path


def _answer(conversation: Conversation, document: object, status: str = "200 OK") -> None:
    conversation.answer(json.dumps(document).encode(), status)


@dataclass
class StatusPage:
    """Its one component, and all its incidents on one page of each list."""

    incidents: dict[str, Document] = field(default_factory=dict)
    created: int = 0

    def answer(self, conversation: Conversation) -> None:
        method, last = conversation.heard.line.split()[0], path_of(conversation).rpartition("/")[2]
        if method == "POST":
            self.created += 1
            _answer(conversation, self._written(f"incident{self.created}", conversation), "201 Created")
        elif last == "components":
            _answer(conversation, [] if self._is_later(conversation) else [{"id": "c1", "name": "Redis in Ireland"}])
        elif last in ("incidents", "scheduled", "upcoming", "active_maintenance", "unresolved"):
            _answer(conversation, [] if self._is_later(conversation) else list(self.incidents.values()))
        elif last not in self.incidents:
            _answer(conversation, {"error": "not found"}, "404 Not Found")
        elif method == "PATCH":
            _answer(conversation, self._written(last, conversation))
        else:
            _answer(conversation, self.incidents.pop(last) if method == "DELETE" else self.incidents[last])

    def _written(self, incident_id: str, conversation: Conversation) -> Document:
        fields = json.loads(conversation.heard.body)["incident"]
        incident = self.incidents.setdefault(incident_id, {"id": incident_id, "status": "scheduled"})
        incident.update({name: value for name, value in fields.items() if name not in ("body", "component_ids")})
        if "body" in fields:
            incident["incident_updates"] = [{"body": fields["body"]}]
        if "component_ids" in fields:
            incident["components"] = [{"id": each, "name": each} for each in fields["component_ids"]]
        return incident

    def _is_later(self, conversation: Conversation) -> bool:
        return "page=1" not in conversation.heard.line


@dataclass
class Tracker:
    """A repository's issues, all on one page of the list."""

    issues: dict[int, Document] = field(default_factory=dict)

    def answer(self, conversation: Conversation) -> None:
        method, last = conversation.heard.line.split()[0], path_of(conversation).rpartition("/")[2]
        if method == "POST":
            number = len(self.issues) + 1
            self.issues[number] = {"number": number, **json.loads(conversation.heard.body)}
            _answer(conversation, self.issues[number], "201 Created")
        elif last == "issues":
            _answer(conversation, list(self.issues.values()))
        elif not last.isdigit():
            _answer(conversation, {"full_name": REPOSITORY, "permissions": {"push": True}})
        elif method == "PATCH":
            self.issues[int(last)].update(json.loads(conversation.heard.body))
            _answer(conversation, self.issues[int(last)])
        else:
            _answer(conversation, self.issues[int(last)])
