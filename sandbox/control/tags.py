"""The tags of groups, and which groups AWS's index of tags does not know."""

from dataclasses import dataclass

import msgspec

from sandbox.control.asked import body, segments
from sandbox.groups import Groups
from sandbox.wire import Reply, Request, json_reply


class Unindexed(msgspec.Struct, forbid_unknown_fields=True):
    groups: list[str]


@dataclass(frozen=True)
class TagsPart:
    HELP = """
    PUT    /groups/ID/tags             {"owner": "team-a"}, in place of the group's tags; /state keeps to who it was
    PUT    /unindexed                  {"groups": [ID]}: those that the index of tags does not know; [] for none
"""

    groups: Groups
    unindexed: set[str]

    def answer(self, request: Request) -> Reply | None:
        match request.method, segments(request):
            case "PUT", ["groups", group_id, "tags"]:
                tags = tuple(msgspec.json.decode(request.body, type=dict[str, str]).items())
                self.groups.set_tags(group_id, tags)
                return json_reply({})
            case "PUT", ["unindexed"]:
                groups = body(request, Unindexed).groups
                self.unindexed.clear()
                self.unindexed.update(groups)
                return json_reply({})
        return None
