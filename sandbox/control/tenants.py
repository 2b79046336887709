"""What tenants do: create, rename and delete."""

from dataclasses import dataclass

import msgspec

from sandbox.control.asked import body, flag, segments
from sandbox.tenants import Tenants
from sandbox.wire import Reply, Request, json_reply


class NewInstance(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    plan: str = "tiny-5.x"
    space_guid: str | None = None
    is_created: bool = True


class NewName(msgspec.Struct, forbid_unknown_fields=True):
    name: str


@dataclass(frozen=True)
class TenantsPart:
    HELP = """
    POST   /service_instances          {"name": "cache", "plan": "tiny-ha-5.x", "space_guid": GUID}
    PATCH  /service_instances/GUID     {"name": "renamed"}; also /spaces/GUID and /organizations/GUID
    DELETE /service_instances/GUID     and its group; ?leave_group=true leaves that behind, unclaimed
"""

    tenants: Tenants

    def answer(self, request: Request) -> Reply | None:
        match request.method, segments(request):
            case "POST", ["service_instances"]:
                wanted = msgspec.structs.asdict(body(request, NewInstance))
                return json_reply(self.tenants.create_instance(**wanted), 201)
            case "DELETE", ["service_instances", guid]:
                self.tenants.delete_instance(guid, leave_group=flag(request, "leave_group"))
                return json_reply({})
            case "PATCH", ["service_instances", guid]:
                self.tenants.rename_instance(guid, body(request, NewName).name)
                return json_reply({})
            case "PATCH", ["spaces", guid]:
                self.tenants.rename_space(guid, body(request, NewName).name)
                return json_reply({})
            case "PATCH", ["organizations", guid]:
                self.tenants.rename_organization(guid, body(request, NewName).name)
                return json_reply({})
        return None
