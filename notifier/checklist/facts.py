"""What a checklist is made of: the ledger's facts about a window, and a survey. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from fleet.inventory import ServiceInstance
from fleet.survey import Survey
from ledger.deferral import Deferral
from ledger.incident_record import IncidentRecord
from ledger.mail_record import MailRecord
from ledger.telling import Telling
from ledger.update_record import UpdateRecord
from ledger.who_was_told import Told
from ledger.window_record import WindowRecord, WindowState
from notifier.deferrals import counting
from notifier.maintenance import Maintenance


@dataclass(frozen=True)
class Facts:
    maintenance: Maintenance
    now: datetime
    window: WindowRecord | None = None
    """None where the ledger does not know it."""
    called_off: str | None = None
    """A sentence that says so, where it was moved or cancelled."""
    warnings: Sequence[str] = ()
    """What is unwise about the window."""
    mails: Sequence[MailRecord] = ()
    told: Told = field(default_factory=Told)
    tellings: Sequence[Telling] = ()
    """Another way than by mail."""
    incident: IncidentRecord | None = None
    deferrals: Sequence[Deferral] = ()
    """All of the region."""
    updates: Sequence[UpdateRecord] = ()
    operators: Mapping[int, str] = field(default_factory=dict)
    """By run: who began it."""
    began_at: Mapping[int, datetime] = field(default_factory=dict)
    """By run: when."""
    living_runs: frozenset[int] = frozenset()
    survey: Survey | None = None
    """None where it could not be had: then this is the ledger's half."""

    @property
    def has_begun(self) -> bool:
        return self.maintenance.window.starts_at <= self.now

    @property
    def is_over(self) -> bool:
        return self.maintenance.window.ends_at <= self.now

    @property
    def is_cancelled(self) -> bool:
        return self.window is not None and self.window.state is WindowState.CANCELLED

    @property
    def is_called_off(self) -> bool:
        return self.window is not None and self.window.state is not WindowState.KNOWN

    @cached_property
    def deferred(self) -> Mapping[str, Deferral]:
        """By instance, the deferral for which the window leaves it alone."""
        if self.survey is None:
            return {}
        return counting(self.deferrals, self.survey.service_instances, self.maintenance.window)

    @cached_property
    def org_names(self) -> Mapping[str, str]:
        """By guid, as they are called now, or were called when a mail was sent."""
        names = {record.key.org_guid: record.org_name for record in self.mails}
        instances = self.survey.service_instances if self.survey else ()
        return names | {instance.org_guid: instance.org_name for instance in instances}

    @property
    def org_word(self) -> str:
        """What the platform calls an org, as its operators say it."""
        return self.maintenance.words.org_in_short

    def org_name(self, guid: str) -> str:
        return self.org_names.get(guid, guid)


def long_name(instance: ServiceInstance) -> str:
    """Without a space where there is none."""
    return "/".join((instance.org_name, *filter(None, [instance.space_name]), instance.name))
