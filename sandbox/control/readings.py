"""What is true, what arrived, what goes wrong, and what time it is."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from sandbox.aws.signatures import Signatures
from sandbox.cf.tokens import Tokens
from sandbox.clock import Clock
from sandbox.control.asked import body, flag, given, segments
from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.state import state
from sandbox.wire import Reply, Request, json_reply
from sandbox.world import World


class NewFault(msgspec.Struct, forbid_unknown_fields=True):
    fault: str


class Seconds(msgspec.Struct, forbid_unknown_fields=True):
    seconds: float


class ClockChanges(msgspec.Struct, forbid_unknown_fields=True):
    speed: float | msgspec.UnsetType = msgspec.UNSET
    date_skew_seconds: float | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True)
class Readings:
    HELP = """
    GET    /state                      all that is true: instances, groups, updates, actions, what is required, people
    GET    /requests                   which requests arrived: counts by system and by call, and each one
    DELETE /requests                   forget them

    GET    /faults                     what goes wrong at present
    POST   /faults                     {"fault": "cloudfoundry:status:503,next=2,retry_after=1"}
    DELETE /faults                     all is well again; /faults/uaa for one system

    GET    /clock                      the platform's time, which is the machine's until it is changed. By it go updates
                                       that are applied, groups that are busy, UAA's tokens, the status page's
                                       maintenances and every time that is told. By the machine's go what is agreed
                                       with clients, who have clocks of their own: signatures and sessions of AWS's,
                                       rate limits, mails, the header `Date`
    POST   /clock/advance              {"seconds": 7200}: what would happen in two hours has happened
    PATCH  /clock                      {"speed": 60}: a minute in each second; 0 stops the clock
                                       {"date_skew_seconds": 400}: every system's `Date` is so far in the future

    DELETE /tokens                     access tokens and temporary AWS credentials stop working, as if they had expired;
                                       ?refresh=true: refresh tokens too, as if the operator had been logged out
"""

    world: World
    clock: Clock
    faults: Faults
    journal: Journal
    tokens: Tokens
    signatures: Signatures

    def answer(self, request: Request) -> Reply | None:
        match request.method, segments(request):
            case "GET", ["state"]:
                return json_reply(state(self.world.truth))
            case "GET", ["requests"]:
                return json_reply(_requests(self.journal))
            case "DELETE", ["requests"]:
                self.journal.clear()
                return json_reply({})
            case "DELETE", ["tokens"]:
                self.tokens.invalidate(with_refresh=flag(request, "refresh"))
                self.signatures.expire_temporary_keys()
                return json_reply({})
        return self._faults(request) or self._clock(request)

    def _faults(self, request: Request) -> Reply | None:
        match request.method, segments(request):
            case "GET", ["faults"]:
                return json_reply({"faults": self.faults.active()})
            case "POST", ["faults"]:
                return json_reply(self.faults.add(body(request, NewFault).fault), 201)
            case "DELETE", ["faults"]:
                self.faults.clear()
                return json_reply({})
            case "DELETE", ["faults", system]:
                self.faults.clear(system)
                return json_reply({})
        return None

    def _clock(self, request: Request) -> Reply | None:
        match request.method, segments(request):
            case "GET", ["clock"]:
                return json_reply(self._time())
            case "POST", ["clock", "advance"]:
                self.clock.advance(body(request, Seconds).seconds)
                return json_reply(self._time())
            case "PATCH", ["clock"]:
                changes = given(request, ClockChanges)
                if (speed := changes.get("speed")) is not None:
                    self.clock.run_at(float(str(speed)))
                if (skew := changes.get("date_skew_seconds")) is not None:
                    self.clock.date_skew_seconds = float(str(skew))
                return json_reply(self._time())
        return None

    def _time(self) -> dict[str, object]:
        return {
            "now": datetime.fromtimestamp(self.clock.now(), UTC),
            "machine": datetime.fromtimestamp(time.time(), UTC),
            "speed": self.clock.speed,
            "date_skew_seconds": self.clock.date_skew_seconds,
        }


def _requests(journal: Journal) -> dict[str, object]:
    return {
        "by_system": journal.by_system(),
        "by_call": {f"{system} {call}": count for (system, call), count in sorted(journal.by_call().items())},
        "connections": journal.connections(),
        "requests": journal.entries(),
    }
