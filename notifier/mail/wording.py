"""The words of the mail to the managers of one org: from values and a template to the text that Notify is given."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import jinja2

from fleet.errors import ConfigurationError
from fleet.inventory import ServiceUpdate
from notifier.affected import AffectedInstance, AffectedOrg
from notifier.audience import Recipient
from notifier.calendar import WorkingDays, reply_by
from notifier.mail.message import Message
from notifier.mail.plain_text import plain_text
from notifier.maintenance import Maintenance
from notifier.window import MaintenanceWindow, refuse_past

DEFAULT_TEMPLATE = Path(__file__).parent / "templates" / "maintenance.md.j2"
_WEB_ADDRESS = re.compile(r"https?://[^\s/]+\S*")


@dataclass(frozen=True)
class Wording:
    """What the mails of one platform have in common, whatever they are about."""

    template: Path = DEFAULT_TEMPLATE
    status_page_url: str | None = None
    """Where tenants can see on the day how far the maintenance is."""
    support_contact: str | None = None
    """Whom to ask if something does not work afterwards, as one line of text."""

    def __post_init__(self) -> None:
        """Raises ConfigurationError."""
        if self.status_page_url and not _WEB_ADDRESS.fullmatch(self.status_page_url):
            raise ConfigurationError("--status-page-url: write it with its scheme, such as https://status.example.org")
        if self.support_contact and not self.support_contact.isprintable():
            raise ConfigurationError("--support-contact: it has to be one line of plain text")


class MessageTemplate:
    """Compiled once. Raises ConfigurationError where the file cannot be read or is not a valid template."""

    def __init__(self, wording: Wording = Wording()) -> None:
        self._wording = wording
        self._path = path = wording.template
        environment = jinja2.Environment(  # noqa: S701 — the output is Notify's Markdown, not HTML; see plain_text
            undefined=jinja2.StrictUndefined, keep_trailing_newline=False, finalize=_refuse_none
        )
        try:
            self._template = environment.from_string(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigurationError(f"--template '{path}': {error.strerror}") from error
        except UnicodeDecodeError:
            raise ConfigurationError(f"--template '{path}': not a text file in UTF-8") from None
        except jinja2.TemplateSyntaxError as error:
            raise ConfigurationError(f"--template '{path}', line {error.lineno}: {error.message}") from error

    def message(
        self, org: AffectedOrg, maintenance: Maintenance, reply_by: str, *, is_correction: bool = False
    ) -> Message:
        """
        The same values always give the same bytes; `reply_by` is a day in words.

        Raises ConfigurationError where the template prints a name that does not exist, or nothing at all.
        """
        window, alternative = maintenance.window, maintenance.alternative
        values = {
            "org": plain_text(org.name),
            "region": plain_text(maintenance.region_name),
            "date": window.date_in_words,
            "times": window.times_in_words,
            "highly_available": [_instance(i, window) for i in org.instances if i.is_highly_available],
            "not_highly_available": [_instance(i, window) for i in org.instances if not i.is_highly_available],
            "updates": [_update(update, window) for update in org.updates],
            "status_page_url": self._wording.status_page_url or "",
            "support_contact": self._wording.support_contact or "",
            "reply_by": reply_by,
            "alternative": alternative and {"date": alternative.date_in_words, "times": alternative.times_in_words},
            "is_correction": is_correction,
        }
        try:
            contents = self._template.render(values)
        except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError) as error:
            raise ConfigurationError(f"--template '{self._path}': {error}") from error
        if not contents.strip():
            raise ConfigurationError(f"--template '{self._path}': it renders to nothing")
        return Message(contents.strip() + "\n", f"{window.date_in_words} ({maintenance.region_name})")


@dataclass(frozen=True)
class MailWriter:
    """Writes the mails of one maintenance: the same words for a preview, for a file, and for the recipient."""

    template: MessageTemplate
    maintenance: Maintenance
    reply_by: str
    """The last day for objections, in words, such as `Monday 15 June 2026`."""

    def message(self, org: AffectedOrg, *, is_correction: bool) -> Message:
        return self.template.message(org, self.maintenance, self.reply_by, is_correction=is_correction)

    def written(self, recipient: Recipient, is_correction: bool) -> Message:  # noqa: FBT001 — as `mail_plan` calls it
        return self.message(recipient.org, is_correction=is_correction)


def mail_writer(maintenance: Maintenance, wording: Wording, working_days: WorkingDays, now: datetime) -> MailWriter:
    """Raises ConfigurationError where the window has begun, or for a template that cannot be used."""
    refuse_past(maintenance.window, now)
    today = now.astimezone(maintenance.window.starts_at.tzinfo).date()
    return MailWriter(MessageTemplate(wording), maintenance, reply_by(maintenance.window, today, working_days))


def _instance(instance: AffectedInstance, window: MaintenanceWindow) -> dict[str, object]:
    service_instance = instance.service_instance
    return {
        "name": plain_text(service_instance.name),
        "space": plain_text(service_instance.space_name),
        "plan": plain_text(service_instance.plan_name),
        "guid": service_instance.guid,
        "is_highly_available": instance.is_highly_available,
        "updates": [_update(update, window) for update in instance.updates],
    }


def _update(update: ServiceUpdate, window: MaintenanceWindow) -> dict[str, object]:
    apply_by = update.recommended_apply_by
    return {
        "name": plain_text(update.name),
        "severity": plain_text(update.severity),
        "description": plain_text(update.description),
        "apply_by": f"{apply_by.day} {apply_by:%B %Y}" if apply_by else "",
        "is_late": apply_by is not None and window.ends_at > apply_by,
    }


def _refuse_none(value: object) -> object:
    if value is None:
        raise jinja2.UndefinedError("a value that it prints is missing; write {% if ... %} around it")
    return value
