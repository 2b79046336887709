"""The steps of the window itself and of its end: applied, and what is left over. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ledger.update_record import UpdateRecord, UpdateState
from notifier.checklist.before import NO_SURVEY
from notifier.checklist.facts import Facts, long_name
from notifier.checklist.left import AS_WISHED, Left, Why, in_words, left
from notifier.checklist.step import Item, State, Step

_IN_WORDS = {
    UpdateState.STARTING: "begun, outcome not known",
    UpdateState.STARTED: "under way",
    UpdateState.REFUSED: "refused by AWS",
    UpdateState.COMPLETE: "complete",
    UpdateState.FAILED: "failed",
    UpdateState.STOPPED: "stopped",
}
_BAD = frozenset({UpdateState.REFUSED, UpdateState.FAILED})
_TO_DO = frozenset({Why.NOT_REACHED, Why.STOPPED})
_WORST_FIRST = (
    UpdateState.FAILED,
    UpdateState.REFUSED,
    UpdateState.STARTING,
    UpdateState.STARTED,
    UpdateState.STOPPED,
    UpdateState.COMPLETE,
)


def applied(facts: Facts) -> Step:
    waiting = [one for one in left(facts) if one.why in _TO_DO]
    if not facts.updates:
        return _nothing_applied(facts, waiting)
    counts = Counter(record.state for record in facts.updates)
    detail = ", ".join(f"{_IN_WORDS[state]}: {counts[state]}" for state in reversed(_WORST_FIRST) if counts[state])
    not_reached = [one for one in waiting if one.why is Why.NOT_REACHED]
    if not_reached:
        detail += f"; not begun: {len(not_reached)}"
    if facts.survey is None:
        detail += f"; {NO_SURVEY}"
    last = max(facts.updates, key=lambda record: record.ended_at or record.attempted_at)
    items = [
        *_overrides(facts),
        *_records(facts),
        *(Item(one.name, f"{', '.join(one.updates)}: {one.reason(facts.org_word)}") for one in not_reached),
    ]
    state, said = _applied_state(facts, counts, waiting)
    at, by = last.ended_at or last.attempted_at, facts.operators.get(last.run_id)
    return Step("applied", state, detail + said, at, by, tuple(items))


def left_over(facts: Facts) -> Step:
    if facts.survey is None:
        return Step("left_over", State.OPEN, NO_SURVEY)
    found = left(facts)
    items = tuple(_left_item(one, facts.org_word) for one in found)
    wrong = [one for one in found if one.why not in AS_WISHED]
    detail = f"groups that something waits for: {len(found)}"
    if found:
        reasons = Counter(one.why for one in found)
        detail += f" ({'; '.join(f'{in_words(why, facts.org_word)}: {reasons[why]}' for why in Why if reasons[why])})"
    at = facts.survey.taken_at
    if not facts.is_over and not (facts.updates and not wrong):
        until = "" if facts.is_called_off else "; what is left over is known when the window is over"
        return Step("left_over", State.OPEN, detail + until, at, None, items)
    if not found:
        return Step("left_over", State.DONE, "nothing waits any more", at)
    state = State.PROBLEM if wrong and not facts.is_called_off else State.PARTLY
    return Step("left_over", state, f"{detail}; plan another window", at, None, items)


def _nothing_applied(facts: Facts, waiting: Sequence[Left]) -> Step:
    if facts.is_called_off:
        return Step("applied", State.OPEN, "nothing was applied, as the window does not take place")
    if not facts.has_begun:
        return Step("applied", State.OPEN, "nothing was applied yet: the window has not begun")
    items = tuple(Item(one.name, f"{', '.join(one.updates)}: {one.reason(facts.org_word)}") for one in waiting)
    if not facts.is_over:
        return Step("applied", State.OPEN, "nothing was applied yet: the window is open, run apply", items=items)
    if facts.survey is not None and not left(facts):
        return Step("applied", State.DONE, "nothing was applied, and nothing waits")
    return Step("applied", State.PROBLEM, "the window is over, and nothing was applied", items=items)


def _applied_state(facts: Facts, counts: Counter[UpdateState], waiting: Sequence[Left]) -> tuple[State, str]:
    """And what to do, where something is."""
    unsettled = [
        record
        for record in facts.updates
        if record.state in (UpdateState.STARTING, UpdateState.STARTED) and record.run_id not in facts.living_runs
    ]
    if facts.is_called_off:
        return State.PROBLEM, "; the window does not take place, and yet this was begun"
    if any(counts[state] for state in _BAD):
        return State.PROBLEM, "; " + ("see why" if facts.is_over else "see why, then run apply again to go on")
    if unsettled:
        is_late = facts.is_over or any(record.state is UpdateState.STARTING for record in unsettled)
        return State.PROBLEM if is_late else State.PARTLY, "; nobody follows what is under way: run apply again"
    if counts[UpdateState.STARTED] or counts[UpdateState.STARTING]:
        return State.PARTLY, ""
    if waiting or counts[UpdateState.STOPPED] or facts.survey is None:
        return State.PARTLY, "" if facts.is_over or facts.survey is None else "; run apply again to go on"
    return State.DONE, ""


def _overrides(facts: Facts) -> Iterator[Item]:
    """Each reason once, with who gave it when."""
    seen: set[tuple[str, str, int]] = set()
    for record in sorted(facts.updates, key=lambda record: record.attempted_at):
        reasons = (
            ("outside the window", record.outside_window_reason),
            ("whoever was not told included", record.include_untold_reason),
        )
        for what, reason in reasons:
            if reason is not None and (what, reason, record.run_id) not in seen:
                seen.add((what, reason, record.run_id))
                at = facts.began_at.get(record.run_id, record.attempted_at)
                yield Item("override", f"{what}: {reason}", at, facts.operators.get(record.run_id))


def _records(facts: Facts) -> Iterator[Item]:
    instances = {i.guid: long_name(i) for i in facts.survey.service_instances} if facts.survey else {}
    for record in sorted(facts.updates, key=lambda r: (_WORST_FIRST.index(r.state), r.key)):
        name = instances.get(record.instance_guid or "", record.replication_group_id)
        at = record.ended_at or record.attempted_at
        yield Item(name, _record_text(facts, record), at, facts.operators.get(record.run_id))


def _record_text(facts: Facts, record: UpdateRecord) -> str:
    state = _IN_WORDS[record.state]
    is_said = record.aws_says and record.aws_says != record.state.value
    said = f" (AWS: {record.aws_says})" if is_said else ""
    ends_at = facts.maintenance.window.ends_at
    late = "; ended after the window" if record.ended_at and record.ended_at > ends_at else ""
    again = f"; {record.attempts} attempts" if record.attempts > 1 else ""
    return f"{record.service_update}, {record.replication_group_id}: {state}{said}{late}{again}"


def _left_item(one: Left, org_word: str) -> Item:
    why = one.reason(org_word)
    if one.deferral is not None:
        until = f"{one.deferral.until:%-d %B %Y}" if one.deferral.until else "another window"
        return Item(
            one.name, f"{', '.join(one.updates)}: {why} until {until}", one.deferral.added_at, one.deferral.added_by
        )
    return Item(one.name, f"{', '.join(one.updates)}: {why}")
