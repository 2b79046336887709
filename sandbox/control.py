"""
The sandbox's own switches: JSON over HTTP, for curl and for tests. No real platform has anything like it.

    GET    /state                      all that is true: instances, groups, updates, actions, what is required, people
    GET    /requests                   which requests arrived: counts by system and by call, and each one
    DELETE /requests                   forget them

    GET    /faults                     what goes wrong at present
    POST   /faults                     {"fault": "cloudfoundry:status:503,next=2,retry_after=1"}
    DELETE /faults                     all is well again; /faults/uaa for one system

    POST   /updates                    {"name": "elasticache-urgent", "severity": "critical"}: AWS releases an update
    POST   /updates/NAME/withdraw      {"status": "cancelled"}, or "expired"
    POST   /complete                   {"name": NAME, "target_id": GROUP}: apply at once; each may be left out for "all"
    PUT    /actions/NAME/GROUP         {"status": "in-progress", "since": "2026-06-16T09:00:00Z"}

    POST   /service_instances          {"name": "cache", "plan": "tiny-ha-5.x", "space_guid": GUID}
    PATCH  /service_instances/GUID     {"name": "renamed"}; also /spaces/GUID and /organizations/GUID
    DELETE /service_instances/GUID     and its group; ?leave_group=true leaves that behind, unclaimed

    GET    /mails                      what Notify accepted, oldest first, and its HTML; ?to= and ?reference= filter
    DELETE /mails                      forget them
    PUT    /mails/ID                   {"status": "permanent-failure"}: from now on, whatever became of it so far
    GET    /notify                     its limits, seconds and chosen outcomes, and how many mails it has accepted today
    PATCH  /notify                     {"rate_limit": 60, "daily_limit": 100, "delivery_seconds": 2, "lag_seconds": 5,
                                       "allowed_recipients": [ADDRESS], "outcomes": {ADDRESS: "temporary-failure"}}
    DELETE /notify/usage               nothing was sent today, and the rate limit is as if nobody had sent for long
    GET    /inbox                      the mails for people, in a browser; ?to= filters

    DELETE /tokens                     access tokens and temporary AWS credentials stop working, as if they had expired;
                                       ?refresh=true: refresh tokens too, as if the operator had been logged out
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

import msgspec

from sandbox.aws.listings import ACTION_STATUSES
from sandbox.aws.signatures import Signatures
from sandbox.cf.tokens import Tokens
from sandbox.faults import FaultError, Faults
from sandbox.inbox import inbox, one_mail
from sandbox.journal import Journal
from sandbox.notify.api import Notify
from sandbox.notify.mails import Mails
from sandbox.state import state
from sandbox.tenants import Tenants
from sandbox.updates import Updates
from sandbox.wire import Reply, Request, json_reply
from sandbox.world import UnknownError, World

Body = TypeVar("Body")


class NewFault(msgspec.Struct, forbid_unknown_fields=True):
    fault: str


class NewUpdate(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    name: str
    severity: str = "important"
    type: str = "security-update"
    engine: str = "redis, valkey"
    is_auto_updated: bool = False
    release_date: datetime | msgspec.UnsetType = msgspec.UNSET
    recommended_apply_by_date: datetime | msgspec.UnsetType = msgspec.UNSET


class Withdrawal(msgspec.Struct, forbid_unknown_fields=True):
    status: str = "cancelled"


class Completion(msgspec.Struct, forbid_unknown_fields=True):
    name: str | None = None
    target_id: str | None = None


class ActionStatus(msgspec.Struct, forbid_unknown_fields=True):
    status: str
    since: datetime | None = None


class NewInstance(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    plan: str = "tiny-5.x"
    space_guid: str | None = None
    is_created: bool = True


class NewName(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class MailStatus(msgspec.Struct, forbid_unknown_fields=True):
    status: str


class NotifyChanges(msgspec.Struct, forbid_unknown_fields=True):
    rate_limit: Annotated[int, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    daily_limit: Annotated[int, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    delivery_seconds: Annotated[float, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    lag_seconds: Annotated[float, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    allowed_recipients: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    outcomes: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True)
class Control:
    world: World
    updates: Updates
    tenants: Tenants
    faults: Faults
    journal: Journal
    tokens: Tokens
    signatures: Signatures
    notify: Notify

    def answer(self, request: Request) -> Reply:
        try:
            for part in (self._readings, self._faults, self._updates, self._tenants, self._mails, self._notify):
                if (reply := part(request)) is not None:
                    return reply
        except UnknownError as error:
            return json_reply({"error": error.args[0]}, 404)
        except (FaultError, msgspec.DecodeError) as error:
            return json_reply({"error": str(error)}, 400)
        return json_reply({"error": f"no {request.method} {request.path}; GET / says what there is"}, 404)

    def _readings(self, request: Request) -> Reply | None:
        match request.method, request.path:
            case "GET", "/":
                return Reply(200, "text/plain; charset=utf-8", (__doc__ or "").strip().encode() + b"\n")
            case "GET", "/state":
                return json_reply(state(self.world.truth))
            case "GET", "/requests":
                return json_reply(_requests(self.journal))
            case "DELETE", "/requests":
                self.journal.clear()
                return json_reply({})
        return None

    def _faults(self, request: Request) -> Reply | None:
        match request.method, _segments(request):
            case "GET", ["faults"]:
                return json_reply({"faults": self.faults.active()})
            case "POST", ["faults"]:
                return json_reply(self.faults.add(_body(request, NewFault).fault), 201)
            case "DELETE", ["faults"]:
                self.faults.clear()
                return json_reply({})
            case "DELETE", ["faults", system]:
                self.faults.clear(system)
                return json_reply({})
            case "DELETE", ["tokens"]:
                self.tokens.invalidate(with_refresh=_flag(request, "refresh"))
                self.signatures.expire_temporary_keys()
                return json_reply({})
        return None

    def _updates(self, request: Request) -> Reply | None:
        match request.method, _segments(request):
            case "POST", ["updates"]:
                details = msgspec.structs.asdict(_body(request, NewUpdate))
                given = {name: value for name, value in details.items() if value is not msgspec.UNSET}
                return json_reply(self.updates.release(**given), 201)
            case "POST", ["updates", name, "withdraw"]:
                self.updates.withdraw(name, _body(request, Withdrawal).status)
                return json_reply({})
            case "POST", ["complete"]:
                body = _body(request, Completion)
                return json_reply({"completed": self.updates.complete(body.name, body.target_id)})
            case "PUT", ["actions", name, target_id]:
                change = _body(request, ActionStatus)
                if change.status not in ACTION_STATUSES:
                    raise UnknownError(f"no status '{change.status}'; there are {', '.join(sorted(ACTION_STATUSES))}")
                self.updates.set_status(name, target_id, change.status, change.since)
                return json_reply({})
        return None

    def _tenants(self, request: Request) -> Reply | None:
        match request.method, _segments(request):
            case "POST", ["service_instances"]:
                wanted = msgspec.structs.asdict(_body(request, NewInstance))
                return json_reply(self.tenants.create_instance(**wanted), 201)
            case "DELETE", ["service_instances", guid]:
                self.tenants.delete_instance(guid, leave_group=_flag(request, "leave_group"))
                return json_reply({})
            case "PATCH", ["service_instances", guid]:
                self.tenants.rename_instance(guid, _body(request, NewName).name)
                return json_reply({})
            case "PATCH", ["spaces", guid]:
                self.tenants.rename_space(guid, _body(request, NewName).name)
                return json_reply({})
            case "PATCH", ["organizations", guid]:
                self.tenants.rename_organization(guid, _body(request, NewName).name)
                return json_reply({})
        return None

    def _mails(self, request: Request) -> Reply | None:
        mails = self.notify.mails
        match request.method, _segments(request):
            case "GET", ["mails"]:
                return json_reply({"mails": _mails(mails, dict(parse_qsl(request.query)))})
            case "DELETE", ["mails"]:
                mails.clear()
                return json_reply({})
            case "PUT", ["mails", mail_id]:
                mails.settle(mail_id, _body(request, MailStatus).status)
                return json_reply({})
            case "GET", ["inbox"]:
                return inbox(mails, request)
            case "GET", ["inbox", mail_id]:
                return one_mail(mails, mail_id)
        return None

    def _notify(self, request: Request) -> Reply | None:
        match request.method, _segments(request):
            case "GET", ["notify"]:
                return json_reply({**asdict(self.notify.settings), "sent_today": self.notify.sent_today()})
            case "PATCH", ["notify"]:
                changes = msgspec.structs.asdict(_body(request, NotifyChanges))
                self.notify.change(**{name: value for name, value in changes.items() if value is not msgspec.UNSET})
                return json_reply(self.notify.settings)
            case "DELETE", ["notify", "usage"]:
                self.notify.limits.forget()
                return json_reply({})
        return None


def _segments(request: Request) -> list[str]:
    return request.path.strip("/").split("/")


def _body(request: Request, kind: type[Body]) -> Body:
    return msgspec.json.decode(request.body or b"{}", type=kind)


def _flag(request: Request, name: str) -> bool:
    return dict(parse_qsl(request.query)).get(name) == "true"


def _mails(mails: Mails, wanted: Mapping[str, str]) -> list[dict[str, object]]:
    return [
        mail.document()
        for mail in mails
        if wanted.get("to", mail.email_address).lower() == mail.email_address
        and wanted.get("reference", mail.reference) == mail.reference
    ]


def _requests(journal: Journal) -> dict[str, object]:
    return {
        "by_system": journal.by_system(),
        "by_call": {f"{system} {call}": count for (system, call), count in sorted(journal.by_call().items())},
        "connections": journal.connections(),
        "requests": journal.entries(),
    }
