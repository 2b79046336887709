"""AWS's side: updates, how far they are, groups that are busy, and who may call what."""

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from sandbox.acceptance import APPLICABLE_STATUSES, UNAVAILABLE, ImpossibleError
from sandbox.applying import OLDER_UPDATES, Applying
from sandbox.aws.listings import ACTION_STATUSES, UPDATE_STATUSES
from sandbox.aws.rights import Rights
from sandbox.control.asked import body, choices, given, segments
from sandbox.fates import KINDS
from sandbox.groups import Groups
from sandbox.state import started
from sandbox.updates import Updates
from sandbox.wire import Reply, Request, json_reply
from sandbox.world import UnknownError, World

Unset = msgspec.UnsetType


class UpdateDetails(msgspec.Struct, forbid_unknown_fields=True):
    severity: str | Unset = msgspec.UNSET
    type: str | Unset = msgspec.UNSET
    engine: str | Unset = msgspec.UNSET
    is_auto_updated: bool | Unset = msgspec.UNSET
    estimated_update_time: str | Unset = msgspec.UNSET
    release_date: datetime | Unset = msgspec.UNSET
    recommended_apply_by_date: datetime | Unset = msgspec.UNSET
    end_date: datetime | Unset = msgspec.UNSET


class NewUpdate(UpdateDetails, kw_only=True, forbid_unknown_fields=True):
    name: str


class Withdrawal(msgspec.Struct, forbid_unknown_fields=True):
    status: str = "cancelled"


class Completion(msgspec.Struct, forbid_unknown_fields=True):
    name: str | None = None
    target_id: str | None = None


class Waiting(msgspec.Struct, forbid_unknown_fields=True):
    share: float = 1.0
    each: int | None = None


class ActionStatus(msgspec.Struct, forbid_unknown_fields=True):
    status: str
    since: datetime | None = None


class GroupStatus(msgspec.Struct, forbid_unknown_fields=True):
    status: str
    seconds: float | None = None


class ApplyingChanges(msgspec.Struct, forbid_unknown_fields=True):
    update_seconds: float | Unset = msgspec.UNSET
    node_seconds: float | Unset | None = msgspec.UNSET
    unavailable: str | Unset = msgspec.UNSET
    older_updates: str | Unset = msgspec.UNSET


class NewFate(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    name: str | Unset = msgspec.UNSET
    target_id: str | Unset = msgspec.UNSET
    seconds: float | Unset = msgspec.UNSET
    next: int | Unset = msgspec.UNSET
    error_type: str | Unset = msgspec.UNSET
    error_message: str | Unset = msgspec.UNSET


class NewDenial(msgspec.Struct, forbid_unknown_fields=True):
    call: str
    principal: str | None = None


class Account(msgspec.Struct, forbid_unknown_fields=True):
    account: str


@dataclass(frozen=True)
class Aws:
    HELP = f"""
    POST   /updates                    {{"name": "elasticache-urgent", "severity": "critical"}}: AWS releases an update
    PATCH  /updates/NAME               {{"estimated_update_time": "2 minutes per node"}}, or any of its other fields
    POST   /updates/NAME/withdraw      {{"status": "cancelled"}}, or "expired"
    POST   /complete                   {{"name": NAME, "target_id": GROUP}}: apply at once; either may be left out
    POST   /waiting                    {{"share": 1, "each": 2}}: this share of the tenants' groups waits for the two
                                       newest updates of its engine, the others for none; without "each" for all
    PUT    /actions/NAME/GROUP         {{"status": "in-progress", "since": "2026-06-16T09:00:00Z"}}
    POST   /actions/NAME/GROUP/start   AWS applies it by itself, as it does with what is `scheduled`
    PUT    /groups/GROUP               {{"status": "snapshotting", "seconds": 60}}: busy, for so long or for ever

    GET    /started                    who asked for what to be applied or stopped, when, what AWS said; and by group
    DELETE /started                    forget it
    GET    /applying                   how long updates take, and what is unknown of AWS
    PATCH  /applying                   {{"update_seconds": 10}} for a group, or {{"node_seconds": 60}} for each node
                                       {{"unavailable": ...}}, what AWS answers for a group that is not available:
{choices(UNAVAILABLE)}
                                       {{"older_updates": ...}}, what becomes of them when a newer one is complete:
{choices(OLDER_UPDATES)}
    GET    /fates                      what becomes of updates that are applied from now on
    POST   /fates                      {{"kind": "stops", "target_id": GROUP, "name": NAME, "seconds": 60, "next": 1}};
                                       all but the kind may be left out. Kinds are:
{choices(KINDS)}
    DELETE /fates                      every update is completed again

    GET    /rights                     which calls are denied
    POST   /rights                     {{"call": "BatchApplyUpdateAction", "principal": "user/sandbox"}}: deny it to
                                       whoever has that in their ARN, or to all. `user/reader` may only ever read
    DELETE /rights                     deny nothing
    PUT    /account                    {{"account": "111111111111"}}: the credentials are those of another AWS account
"""

    world: World
    updates: Updates
    applying: Applying
    groups: Groups
    rights: Rights

    def answer(self, request: Request) -> Reply | None:
        for part in (self._updates, self._actions, self._applied, self._fates, self._access):
            if (reply := part(request)) is not None:
                return reply
        return None

    def _updates(self, request: Request) -> Reply | None:
        match request.method, segments(request):
            case "POST", ["updates"]:
                details = given(request, NewUpdate)
                return json_reply(self.updates.release(str(details.pop("name")), **details), 201)
            case "PATCH", ["updates", name]:
                return json_reply(self.updates.change(name, **given(request, UpdateDetails)))
            case "POST", ["updates", name, "withdraw"]:
                status = body(request, Withdrawal).status
                _check(status, UPDATE_STATUSES)
                self.updates.withdraw(name, status)
                return json_reply({})
            case "POST", ["complete"]:
                completion = body(request, Completion)
                return json_reply({"completed": self.updates.complete(completion.name, completion.target_id)})
            case "POST", ["waiting"]:
                waiting = body(request, Waiting)
                return json_reply({"waiting": self.updates.wait(waiting.share, waiting.each)})
        return None

    def _actions(self, request: Request) -> Reply | None:
        match request.method, segments(request):
            case "PUT", ["actions", name, target_id]:
                change = body(request, ActionStatus)
                _check(change.status, ACTION_STATUSES)
                self.updates.set_status(name, target_id, change.status, change.since)
                return json_reply({})
            case "POST", ["actions", name, target_id, "start"]:
                try:
                    return json_reply(self.applying.start(name, target_id, call="AWS"), 201)
                except ImpossibleError as error:
                    return json_reply({"error": f"{error}; {', '.join(sorted(APPLICABLE_STATUSES))} can be"}, 409)
            case "PUT", ["groups", group_id]:
                group = body(request, GroupStatus)
                self.groups.set_status(group_id, group.status, group.seconds)
                return json_reply({})
        return None

    def _applied(self, request: Request) -> Reply | None:
        match request.method, segments(request):
            case "GET", ["started"]:
                return json_reply(started(self.world.truth, self.applying.attempts))
            case "DELETE", ["started"]:
                self.applying.attempts.clear()
                return json_reply({})
            case "GET", ["applying"]:
                return json_reply(self.applying.settings)
            case "PATCH", ["applying"]:
                self.applying.change(**given(request, ApplyingChanges))
                return json_reply(self.applying.settings)
        return None

    def _fates(self, request: Request) -> Reply | None:
        match request.method, segments(request):
            case "GET", ["fates"]:
                return json_reply({"fates": self.applying.fates.active()})
            case "POST", ["fates"]:
                details = given(request, NewFate)
                return json_reply(self.applying.fates.add(str(details.pop("kind")), **details), 201)
            case "DELETE", ["fates"]:
                self.applying.fates.clear()
                return json_reply({})
        return None

    def _access(self, request: Request) -> Reply | None:
        match request.method, segments(request):
            case "GET", ["rights"]:
                return json_reply({"denied": self.rights.denials})
            case "POST", ["rights"]:
                denial = body(request, NewDenial)
                return json_reply(self.rights.deny(denial.call, denial.principal), 201)
            case "DELETE", ["rights"]:
                self.rights.denials.clear()
                return json_reply({})
            case "PUT", ["account"]:
                account = body(request, Account).account
                self.world.change(lambda truth: replace(truth, account=account))
                return json_reply({})
        return None


def _check(status: str, statuses: frozenset[str]) -> None:
    if status not in statuses:
        raise UnknownError(f"no status '{status}'; there are {', '.join(sorted(statuses))}")
