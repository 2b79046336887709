"""Whatever tenants and remote systems write, nothing that the notifier prints moves a cursor, runs, or hides a word."""

import csv
import io
import json
import logging
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import click
import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fleet.errors import RemoteError
from fleet.inventory import Organization, User
from fleet.program.logs import configure_logging
from fleet.program.text import printable
from ledger.deferral import Deferral, Target
from ledger.mail_record import MailKey, MailRecord, State
from ledger.records import Records
from ledger.schema import TABLES
from ledger.telling import Telling
from ledger.window_record import WindowRecord, WindowState
from notifier.affected import Selection, affected_orgs
from notifier.audience import audience
from notifier.contacts.managers import Address, contacts_of_managers
from notifier.enquiry import Findings
from notifier.mail.cancelling import ToldOrgs
from notifier.mail.files import html_preview
from notifier.mail.message import Message
from notifier.mail.plan import History, Writers, cancellation_plan, mail_plan
from notifier.mail.planning import OtherWindow, Planned
from notifier.mail.task import Failed, Refused, Sent
from notifier.mail.workers import SendResult
from notifier.mail.writer import MessageTemplate
from notifier.maintenance import Maintenance
from notifier.program import exit_status
from notifier.reports.affected_document import AffectedReport
from notifier.reports.affected_formats import FORMATS
from notifier.reports.affected_table import table_or_list
from notifier.reports.cancel_report import CancelReport, cancel_json, cancel_text
from notifier.reports.email_document import EmailReport, email_json
from notifier.reports.email_text import plan_text, recipients_text, result_text
from notifier.reports.ledger_export import as_csv, as_json
from notifier.reports.status_report import StatusReport, status_json, status_text
from notifier.reports.telling_formats import ToldReport, told_json, told_text, warnings_text
from notifier.window import maintenance_window
from tests import builders

_PIECES = st.sampled_from(
    [
        *("\x1b]52;c;aGk=\x07", "\x1b[2J", "\x9b31m", "\x7f", "\0", "\r", "\n", "\t", "\x85", "\u2028"),
        *("\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u3164", "\u2800", "\ud800", "\ue000", "\U000e0041"),
        *(
            "=",
            "+",
            "-",
            "@",
            "\uff1d",
            ";",
            ",",
            '"',
            "'",
            "|",
            "\\",
            "`",
            "*",
            "_",
            "#",
            "~",
            "$",
            "[",
            "](",
            ")",
            "![",
        ),
        *("=HYPERLINK(", "<img src=x onerror=alert(1)>", "<script>", "&lt;", "&#60;", "https://evil.example", "a", "é"),
        *(" ", "www.evil.example", "@team", "#12", "---", "1.", "|---|", "{{ 7*7 }}"),
    ]
)
NAMES = st.lists(_PIECES, min_size=1, max_size=8).map("".join)
WINDOW = maintenance_window("Tuesday 16 June 2026", "0900-1100", ZoneInfo("Europe/London"))
MAINTENANCE = Maintenance("Ireland", "eu-west-1", WINDOW)
NOW = datetime(2026, 6, 2, 9, 30, tzinfo=UTC)
_BLANK = {"\u2800", "\u3164", "\u115f", "\u034f", "\ufe00"}


@dataclass(frozen=True)
class Platform:
    """Everything that others name is named `name`."""

    name: str

    @property
    def utf8(self) -> str:
        """Without what JSON from AWS, Cloud Foundry and PaaS Accounts cannot hold: half a character."""
        return self.name.replace("\ud800", "?")

    @property
    def report(self) -> AffectedReport:
        name = self.name
        update = builders.service_update(name, severity=name, description=name)
        instance, deferred = (
            replace(builders.service_instance(guid, name, org=self.utf8, space=name), plan_name=name)
            for guid in ("guid-1", "guid-2")
        )
        survey = builders.survey(
            service_updates=(update,),
            service_instances=(instance, deferred),
            replication_groups=tuple(map(builders.group_of, (instance, deferred))),
            update_actions=tuple(builders.action(name, i.replication_group_id) for i in (instance, deferred)),
        )
        orgs = affected_orgs(survey, Selection())
        managers = (User("a", name), User("b", name))
        organizations = {org.guid: Organization(org.guid, is_suspended=False, managers=managers) for org in orgs}
        addresses = {"a": Address(self.utf8), "b": Address(None, name)}
        found = Findings(
            "Ireland",
            survey,
            orgs,
            audience(orgs, contacts_of_managers([org.guid for org in orgs], organizations, addresses)),
            (name,),
        )
        return AffectedReport(
            findings=found,
            maintenance=MAINTENANCE,
            warnings=[name],
            records=[],
            tellings=self.tellings,
            deferred={"guid-2": self.deferral},
            window_record=WindowRecord(MAINTENANCE.key, WindowState.MOVED, WINDOW.key),
        )

    @property
    def tellings(self) -> list[Telling]:
        """Of the affected org, and of one that is gone."""
        affected = Telling(1, MAINTENANCE.key, f"{self.utf8}-guid", ("x",), self.name, NOW, self.name)
        return [affected, replace(affected, org_guid=self.utf8)]

    @property
    def deferral(self) -> Deferral:
        of = dict.fromkeys(("guid", "name", "org_guid", "org_name", "reason", "ticket", "added_by"), self.name)
        return Deferral(
            id=1,
            aws_region="eu-west-1",
            target=Target.INSTANCE,
            until=date(2999, 1, 1),
            time_zone="Europe/London",
            window_key=None,
            added_at=NOW,
            **of,  # type: ignore[arg-type] # fields by name
        )

    def record(self, state: State, **changes: Any) -> MailRecord:  # noqa: ANN401 — fields by name
        key = MailKey(WINDOW.key, "eu-west-1", f"{self.utf8}-guid", f"{state} {self.utf8}")
        return replace(
            MailRecord(key, self.name, ("x",), "", state, 1, "", NOW, 1, NOW, self.name, self.name, self.name),
            **changes,
        )

    @property
    def records(self) -> list[MailRecord]:
        return [self.record(state) for state in State]

    def email(self, *, is_dry: bool) -> EmailReport:
        def written(*_: object) -> Message:
            return Message(self.utf8, self.utf8)

        report = self.report
        history = History(MAINTENANCE.key, self.records)
        recipients = report.findings.audience.recipients
        plan = mail_plan(recipients, history, Writers(written, written, written))
        others = tuple(OtherWindow(recipient, WINDOW) for recipient in recipients)
        task = plan.tasks[0]
        outcomes = (Sent(task, self.name, "permanent-failure"), Refused(task, self.name), Failed(task, self.name))
        stopped_by = RemoteError(self.name, self.name, self.name)
        return EmailReport(
            report, Planned(plan, history, others), None if is_dry else SendResult(outcomes, plan.tasks, stopped_by)
        )

    @property
    def ledger(self) -> Records:
        """As it would be read: a row of hostile text in each table."""
        rows = {"records": lambda: self.records, "rows": self.rows}
        return cast("Records", SimpleNamespace(**rows))

    def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        return [{column.name: self.utf8 for column in table.columns}]

    def cancel(self, *, is_dry: bool) -> CancelReport:
        plan = cancellation_plan(History(MAINTENANCE.key, self.records), lambda _: Message(self.utf8, self.utf8))
        report = self.email(is_dry=False)
        told = ToldOrgs(tuple(self.tellings), {})
        return CancelReport(MAINTENANCE, plan, None if is_dry else report.result, plan, told)

    @property
    def status(self) -> StatusReport:
        return StatusReport(MAINTENANCE, self.records, NOW + timedelta(days=9), self.tellings)

    @property
    def told(self) -> ToldReport:
        return ToldReport(MAINTENANCE, [(self.name, telling) for telling in self.tellings], [self.name])


def _exported(table: str) -> Callable[[Platform], str]:
    return lambda platform: as_csv(platform.ledger, table)


TEXTS: dict[str, Callable[[Platform], str]] = {
    "print --format table": lambda platform: table_or_list(platform.report, None),
    "print --format table, on 80 columns": lambda platform: table_or_list(platform.report, 80),
    "print --format csv": lambda platform: FORMATS["csv"](platform.report),
    "print --format json": lambda platform: FORMATS["json"](platform.report),
    "print --format markdown": lambda platform: FORMATS["markdown"](platform.report),
    "email, its plan": lambda platform: plan_text(platform.email(is_dry=True)),
    "email --dry-run, whom": lambda platform: recipients_text(platform.email(is_dry=True)),
    "email --dry-run": lambda platform: result_text(platform.email(is_dry=True)),
    "email": lambda platform: result_text(platform.email(is_dry=False)),
    "email --format json": lambda platform: email_json(platform.email(is_dry=False)),
    "status": lambda platform: status_text(platform.status),
    "status --format json": lambda platform: status_json(platform.status),
    "told": lambda platform: told_text(platform.told),
    "told, its warnings": lambda platform: warnings_text(platform.told.warnings),
    "told --format json": lambda platform: told_json(platform.told),
    **{f"ledger export --table {table.name}": _exported(table.name) for table in TABLES},
    "cancel, its plan": lambda platform: cancel_text(platform.cancel(is_dry=True)),
    "cancel": lambda platform: cancel_text(platform.cancel(is_dry=False)),
    "cancel --format json": lambda platform: cancel_json(platform.cancel(is_dry=False)),
    "ledger export --format csv": lambda platform: as_csv(platform.ledger, "mails"),
    "ledger export --format json": lambda platform: as_json(platform.ledger),
}


def is_harmless(text: str) -> bool:
    """Nothing in it but line ends, spaces and what can be seen."""
    return all(c == "\n" or ((c.isprintable() or unicodedata.category(c) == "Zs") and c not in _BLANK) for c in text)


@pytest.mark.parametrize("output", TEXTS)
@given(name=NAMES)
@settings(max_examples=40)
def test_no_output_holds_a_character_that_acts_or_hides(output: str, name: str) -> None:
    """And each of the names stays on its line: there are as many lines as with a harmless name."""
    text = TEXTS[output](Platform(name))
    assert is_harmless(text)
    assert text.count("\n") == TEXTS[output](Platform("name")).count("\n")


@pytest.mark.parametrize("output", [name for name in TEXTS if "csv" in name])
@pytest.mark.parametrize("delimiter", [",", ";"])
@given(name=NAMES)
@example(name="x;=1")
@example(name=" =1")
@settings(max_examples=40)
def test_no_cell_is_a_formula(output: str, delimiter: str, name: str) -> None:
    """Nor where a spreadsheet splits the lines at semicolons, as some countries' do."""
    rows = list(csv.reader(io.StringIO(TEXTS[output](Platform(name))), delimiter=delimiter))
    assert len(rows) > 1
    assert not [
        cell for row in rows for cell in row if cell.lstrip().startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r"))
    ]


@pytest.mark.parametrize("output", [name for name in TEXTS if "json" in name])
@given(name=NAMES)
@settings(max_examples=40)
def test_json_escapes_what_it_has_to_and_loses_nothing(output: str, name: str) -> None:
    text = TEXTS[output](Platform(name))
    assert re.fullmatch(r"[\n -~]*", text)
    assert name in texts_of(json.loads(text))


def texts_of(document: object) -> list[str]:
    match document:
        case dict():
            return [text for value in document.values() for text in texts_of(value)]
        case list():
            return [text for value in document for text in texts_of(value)]
        case str():
            return [document]
    return []


@given(name=NAMES)
@example(name="<img src=x onerror=alert(1)>")
@example(name="a | b \\| c")
@settings(max_examples=200)
def test_markdown_is_the_same_page_with_other_words(name: str) -> None:
    """Neither a picture nor a link, neither HTML nor a cell more; and no HTML in its source either."""
    markdown = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    text = FORMATS["markdown"](Platform(name).report)
    tags = re.findall(r"</?[a-z0-9]+", markdown.render(text))
    assert tags == re.findall(r"</?[a-z0-9]+", markdown.render(FORMATS["markdown"](Platform("name").report)))
    assert "<" not in text
    assert not re.search(r"https?://|www\.evil|(?<![\w&])[@#]\w", text)


@given(name=NAMES)
@settings(max_examples=100)
def test_a_mail_to_look_at_is_the_same_page_with_other_words(name: str) -> None:
    def page(name: str) -> str:
        org = Platform(name).report.findings.orgs[0]
        return html_preview(MessageTemplate().message(org, MAINTENANCE, "Monday 15 June 2026"))

    shown = page(name)
    assert re.findall(r"</?[a-z0-9]+", shown) == re.findall(r"</?[a-z0-9]+", page("name"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)


@given(said=NAMES)
@settings(max_examples=100)
def test_an_error_is_one_line_whatever_the_other_side_said(said: str) -> None:
    @click.command
    def command() -> None:
        raise RemoteError("cf", "GET /v3", said)

    errors = io.StringIO()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.stderr", errors)
        assert exit_status(command, "program", []) == 3
    assert is_harmless(errors.getvalue())
    assert errors.getvalue().count("\n") == 1


@pytest.mark.parametrize("log_format", ["text", "json"])
@given(said=NAMES)
@settings(max_examples=100)
def test_a_log_line_is_one_line_whatever_the_other_side_said(log_format: str, said: str) -> None:
    """As it leaves the program, through the gate of stderr."""
    lines = io.StringIO()
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        configure_logging("info", log_format, lines)  # type: ignore[arg-type] # one of the two
        logging.getLogger("notifier.test").warning("said", extra={"cause": said})
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
    assert is_harmless(printable(lines.getvalue()))
    assert lines.getvalue().count("\n") == 1
