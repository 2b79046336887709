"""What goes wrong, for whom, and how often. Safe to change from any thread, also while requests are served."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

SYSTEMS = ("elasticache", "tagging", "uaa", "cloudfoundry", "accounts", "notify", "statuspage", "github")
KINDS = {
    "latency": "wait before answering (seconds=)",
    "throttle": "too many requests, in the system's own words (retry_after=)",
    "status": "an error reply (status=, retry_after=)",
    "expired": "the token or the credentials are refused",
    "html": "a page of HTML instead of an answer (status=, 200 if not given)",
    "empty": "status 200 without a body",
    "garbled": "the first half of the body, claimed to be all of it",
    "half": "half of the body, then the connection is closed",
    "down": "the connection is closed without an answer",
    "hang": "no answer ever",
    "accepted-then-dropped": "a change is carried out, then the connection is closed without an answer",
    "accepted-then-half": "a change is carried out, then the connection is closed within the answer",
    "accepted-then-hang": "a change is carried out, and never answered",
    "accepted-then-status": "a change is carried out, then an error is answered (status=, 500 if not given)",
    "foreign-next": "Cloud Foundry: the link to the next page leads to another origin",
    "looping-next": "Cloud Foundry: the link to the next page leads to the same page",
    "missing-included": "Cloud Foundry: what `fields` and `include` asked for is left out",
    "null-names": "Cloud Foundry: null where a name was promised",
    "no-resources": "Cloud Foundry: a page without resources, though total_results counts some",
}
CLOUD_FOUNDRY_LIES = frozenset({"foreign-next", "looping-next", "missing-included", "null-names", "no-resources"})
AFTERWARDS = frozenset(kind for kind in KINDS if kind.startswith("accepted-then-"))
CHANGING_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LOWEST_STATUS, HIGHEST_STATUS = 200, 599
FORM = "SYSTEM[/CALL]:KIND[:VALUE][,probability=0.2][,next=3]"
SETTINGS = ("seconds", "status", "retry_after", "probability", "next")
MAIN_SETTING = {"latency": "seconds", "status": "status", "html": "status", "accepted-then-status": "status"}


class FaultError(ValueError):
    """A fault that cannot be understood; the message says what would be."""


@dataclass
class Fault:
    """`call` None means any; `remaining` None means for ever, else for so many more requests."""

    system: str
    kind: str
    call: str | None = None
    seconds: float = 0.0
    status: int | None = None
    retry_after: str | None = None
    probability: float = 1.0
    remaining: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """
        Read `elasticache:throttle:0.2`, `all:latency:0.05`, `cloudfoundry/v3/roles:status:503,next=2,retry_after=1`.

        A value without a name is what the kind is mostly given: seconds, a status, else a probability.
        """
        match = re.fullmatch(r"([a-z]+)(?:/([^:]+))?:([a-z-]+)(?:[:,](.*))?", text)
        if match is None:
            raise FaultError(f"fault '{text}' should look like {FORM}")
        system, call, kind, rest = match.groups()
        if system not in {*SYSTEMS, "all"}:
            raise FaultError(f"fault '{text}': no system '{system}'; there are all, {', '.join(SYSTEMS)}")
        if kind not in KINDS:
            raise FaultError(f"fault '{text}': no kind '{kind}'; there are {', '.join(KINDS)}")
        settings = dict(_setting(kind, setting) for setting in (rest or "").split(",") if setting)
        if unknown := settings.keys() - SETTINGS:
            raise FaultError(f"fault '{text}': no setting '{min(unknown)}'; there are {', '.join(SETTINGS)}")
        try:
            fault = cls(
                system,
                kind,
                call.strip("/") if call else None,
                seconds=float(settings.get("seconds", 0)),
                status=int(settings["status"]) if "status" in settings else None,
                retry_after=settings.get("retry_after"),
                probability=float(settings.get("probability", 1)),
                remaining=int(settings["next"]) if "next" in settings else None,
            )
        except ValueError as error:
            raise FaultError(f"fault '{text}': {error}") from error
        if (problem := fault.problem()) is not None:
            raise FaultError(f"fault '{text}': {problem}")
        return fault

    def problem(self) -> str | None:
        """Why this cannot go wrong like that, if so."""
        if self.kind == "status" and self.status is None:
            return "which status? As in cloudfoundry:status:503"
        if self.kind == "latency" and self.seconds <= 0:
            return "how many seconds? As in all:latency:0.05"
        if self.status is not None and not LOWEST_STATUS <= self.status <= HIGHEST_STATUS:
            return f"{self.status} is no HTTP status"
        if not 0 <= self.probability <= 1:
            return f"a probability is between 0 and 1, not {self.probability}"
        return None

    def is_for(self, system: str, call: str, method: str) -> bool:
        if self.kind in AFTERWARDS and method not in CHANGING_METHODS:
            return False
        return self.system in {"all", system} and self.call in {None, call.strip("/")} and self.remaining != 0


class Faults:
    """At most one fault besides latency strikes a request: the first that was added. Latencies add up."""

    def __init__(self, seed: int) -> None:
        self._lock = threading.Lock()
        self._random = Random(seed)  # noqa: S311 — chance, not a secret
        self._faults: list[Fault] = []

    def add(self, fault: Fault | str) -> Fault:
        added = Fault.parse(fault) if isinstance(fault, str) else fault
        with self._lock:
            self._faults.append(added)
        return added

    def remove(self, fault: Fault) -> None:
        with self._lock:
            self._faults = [other for other in self._faults if other is not fault]

    def clear(self, system: str | None = None) -> None:
        with self._lock:
            self._faults = [fault for fault in self._faults if system not in {None, fault.system}]

    def active(self) -> list[Fault]:
        with self._lock:
            return [fault for fault in self._faults if fault.remaining != 0]

    @contextmanager
    def during(self, *faults: Fault | str) -> Iterator[None]:
        added = [self.add(fault) for fault in faults]
        try:
            yield
        finally:
            for fault in added:
                self.remove(fault)

    def strike(self, system: str, call: str, method: str = "GET") -> tuple[float, Fault | None]:
        """How many seconds this request has to wait, and what then goes wrong, if anything."""
        with self._lock:
            struck = [fault for fault in self._faults if fault.is_for(system, call, method) and self._hits(fault)]
            chosen = next((fault for fault in struck if fault.kind != "latency"), None)
            for fault in struck:
                if fault.remaining is not None and (fault.kind == "latency" or fault is chosen):
                    fault.remaining -= 1
            return sum(fault.seconds for fault in struck if fault.kind == "latency"), chosen

    def _hits(self, fault: Fault) -> bool:
        return fault.probability >= 1 or self._random.random() < fault.probability


def _setting(kind: str, text: str) -> tuple[str, str]:
    """What has no name is what the kind is mostly given."""
    name, is_named, value = text.rpartition("=")
    return name if is_named else MAIN_SETTING.get(kind, "probability"), value
