"""The steps before a window: chosen, told, on the status page, and who asked to wait. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from ledger.deferral import Deferral, Target, idle_warnings
from ledger.incident_record import IncidentState
from ledger.mail_fate import NEEDS_ANOTHER_WAY, Fate, fate, latest_each
from ledger.mail_record import Kind, MailRecord
from ledger.mail_record import State as MailState
from notifier.checklist.facts import Facts, long_name
from notifier.checklist.left import Left, Why, left
from notifier.checklist.step import Item, State, Step
from notifier.deferrals import covered_instances, deferral_warnings, in_force

NO_SURVEY = "what waits now is not known, because there is no survey"


def chosen(facts: Facts) -> Step:
    items = tuple(Item("warning", warning) for warning in facts.warnings)
    window = facts.window
    when = "it is over" if facts.is_over else "it is open now" if facts.has_begun else "it has not begun"
    if window is None:
        detail = f"{when}; the ledger does not know this window: email, told or schedule make it known"
        return Step("chosen", State.OPEN, detail, items=items)
    detail = f"{when}; first recorded by {window.command or 'an earlier version'}"
    state = State.DONE if facts.called_off is None else State.PROBLEM
    return Step("chosen", state, facts.called_off or detail, window.first_known_at, window.operator, items)


def told(facts: Facts) -> Step:
    mails = latest_each(facts.mails)
    if facts.is_called_off:
        return _told_of_the_end(facts, mails)
    fates = Counter(fate(record, facts.now) for record in mails)
    another_way = {telling.org_guid for telling in facts.tellings}
    tried = {record.key.org_guid for record in mails}
    untold = _untold(facts)
    nobody = {one.instance.org_guid for one in untold if one.instance and one.why is Why.NOT_TOLD}
    nobody |= {guid for guid in tried if not facts.told.has_org(guid)}
    told_orgs = {guid for guid in tried | another_way if facts.told.has_org(guid)}
    failures = _failures(facts, mails)
    missing = [one for one in untold if one.why is Why.NOT_IN_THE_MAIL]
    items = [
        *failures.values(),
        *_told_another_way(facts),
        *(Item(facts.org_name(guid), f"nobody in this {facts.org_word} was told") for guid in _by_name(facts, nobody)),
        *(Item(one.name, one.reason(facts.org_word)) for one in missing),
    ]
    detail = (
        f"{facts.org_word}s told: {len(told_orgs)}; mails sent: {_sent(mails)}, delivered: {fates[Fate.DELIVERED]},"
        f" failed: {sum(fates[each] for each in NEEDS_ANOTHER_WAY)}; told another way: {len(another_way)};"
        f" nobody told: {len(nobody)}"
    )
    if not_known := fates[Fate.UNKNOWN] + fates[Fate.NOT_SENT]:
        detail += f"; not sent, or not known to be: {not_known}, run email again"
    if facts.survey is None:
        detail += f"; {NO_SURVEY}"
    trouble = [*(failures.keys() - another_way), *(one.name for one in missing), *(["not sent"] * not_known)]
    return Step("told", _told_state(facts, told_orgs, nobody, failures, trouble), detail, *_last(facts), tuple(items))


def status_page(facts: Facts) -> Step:
    incident = facts.incident
    if incident is None:
        detail = "no incident is known for this window"
        return Step("status_page", State.OPEN, detail + ("" if facts.is_called_off else ": run schedule"))
    at, by = facts.began_at.get(incident.run_id), facts.operators.get(incident.run_id)
    which = f"incident {incident.incident_id}"
    if incident.state is IncidentState.CREATING:
        is_alive = incident.run_id in facts.living_runs
        detail = "an incident is being made" if is_alive else "whether an incident was made is not known: run schedule"
        return Step("status_page", State.PARTLY if is_alive else State.PROBLEM, detail, at, by)
    if incident.state is IncidentState.CANCELLED:
        if facts.is_called_off:
            return Step("status_page", State.DONE, f"{which} was deleted, as the window does not take place", at, by)
        return Step("status_page", State.PROBLEM, f"{which} was deleted: run schedule to make another", at, by)
    if facts.is_called_off:
        detail = f"{which} still announces this window, which does not take place: delete it on the status page"
        return Step("status_page", State.PROBLEM, detail, at, by)
    end = "; the window is over: schedule --complete completes it, where nobody has" if facts.is_over else ""
    return Step("status_page", State.DONE, f"{which} announces it{end}", at, by)


def deferrals(facts: Facts) -> Step:
    window = facts.maintenance.window
    found = in_force(facts.deferrals, window)
    last = max(found, key=lambda deferral: deferral.added_at, default=None)
    items = [item for deferral in found for item in _deferral_items(facts, deferral)]
    is_problem = len(items) > len(found)
    if not found:
        is_too_late = facts.has_begun or facts.is_called_off
        return Step("deferrals", State.DONE if is_too_late else State.OPEN, "nobody has asked to wait")
    detail = f"asked to wait: {len(found)}"
    if facts.survey is not None:
        detail += f"; instances left alone: {len(facts.deferred)}"
    return Step(
        "deferrals",
        State.PROBLEM if is_problem else State.DONE,
        detail,
        last.added_at if last else None,
        last.added_by if last else None,
        tuple(items),
    )


def _told_state(
    facts: Facts, told_orgs: Collection[str], nobody: Collection[str], failed: Collection[str], trouble: Collection[str]
) -> State:
    """`failed` are orgs that mails did not reach; `trouble` is what still has to be done, beside `nobody`."""
    if not told_orgs and not facts.mails:
        return State.PROBLEM if nobody and facts.has_begun else State.OPEN
    if nobody and (facts.has_begun or not set(nobody).isdisjoint(failed)):
        return State.PROBLEM
    return State.PARTLY if nobody or trouble or facts.survey is None else State.DONE


def _untold(facts: Facts) -> list[Left]:
    return [one for one in left(facts) if one.why in (Why.NOT_TOLD, Why.NOT_IN_THE_MAIL)]


def _told_of_the_end(facts: Facts, mails: Sequence[MailRecord]) -> Step:
    """Of a window that does not take place any more."""
    sent = [record for record in mails if record.state is MailState.SENT]
    told_of_it = [record for record in sent if record.key.kind is not Kind.CANCELLED]
    items = tuple(_told_another_way(facts))
    if not facts.is_cancelled:
        detail = f"mails sent before it was moved: {len(sent)}; email of the later window says that it was moved"
        return Step("told", State.DONE if sent else State.OPEN, detail, *_last(facts), items)
    detail = (
        f"told that it was cancelled: {len(sent) - len(told_of_it)}; told of it, and not of that: {len(told_of_it)}"
    )
    if told_of_it:
        return Step("told", State.PARTLY, f"{detail}, run cancel again", *_last(facts), items)
    return Step("told", State.DONE if sent else State.OPEN, detail, *_last(facts), items)


def _failures(facts: Facts, mails: Sequence[MailRecord]) -> dict[str, Item]:
    """By org how many of its people were not reached, and never who they are."""
    by_org: dict[str, Counter[Fate]] = {}
    for record in mails:
        found = fate(record, facts.now)
        if found in NEEDS_ANOTHER_WAY:
            by_org.setdefault(record.key.org_guid, Counter())[found] += 1
    found_of = {}
    for guid in _by_name(facts, by_org.keys()):
        counts = ", ".join(f"{found.value}: {count}" for found, count in sorted(by_org[guid].items()))
        found_of[guid] = Item(facts.org_name(guid), f"mails {counts}")
    return found_of


def _told_another_way(facts: Facts) -> Iterator[Item]:
    for telling in facts.tellings:
        yield Item(facts.org_name(telling.org_guid), f"told another way: {telling.how}", telling.at, telling.by)


def _by_name(facts: Facts, guids: Iterable[str]) -> list[str]:
    return sorted(guids, key=lambda guid: (facts.org_name(guid).casefold(), guid))


def _sent(mails: Sequence[MailRecord]) -> int:
    return sum(record.state is MailState.SENT for record in mails)


def _last(facts: Facts) -> tuple[datetime | None, str | None]:
    """When somebody was told last, and by whom."""
    moments = [(record.sent_at, facts.operators.get(record.run_id)) for record in facts.mails if record.sent_at]
    moments += [(telling.at, telling.by) for telling in facts.tellings]
    return max(moments, key=lambda moment: moment[0], default=(None, None))


def _deferral_items(facts: Facts, deferral: Deferral) -> Iterator[Item]:
    covered = covered_instances(deferral, facts.survey.service_instances) if facts.survey else []
    is_org = deferral.target is Target.ORG
    name = deferral.org_name if is_org else f"{deferral.org_name}/{deferral.name}"
    if len(covered) == 1 and not is_org:
        name = long_name(covered[0])
    how_long = f"until {deferral.until:%-d %B %Y}" if deferral.until else "not in this window"
    ticket = f" [{deferral.ticket}]" if deferral.ticket else ""
    whole = f", the whole {facts.org_word}" if is_org else ""
    yield Item(name, f"{how_long}{whole}: {deferral.reason}{ticket}", deferral.added_at, deferral.added_by)
    if facts.survey is None:
        return
    survey = facts.survey
    idle = idle_warnings([deferral], survey.service_instances, survey.groups_by_id.keys())
    for warning in (*idle, *deferral_warnings(deferral, survey)):
        yield Item("warning", warning)
    for record in facts.updates:
        instance = next((i for i in covered if i.guid == record.instance_guid), None)
        if instance is not None and record.attempted_at >= deferral.added_at:
            yield Item(long_name(instance), f"{record.service_update} was begun all the same", record.attempted_at)
