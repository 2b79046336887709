"""Who was told another way than by mail, for people and for programs."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from fleet.program.text import json_text, text_of_lines
from ledger.correspondence import correspondence
from ledger.deferral import longest
from ledger.telling import Telling
from ledger.window_facts import WindowFacts
from notifier.affected import AffectedOrg
from notifier.maintenance import Maintenance
from notifier.reports.deferral_formats import deferral_in_words
from notifier.reports.document import VERSION, Document, region_document, window_document
from notifier.reports.words import counted, org_word, within_org


@dataclass(frozen=True)
class ToldReport:
    maintenance: Maintenance
    tellings: Sequence[tuple[str, Telling]]
    """Each with the org's name."""
    warnings: Sequence[str]


def told_text(report: ToldReport) -> str:
    lines, word = [report.maintenance.in_words], org_word(report.maintenance.words)
    for name, telling in report.tellings:
        instances = counted(len(telling.instance_guids), "instance")
        lines.append(f"told {telling.id}: {word} {name}, about {instances}: {telling.how} ({telling.by})")
    return text_of_lines(lines)


def told_json(report: ToldReport) -> str:
    return json_text(
        {
            "version": VERSION,
            "region": region_document(report.maintenance.region_name, report.maintenance.aws_region),
            "window": window_document(report.maintenance.window),
            "warnings": list(report.warnings),
            "told": [{"id": telling.id, **telling_document(telling, name)} for name, telling in report.tellings],
        }
    )


def telling_document(telling: Telling, org_name: str | None) -> Document:
    """`org_name` is None where no survey or mail has named the org."""
    return {
        "org_guid": telling.org_guid,
        "org_name": org_name,
        "instance_guids": list(telling.instance_guids),
        "how": telling.how,
        "at": telling.at.isoformat(),
        "by": telling.by,
    }


def told_warnings(org: AffectedOrg, facts: WindowFacts, maintenance: Maintenance) -> list[str]:
    """What an operator who records that an org was told another way should know."""
    window, word = maintenance.window, org_word(maintenance.words)
    told = [p.last for p in correspondence(facts.mails).values() if p.last is not None and p.is_told_of_it]
    people = [mail for mail in told if mail.key.org_guid == org.guid]
    found = []
    if people:
        found.append(f"{word} {org.name}: {counted(len(people), 'person has', 'people have')} a mail about this window")
    found += [f"{word} {org.name}: told before: {said(t)}" for t in facts.tellings if t.org_guid == org.guid]
    covering = [d for d in facts.deferrals if d.covers(window.key, window.starts_at)]
    for instance in (affected.service_instance for affected in org.instances):
        deferral = longest(d for d in covering if d.is_for(instance.guid, instance.org_guid))
        if deferral is not None:
            found.append(
                f"{word} {org.name}: {within_org(instance)} is deferred: {deferral_in_words(deferral)};"
                " it counts as told, and is left alone as long as it is deferred"
            )
    return found


def warnings_text(warnings: Iterable[str]) -> str:
    return text_of_lines(f"warning: {warning}" for warning in warnings)


def said(telling: Telling, waiting: Collection[str] = ()) -> str:
    """Such as `by telephone (ada, 2026-06-15 09:12 UTC), about 2 of 3 instances`; `waiting` are those that wait now."""
    known = f"{telling.how} ({telling.by}, {telling.at:%Y-%m-%d %H:%M} UTC)"
    about = len(set(waiting) & set(telling.instance_guids))
    return known if about == len(waiting) else f"{known}, about {about} of {counted(len(waiting), 'instance')}"


def told_another_way_lines(tellings: Iterable[Telling], names: dict[str, str], word: str) -> list[str]:
    """`names` are those of the orgs, by guid, as far as they are known; `word` is what they are called."""
    lines = [f"  {word} {names.get(telling.org_guid, telling.org_guid)}: {said(telling)}" for telling in tellings]
    return ["Told another way:", *lines] if lines else []
