"""Windows that are announced, moved, cancelled and corrected in any order, by runs that die at any moment."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest

from ledger.mail_record import Kind, MailKey, MailRecord, State
from ledger.maintenance_key import MaintenanceKey
from ledger.window_record import WindowRecord, WindowState
from notifier.affected import AffectedInstance, AffectedOrg
from notifier.audience import Recipient
from notifier.mail.holdings import replaced_by
from notifier.mail.message import Message
from notifier.mail.passes import Carried, carry_out
from notifier.mail.plan import History, MailPlan, Writers, cancellation_plan, mail_plan
from notifier.mail.task import Failed, Outcome, Refused, Sent, SentBefore, Task
from notifier.mail.wishes import Wishes
from notifier.mail.workers import SendResult
from tests.builders import service_instance, service_update

REGION = "eu-west-1"
WINDOWS = [MaintenanceKey(f"2027-01-{day}T09:00Z/2027-01-{day}T11:00Z", REGION) for day in (11, 12, 13, 14)]
PEOPLE = [("org-a", "ada@example.org"), ("org-a", "bo@example.org"), ("org-b", "cy@example.org")]
SEQUENCES = 30


@dataclass(frozen=True)
class Said:
    """What a mail says: a window that takes place, and windows that do not."""

    on: str = ""
    instances: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    is_final: bool = False
    """Whether nothing more may be said of those that do not take place."""


class KilledError(Exception):
    """The run is gone, whatever it was doing."""


def org(guid: str, instances: frozenset[str]) -> AffectedOrg:
    found = [
        AffectedInstance(service_instance(i), is_highly_available=False, updates=(service_update(),)) for i in instances
    ]
    return AffectedOrg(guid, guid, tuple(sorted(found, key=lambda instance: instance.service_instance.guid)))


@dataclass
class World:
    """A ledger, a Notify and a platform, simulated: what the ledger holds survives a kill, as does what Notify has."""

    random: Random
    mails: dict[MailKey, MailRecord] = field(default_factory=dict)
    windows: dict[MaintenanceKey, WindowRecord] = field(default_factory=dict)
    arrived: list[tuple[MailKey, Said]] = field(default_factory=list)
    managers: set[tuple[str, str]] = field(default_factory=lambda: set(PEOPLE))
    instances: dict[str, frozenset[str]] = field(
        default_factory=lambda: {"org-a": frozenset({"a1", "a2"}), "org-b": frozenset({"b1"})}
    )
    steps_left: int | None = None
    """Until the run is killed; None for a run that is left alone."""
    stops_after: int | None = None
    done: list[str] = field(default_factory=list)
    _ticks: int = 0

    @property
    def recipients(self) -> list[Recipient]:
        return [
            Recipient(org(o, self.instances[o]), a) for o, a in PEOPLE if (o, a) in self.managers and self.instances[o]
        ]

    # What the operator does

    def email(
        self, window: MaintenanceKey, replaces: MaintenanceKey | None = None, *, corrects: bool = False
    ) -> Carried | None:
        known = self.windows.get(window)
        if known is not None and known.state is not WindowState.KNOWN:
            return None
        if replaces is not None:
            earlier = self.windows.get(replaces)
            if earlier is None or replaces == window or earlier.state is WindowState.CANCELLED:
                return None
            if earlier.moved_to not in (None, window.window_key):
                return None
        named = [replaces] if replaces is not None else []

        def plan(looked_up: frozenset[MailKey] = frozenset()) -> MailPlan:
            replaced = [*named, *replaced_by(self.windows, [window, *named])]
            history = History(window, self.of(window), {key: self.of(key) for key in replaced})
            return mail_plan(self.recipients, history, writers(window), Wishes(corrects, looked_up=looked_up))

        first = plan()
        self.windows.setdefault(window, WindowRecord(window))
        for key in named:
            self.windows[key] = replace(self.windows[key], state=WindowState.MOVED, moved_to=window.window_key)
        return carry_out(first, self.send, plan)

    def cancel(self, window: MaintenanceKey) -> Carried | None:
        known = self.windows.get(window)
        if known is None or known.state is WindowState.MOVED:
            return None

        def plan(looked_up: frozenset[MailKey] = frozenset()) -> MailPlan:
            replaced = {key: self.of(key) for key in replaced_by(self.windows, [window])}
            return cancellation_plan(History(window, self.of(window), replaced), called_off, looked_up)

        first = plan()
        self.windows[window] = replace(known, state=WindowState.CANCELLED)
        return carry_out(first, self.send, plan)

    def of(self, window: MaintenanceKey) -> list[MailRecord]:
        return [m for m in self.mails.values() if m.key.window_key == window.window_key]

    # What the sender does

    def send(self, tasks: Sequence[Task]) -> SendResult:
        waiting, outcomes = list(tasks), list[Outcome]()
        self.random.shuffle(waiting)
        while waiting:
            if self.stops_after is not None and len(outcomes) >= self.stops_after:
                return SendResult(tuple(outcomes), tuple(waiting), None, is_stopped=True)
            outcomes.append(self.settled(waiting.pop()))
        return SendResult(tuple(outcomes), (), None)

    def settled(self, task: Task) -> Outcome:
        key = task.intent.key
        record = self.mails.get(key)
        if record is not None and record.state is State.SENT:
            return SentBefore(task, record)
        if record is not None and record.state is State.SENDING:
            if any(arrived == key for arrived, _ in self.arrived):
                self.mails[key] = replace(record, state=State.SENT)
                return Sent(task, "id", "delivered")
            self.mails[key] = replace(record, state=State.PENDING)
        if task.message is None:
            return Failed(task, "not sent, and not wanted any more")
        self.step()
        self._ticks += 1
        intent, at = task.intent, datetime(2027, 1, 1, tzinfo=UTC) + timedelta(seconds=self._ticks)
        begun = MailRecord(
            *(key, intent.org_name, intent.instance_guids, intent.contents_digest, State.SENDING, 1, "", at, 1),
            update_names=intent.update_names,
            replaced_windows=intent.replaced_windows,
        )
        self.mails[key] = begun
        self.step()
        if self.random.random() < 0.05:
            self.mails[key] = replace(begun, state=State.REFUSED)
            return Refused(task, "by chance")
        self.arrived.append((key, msgspec.json.decode(task.message.contents, type=Said)))
        self.step()
        self.mails[key] = replace(begun, state=State.SENT)
        return Sent(task, "id")

    def step(self) -> None:
        if self.steps_left is not None:
            self.steps_left -= 1
            if self.steps_left < 0:
                raise KilledError

    # What happens meanwhile

    def change(self) -> None:
        match self.random.randrange(3):
            case 0:
                self.managers ^= {self.random.choice(PEOPLE)}
            case 1:
                self.instances["org-a"] = frozenset(self.random.sample(["a1", "a2", "a3"], self.random.randrange(4)))
            case 2:
                self.instances["org-b"] = frozenset({"b1"}) - self.instances["org-b"]

    # What people believe

    def expected(self, whom: tuple[str, str]) -> dict[str, list[str]]:
        """By window, the instances that the person thinks are updated then."""
        found: dict[str, list[str]] = {}
        for key, mail in self.arrived:
            if (key.org_guid, key.address) == whom:
                for window in (*mail.off, *mail.replaced):
                    found.pop(window, None)
                if mail.on:
                    found[mail.on] = list(mail.instances)
        return found


def writers(window: MaintenanceKey) -> Writers:
    def to_recipient(recipient: Recipient, kind: Kind, replaced: Sequence[MaintenanceKey]) -> Message:
        names = tuple(earlier.window_key for earlier in replaced)
        assert bool(names) is (kind is Kind.MOVED)
        return message(Said(window.window_key, recipient.org.instance_guids, names, is_final=True))

    return Writers(to_recipient, lambda record, _: message(Said(off=(record.key.window_key,))), called_off)


def called_off(record: MailRecord) -> Message:
    return message(Said(off=(record.key.window_key,), is_final=True))


def message(said: Said) -> Message:
    return Message(msgspec.json.encode(said).decode(), "day")


def one_command(world: World) -> str:
    """Any command that an operator could think of, which may be killed or stopped half-way."""
    random = world.random
    window, other = random.sample(WINDOWS, 2)
    end = random.choice(["kill", "stop", "end", "end"])
    world.steps_left = random.randrange(12) if end == "kill" else None
    world.stops_after = random.randrange(4) if end == "stop" else None
    kind = random.choice(["email", "email", "move", "move", "correct", "cancel"])
    said = f"{kind} {window.window_key[:10]} (earlier: {other.window_key[:10]}), {end}"
    try:
        match kind:
            case "email":
                carried = world.email(window)
            case "move":
                carried = world.email(window, other, corrects=random.random() < 0.3)
            case "correct":
                carried = world.email(window, corrects=True)
            case _:
                carried = world.cancel(window)
        if carried is None:
            said += " refused"
        elif end == "end" and not any(isinstance(outcome, Refused) for outcome in carried.result.outcomes):
            assert not carried.remaining.tasks, f"a run that nothing disturbed leaves nothing: {world.done}, {said}"
    except KilledError:
        said += " killed"
    world.steps_left = world.stops_after = None
    return said


def finish(world: World) -> None:
    """Runs the commands again that the operator would, until nothing is left to do."""
    for window in WINDOWS:
        for _ in range(12):
            known = world.windows.get(window)
            if known is None or known.state is WindowState.MOVED:
                break
            again = world.cancel if known.state is WindowState.CANCELLED else lambda w: world.email(w, corrects=True)
            carried = again(window)
            assert carried is not None
            if not carried.remaining.tasks:
                break
        else:
            pytest.fail(f"never done: {window}")


@pytest.mark.parametrize("seed", range(10))
def test_in_the_end_everybody_knows_what_takes_place_and_nobody_reads_anything_twice(seed: int) -> None:
    random = Random(seed)
    for number in range(SEQUENCES):
        world = World(Random(random.random()))
        for _ in range(world.random.randrange(2, 9)):
            if world.random.random() < 0.3:
                world.change()
            world.done.append(one_command(world))
        finish(world)
        told = f"{seed}/{number}: {world.done}; {world.arrived}"
        assert max(Counter(key.reference for key, _ in world.arrived).values(), default=1) == 1, told
        for whom in PEOPLE:
            expected = world.expected(whom)
            takes_place = {w.key.window_key for w in world.windows.values() if w.state is WindowState.KNOWN}
            assert set(expected) <= takes_place, f"{whom} expects {expected}: {told}"
            for recipient in world.recipients:
                if (recipient.org.guid, recipient.address) == whom:
                    wanted = {key: list(recipient.org.instance_guids) for key in takes_place}
                    assert expected == wanted, f"{whom} expects {expected}: {told}"
            believed: set[str] = set()
            ended: set[str] = set()
            for mail in (mail for key, mail in world.arrived if (key.org_guid, key.address) == whom):
                ends = {*mail.replaced, *mail.off}
                assert ends <= believed, f"{whom} reads of the end of {ends}, expecting {believed}: {told}"
                assert mail.on not in ended, f"{whom} reads of {mail.on} after it was called off: {told}"
                believed = (believed | {mail.on}) - ends - {""}
                ended |= ends if mail.is_final else set()
