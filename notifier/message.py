"""The mail to the managers of one org: from values and a template to the text that GOV.UK Notify is given."""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import jinja2

from fleet.errors import ConfigurationError
from fleet.inventory import ServiceUpdate
from notifier.affected import AffectedInstance, AffectedOrg
from notifier.plain_text import plain_text
from notifier.window import MaintenanceWindow
from notifier.working_days import WorkingDays

DEFAULT_TEMPLATE = Path(__file__).parent / "templates" / "maintenance.md.j2"


@dataclass(frozen=True)
class Circumstances:
    """What every mail of one maintenance has in common."""

    region_name: str
    window: MaintenanceWindow
    alternative: MaintenanceWindow | None
    working_days: WorkingDays
    today: date

    @property
    def reply_by(self) -> str:
        """The last working day before the window, or today if that is over; such as `Monday 15 June 2026`."""
        day = max(self.today, self.working_days.last_before(self.window.starts_at.date()))
        return f"{day:%A} {day.day} {day:%B %Y}"


@dataclass(frozen=True)
class Message:
    """The personalisation of the one Notify template: `contents` is the body, the date stands in the subject."""

    contents: str
    maintenance_window_date: str

    @property
    def personalisation(self) -> dict[str, str]:
        return {"contents": self.contents, "maintenance_window_date": self.maintenance_window_date}

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.contents.encode()).hexdigest()


class MessageTemplate:
    """
    Compiled once. Raises ConfigurationError where the file cannot be read, or is no valid template, or
    uses a name that there is not: the last is found out at once, with an invented org.
    """

    def __init__(self, path: Path = DEFAULT_TEMPLATE) -> None:
        self._path = path
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

    def message(self, org: AffectedOrg, circumstances: Circumstances, *, is_correction: bool = False) -> Message:
        """The same values always give the same bytes."""
        window = circumstances.window
        alternative = circumstances.alternative
        values = {
            "org": plain_text(org.name),
            "region": plain_text(circumstances.region_name),
            "date": window.date_in_words,
            "times": window.times_in_words,
            "highly_available": [_instance(i) for i in org.instances if i.is_highly_available],
            "not_highly_available": [_instance(i) for i in org.instances if not i.is_highly_available],
            "updates": [_update(update) for update in org.updates],
            "reply_by": circumstances.reply_by,
            "alternative": alternative and {"date": alternative.date_in_words, "times": alternative.times_in_words},
            "is_correction": is_correction,
        }
        try:
            contents = self._template.render(values)
        except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError) as error:
            raise ConfigurationError(f"--template '{self._path}': {error}") from error
        if not contents.strip():
            raise ConfigurationError(f"--template '{self._path}': it renders to nothing")
        return Message(contents.strip() + "\n", window.date_in_words)


def _instance(instance: AffectedInstance) -> dict[str, object]:
    service_instance = instance.service_instance
    return {
        "name": plain_text(service_instance.name),
        "space": plain_text(service_instance.space_name),
        "plan": plain_text(service_instance.plan_name),
        "guid": service_instance.guid,
        "is_highly_available": instance.is_highly_available,
        "updates": [_update(update) for update in instance.updates],
    }


def _update(update: ServiceUpdate) -> dict[str, str]:
    apply_by = update.recommended_apply_by
    return {
        "name": plain_text(update.name),
        "severity": plain_text(update.severity),
        "description": plain_text(update.description),
        "apply_by": f"{apply_by.day} {apply_by:%B %Y}" if apply_by else "",
    }


def _refuse_none(value: object) -> object:
    if value is None:
        raise jinja2.UndefinedError("a value that it prints is missing; write {% if ... %} around it")
    return value
