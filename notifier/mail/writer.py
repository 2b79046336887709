"""Writes the mail to the managers of one org: fills a template in, and gives the text that Notify gets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from fleet.inventory import ServiceUpdate
from fleet.tenants.tenancy import Words
from ledger.mail_record import Kind, MailRecord
from ledger.maintenance_key import MaintenanceKey
from notifier.affected import AffectedInstance, AffectedOrg
from notifier.calendar import WorkingDays, reply_by
from notifier.mail.message import Message
from notifier.mail.plain_text import plain_text
from notifier.mail.plan import Writers
from notifier.mail.standing import Standing
from notifier.mail.template import TextTemplate
from notifier.mail.wording import DEFAULT_TEMPLATE, Wording
from notifier.maintenance import Maintenance
from notifier.window import ALTERNATIVE_DATE_FLAG, MaintenanceWindow, refuse_past, window_of_key

_WITHDRAWAL_TEMPLATE = DEFAULT_TEMPLATE.with_name("withdrawal.md.j2")


class MessageTemplate:
    """The text about a maintenance. Raises ConfigurationError under the same conditions as TextTemplate."""

    def __init__(self, wording: Wording = Wording()) -> None:  # noqa: B008 — a value that never changes
        self._wording = wording
        self._text = TextTemplate(wording.template)

    def message(
        self,
        org: AffectedOrg,
        maintenance: Maintenance,
        reply_by: str,
        *,
        is_correction: bool = False,
        moved_from: Sequence[MaintenanceWindow] = (),
    ) -> Message:
        """`reply_by` is a day in words, and `moved_from` are the windows that the recipients were told about before."""
        window = maintenance.window
        contents = self._text.filled(
            {
                "org": plain_text(org.name),
                **_words(maintenance.words),
                "region": plain_text(maintenance.region_name),
                "date": window.date_in_words,
                "times": window.times_in_words,
                "highly_available": [_instance(i, window) for i in org.instances if i.is_highly_available],
                "not_highly_available": [_instance(i, window) for i in org.instances if not i.is_highly_available],
                "updates": [_update(update, window) for update in org.updates],
                "status_page_url": self._wording.status_page_url or "",
                "support_contact": self._wording.support_contact or "",
                "reply_by": reply_by,
                "alternative": _slot(maintenance.alternative),
                "is_correction": is_correction,
                "moved_from": _slots(moved_from),
            }
        )
        return Message(contents, _subject(window, maintenance.region_name))


@dataclass(frozen=True)
class MailWriter:
    """Writes the mails of one maintenance, with the same words in a preview, in a file and for the recipient."""

    template: MessageTemplate
    maintenance: Maintenance
    reply_by: str
    """The last day for objections, in words, such as `Monday 15 June 2026`."""
    _written: dict[tuple[int, Kind, tuple[MaintenanceKey, ...]], tuple[AffectedOrg, Message]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """By the org's identity, which is kept with it. All its managers get the same, and a run plans several times."""

    def message(
        self, org: AffectedOrg, kind: Kind = Kind.ANNOUNCEMENT, replaced: Sequence[MaintenanceKey] = ()
    ) -> Message:
        """If the kind is `moved`, `replaced` are the windows that the recipients were told about before."""
        which = id(org), kind, tuple(replaced)
        if which not in self._written:
            self._written[which] = org, self._message(org, kind, replaced)
        return self._written[which][1]

    def _message(self, org: AffectedOrg, kind: Kind, replaced: Sequence[MaintenanceKey]) -> Message:
        return self.template.message(
            org,
            self.maintenance,
            self.reply_by,
            is_correction=kind is Kind.CORRECTION,
            moved_from=[window_of_key(key.window_key, self.maintenance.window.zone) for key in replaced],
        )

    @property
    def writers(self) -> Writers:
        withdrawals = Withdrawals(self.maintenance)
        return Writers(
            to_recipient=lambda recipient, kind, replaced: self.message(recipient.org, kind, replaced),
            not_told_any_more=withdrawals.not_told_any_more,
            cancelled=withdrawals.cancelled,
        )


class Withdrawals:
    """Writes the mails that take back an earlier mail. That mail is all they need; they need no survey."""

    def __init__(self, maintenance: Maintenance) -> None:
        self._region_name = maintenance.region_name
        self._zone = maintenance.window.zone
        self._words = maintenance.words

    @cached_property
    def _text(self) -> TextTemplate:
        """Few runs take a mail back, so it is compiled by those that do."""
        return TextTemplate(_WITHDRAWAL_TEMPLATE)

    def not_told_any_more(self, record: MailRecord, standing: Standing) -> Message:
        return self.message(record.key.window_key, record.org_name, standing)

    def cancelled(self, record: MailRecord) -> Message:
        return self.message(record.key.window_key, record.org_name)

    def message(self, window_key: str, org_name: str, standing: Standing | None = None) -> Message:
        """Without a standing, the window is cancelled."""
        window = window_of_key(window_key, self._zone)
        contents = self._text.filled(
            {
                "org": plain_text(org_name),
                **_words(self._words),
                "region": plain_text(self._region_name),
                "date": window.date_in_words,
                "times": window.times_in_words,
                "standing": standing or "cancelled",
            }
        )
        return Message(contents, _subject(window, self._region_name))


def mail_writer(maintenance: Maintenance, wording: Wording, working_days: WorkingDays, now: datetime) -> MailWriter:
    """Raises ConfigurationError if the window has begun, or if the template cannot be used."""
    refuse_past(maintenance.window, now)
    if maintenance.alternative is not None:
        refuse_past(maintenance.alternative, now, ALTERNATIVE_DATE_FLAG)
    today = now.astimezone(maintenance.window.starts_at.tzinfo).date()
    return MailWriter(MessageTemplate(wording), maintenance, reply_by(maintenance.window, today, working_days))


def _subject(window: MaintenanceWindow, region_name: str) -> str:
    return f"{window.date_in_words} ({region_name})"


def _words(words: Words) -> dict[str, object]:
    is_cloudfoundry = words == Words()
    return {
        "org_word": plain_text(words.org),
        "space_word": plain_text(words.space),
        "is_cloudfoundry": is_cloudfoundry,
    }


def _slot(window: MaintenanceWindow | None) -> dict[str, str] | None:
    return {"date": window.date_in_words, "times": window.times_in_words} if window else None


def _slots(windows: Sequence[MaintenanceWindow]) -> dict[str, str] | None:
    """One slot, or several that read as one: on `16 June between 09:00 and 11:00 and on 17 June` between its times."""
    if not windows:
        return None
    *others, last = windows
    dates = [f"{window.date_in_words} between {window.times_in_words}" for window in others]
    return {"date": " and on ".join([*dates, last.date_in_words]), "times": last.times_in_words}


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
