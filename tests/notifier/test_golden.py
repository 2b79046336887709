"""
What people read, kept as files: the diff in review is the change.

`UPDATE_GOLDEN=1 pytest tests/notifier/test_golden.py` writes them anew.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fleet.inventory import Organization, User
from ledger.mail_record import MailKey, MailRecord, State
from notifier.affected import Selection, affected_orgs
from notifier.audience import audience
from notifier.calendar import reply_by, working_days
from notifier.contacts.managers import Address, contacts_of_managers
from notifier.enquiry import Findings
from notifier.mail.files import html_preview
from notifier.mail.plan import History, mail_plan
from notifier.mail.planning import Planned
from notifier.mail.wording import Wording
from notifier.mail.writer import MailWriter, MessageTemplate
from notifier.maintenance import Maintenance
from notifier.reports.affected_document import AffectedReport
from notifier.reports.affected_formats import FORMATS
from notifier.reports.affected_table import table_or_list
from notifier.reports.checklist_document import checklist_json
from notifier.reports.checklist_markdown import checklist_markdown
from notifier.reports.email_document import EmailReport
from notifier.reports.email_text import plan_text, result_text
from notifier.window import later_window, maintenance_window
from tests import builders
from tests.notifier.checklist.reports_of import report as checklist_report

GOLDEN = Path(__file__).parent / "golden"
LONDON = ZoneInfo("Europe/London")
WINDOW = maintenance_window("Tuesday 16 June 2026", "0900-1100", LONDON)
ALTERNATIVE = later_window("Thursday 18 June", "1800-2000", WINDOW, ("--alt-date", "--alt-range"))
MAINTENANCE = Maintenance("Ireland", "eu-west-1", WINDOW, ALTERNATIVE)
WORKING_DAYS = working_days("GB-ENG")
REPLY_BY = reply_by(WINDOW, date(2026, 6, 1), WORKING_DAYS)


def findings() -> Findings:
    """Two orgs with names that attack a reader, one highly available instance, one manager without address."""
    hostile = builders.service_instance(
        "guid-1", "# Urgent", org="[pay here](https://evil.example)", space="line one\nline two"
    )
    highly_available = builders.service_instance("guid-2", "sessions", org="brave-buses")
    single = replace(
        builders.service_instance("guid-3", "queue", org="brave-buses", space="staging"), plan_name="tiny-7.x"
    )
    alone = builders.service_instance("guid-4", org="calm-canals")
    instances = (hostile, highly_available, single, alone)
    updates = (
        builders.service_update(
            "redis-1", description="Fixes <script>alert(1)</script> and [this](https://evil.example)"
        ),
        builders.service_update("redis-2", severity="critical", recommended_apply_by=None),
        builders.service_update("redis-major", type="engine-major-version-update"),
    )
    survey = builders.survey(
        service_updates=updates,
        service_instances=instances,
        replication_groups=tuple(builders.group_of(i, 2 if i is highly_available else 1) for i in instances),
        update_actions=tuple(
            builders.action(update, i.replication_group_id)
            for update, i in [("redis-1", i) for i in instances] + [("redis-2", single), ("redis-major", hostile)]
        ),
    )
    orgs = affected_orgs(survey, Selection())
    organizations = {
        org.guid: Organization(org.guid, org.name == "calm-canals", (User("ada"), User("bo"), User("program")))
        for org in orgs
    }
    addresses = {
        "ada": Address("ada@example.org"),
        "bo": Address("bo@example.org"),
        "program": Address(None, "not a person: a UAA client"),
    }
    return Findings(
        "Ireland",
        survey,
        orgs,
        audience(orgs, contacts_of_managers([org.guid for org in orgs], organizations, addresses)),
        ("redis-major",),
    )


def report() -> AffectedReport:
    found = findings()
    told = next(org for org in found.orgs if org.name == "brave-buses")
    record = MailRecord(
        key=MailKey(WINDOW.key, "eu-west-1", told.guid, "ada@example.org"),
        org_name=told.name,
        instance_guids=told.instance_guids,
        contents_digest="",
        state=State.SENT,
        run_id=1,
        key_fingerprint="",
        attempted_at=datetime(2026, 6, 2, 9, 30, tzinfo=UTC),
        attempts=1,
        sent_at=datetime(2026, 6, 2, 9, 30, tzinfo=UTC),
        notification_id="notification-1",
    )
    return AffectedReport(found, MAINTENANCE, ["an example of a warning"], [record])


def mail(org_name: str, *, is_correction: bool = False) -> str:
    org = next(org for org in findings().orgs if org.name == org_name)
    return MessageTemplate().message(org, MAINTENANCE, REPLY_BY, is_correction=is_correction).contents


def email_plan() -> Planned:
    found = report()
    history = History(MAINTENANCE.key, found.records)
    writers = MailWriter(MessageTemplate(), MAINTENANCE, REPLY_BY).writers
    return Planned(mail_plan(found.findings.audience.recipients, history, writers), history)


WRITTEN: dict[str, Callable[[], str]] = {
    "mail.md": lambda: mail("brave-buses"),
    "mail-hostile-correction.md": lambda: mail("[pay here](https://evil.example)", is_correction=True),
    "mail.html": lambda: html_preview(MessageTemplate().message(findings().orgs[1], MAINTENANCE, REPLY_BY)),
    "print.table": lambda: FORMATS["table"](report()),
    "print-on-80-columns": lambda: table_or_list(report(), 80),
    "email-plan": lambda: plan_text(EmailReport(report(), email_plan())),
    "email-dry-run": lambda: result_text(EmailReport(report(), email_plan())),
    "print.json": lambda: FORMATS["json"](report()),
    "print.csv": lambda: FORMATS["csv"](report()),
    "print.markdown": lambda: FORMATS["markdown"](report()),
    "checklist.markdown": lambda: checklist_markdown(checklist_report("# cache")) + "\n",
    "checklist.json": lambda: checklist_json(checklist_report()),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_what_people_read(name: str) -> None:
    """Byte for byte; the same values always give the same bytes."""
    written = WRITTEN[name]()
    assert written == WRITTEN[name]()
    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / name).write_text(written, newline="")
    assert written == (GOLDEN / name).read_text()


def test_the_advice_is_only_where_it_applies() -> None:
    """An org whose instances are all highly available does not read how to make them so, nor of half an hour."""
    org = next(org for org in findings().orgs if org.name == "brave-buses")
    only = replace(org, instances=tuple(i for i in org.instances if i.is_highly_available))
    contents = MessageTemplate().message(only, MAINTENANCE, REPLY_BY).contents
    assert "up to a minute" in contents
    assert "30 minutes" not in contents
    assert "How to make the interruption shorter" not in contents


def test_neither_prices_nor_plan_names_are_hard_coded() -> None:
    assert "£" not in mail("brave-buses")
    assert set(findings_plans()) == {"tiny-5.x", "tiny-7.x"}
    org = next(org for org in findings().orgs if org.name == "calm-canals")
    assert "tiny" not in MessageTemplate().message(org, MAINTENANCE, REPLY_BY).contents.replace("tiny-5.x", "")


def test_a_date_before_the_window_is_not_said_beside_it() -> None:
    """It reads as a contradiction, and the tenant cannot do anything about it."""
    assert "to be installed by" not in mail("brave-buses")
    later = replace(MAINTENANCE, window=maintenance_window("Monday 1 June 2026", "0900-1100", LONDON))
    org = next(org for org in findings().orgs if org.name == "brave-buses")
    assert "to be installed by 15 June 2026" in MessageTemplate().message(org, later, REPLY_BY).contents


def test_the_mail_names_the_status_page_and_whom_to_call_where_they_are_known() -> None:
    org = next(org for org in findings().orgs if org.name == "brave-buses")
    wording = Wording(status_page_url="https://status.example.org", support_contact="020 7946 0000")
    contents = MessageTemplate(wording).message(org, MAINTENANCE, REPLY_BY).contents
    assert "- On the day, https://status.example.org says how far we are.\n" in contents
    assert "- If something does not work afterwards, contact 020 7946 0000.\n" in contents
    assert "On the day" not in mail("brave-buses")
    assert "contact" not in mail("brave-buses")


def findings_plans() -> list[str]:
    return [i.service_instance.plan_name for org in findings().orgs for i in org.instances]


@pytest.mark.parametrize("width", [None, 200, 80, 20, 1])
@pytest.mark.parametrize("length", [1, 40, 255])
def test_no_name_is_ever_cut(width: int | None, length: int) -> None:
    """Instances whose names differ in the last character only are told apart, and found by their group."""
    instances = [builders.service_instance(f"guid-{n}", "é" * (length - 1) + str(n), org="busy") for n in (1, 2)]
    survey = builders.survey(
        service_updates=(builders.service_update(),),
        service_instances=tuple(instances),
        replication_groups=tuple(map(builders.group_of, instances)),
        update_actions=tuple(builders.action("redis-1", i.replication_group_id) for i in instances),
    )
    orgs = affected_orgs(survey, Selection())
    found = Findings(
        "Ireland", survey, orgs, audience(orgs, contacts_of_managers([org.guid for org in orgs], {}, {})), ()
    )
    shown = table_or_list(AffectedReport(found, None, [], []), width)
    for instance in instances:
        assert instance.name in shown
        assert instance.replication_group_id in shown


def test_replies_are_never_asked_for_by_yesterday() -> None:
    """A window on this very day, or on the day after a holiday."""
    assert reply_by(WINDOW, date(2026, 6, 16), WORKING_DAYS) == "Tuesday 16 June 2026"
    assert REPLY_BY == "Monday 15 June 2026"
