"""Plans the mails of a window, after asking Notify for mails that this ledger does not know."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from fleet.errors import ConfigurationError
from ledger.correspondence import Whom
from ledger.ledger import Ledger
from ledger.mail_record import Kind
from ledger.maintenance_key import MaintenanceKey
from ledger.window_facts import window_facts
from notifier.audience import Audience
from notifier.mail.adoption import Adoption, Drafts
from notifier.mail.cancelling import called_off, cancellable
from notifier.mail.holdings import replaced_by
from notifier.mail.named import Draft
from notifier.mail.notify_settings import NotifySettings
from notifier.mail.plan import MailPlan
from notifier.mail.planning import Planned
from notifier.mail.possible_mails import Addressee, addressees
from notifier.mail.standing import Standing
from notifier.mail.windows_named import windows_named
from notifier.mail.writer import MailWriter, Withdrawals
from notifier.maintenance import Maintenance, record_where_from
from notifier.window import window_of_key


@dataclass(frozen=True)
class Asking:
    settings: NotifySettings
    operator: str
    adopts_sent: bool
    """Record what Notify has, instead of refusing to go on."""
    on_adopted: Callable[[], None]
    """Called for each mail that was recorded, once it is clear that the command goes on."""


def planned_after_asking(
    ledger: Ledger, audience: Audience, writer: MailWriter, planning: Callable[[], Planned], asking: Asking
) -> Planned:
    """`planning` plans from what the ledger holds now. Raises ConfigurationError and RemoteError."""
    email = _Email(ledger, audience, writer, asking)
    adopted = email.adopted() if asking.adopts_sent else 0
    replaces = writer.maintenance.replaces
    if replaces is not None and not asking.adopts_sent and not email.is_known(replaces.key):
        email.refuse_foreign_mails(None)  # it would be refused as a window of which nobody was told
    plan = planning()
    if not asking.adopts_sent and plan.plan.to_send_count:
        email.refuse_foreign_mails(plan)
    for _ in range(adopted):
        asking.on_adopted()
    return plan


def record_announced(
    ledger: Ledger, maintenance: Maintenance, operator: str, planning: Callable[[], Planned], audience: Audience
) -> None:
    """
    Records that the window is announced, to whom, and which other it replaces. Call it right before the first mail.

    Raises ConfigurationError if a colleague has moved or cancelled one of them while the operator was asked, or has
    told orgs from elsewhere.
    """
    plan = planning()
    ledger.record_window(maintenance.key, maintenance.window.time_zone, "email", operator)
    if audience.tenants is not None:
        record_where_from(ledger, maintenance.key, audience.tenants)
    for earlier in plan.moved_here:
        if not ledger.record_moved(earlier, maintenance.key):
            planning()
            raise ConfigurationError(
                "a colleague has moved or cancelled one of the windows; run the same command again"
            )


def cancellation(ledger: Ledger, maintenance: Maintenance, asking: Asking | None = None) -> MailPlan:
    """Asks nobody if `asking` is None. Raises ConfigurationError unless the maintenance can be cancelled."""
    cancellable(ledger, maintenance)
    if asking is None:
        return called_off(ledger, maintenance)
    if asking.adopts_sent:
        adopted = sum(
            adoption.adopt_sent(_known_to(adoption), lambda *_: (), asking.operator)
            for adoption in _adoptions(ledger, asking, maintenance, "cancel")
        )
        cancellable(ledger, maintenance)
        for _ in range(adopted):
            asking.on_adopted()
    plan = called_off(ledger, maintenance)
    if not asking.adopts_sent and plan.to_send_count:
        for adoption in _adoptions(ledger, asking, maintenance, "cancel"):
            adoption.refuse_foreign_mails(_known_to(adoption), _due(plan))
    return plan


def cancelled(ledger: Ledger, maintenance: Maintenance) -> MailPlan:
    """
    Records that the window does not take place, and plans anew: from now on no run can send a mail that announces it.

    Raises ConfigurationError if a colleague has moved it meanwhile.
    """
    if not ledger.record_cancelled(maintenance.key):
        cancellable(ledger, maintenance)
    return cancellation(ledger, maintenance)


@dataclass(frozen=True)
class _Email:
    ledger: Ledger
    audience: Audience
    writer: MailWriter
    asking: Asking

    def adopted(self) -> int:
        """How many mails were recorded. This window goes first, because its mails say what became of the earlier."""
        return sum(
            adoption.adopt_sent(self._everybody(adoption), self._drafts(adoption), self.asking.operator)
            for adoption in self._adoptions()
        )

    def refuse_foreign_mails(self, plan: Planned | None) -> None:
        """Without a plan, everybody counts as due for a mail."""
        for adoption in self._adoptions():
            everybody = self._everybody(adoption)
            are_due = _due(plan.plan) if plan else {addressee.whom for addressee in everybody}
            adoption.refuse_foreign_mails(everybody, are_due)

    def is_known(self, window_key: str) -> bool:
        return any(w.key.window_key == window_key for w in self.ledger.windows(self.writer.maintenance.aws_region))

    def _adoptions(self) -> Iterator[Adoption]:
        return _adoptions(self.ledger, self.asking, self.writer.maintenance, "email")

    def _everybody(self, adoption: Adoption) -> list[Addressee]:
        key = adoption.maintenance.key
        facts = window_facts(self.ledger, key)
        left = self.audience.without(facts.deferred(self.audience.instances))
        return addressees(key, facts.mails, left.recipients, self.audience.recipients)

    def _drafts(self, adoption: Adoption) -> Drafts:
        writer = replace(self.writer, maintenance=adoption.maintenance)
        own = adoption.maintenance.window
        withdrawals = Withdrawals(adoption.maintenance)

        def drafts(addressee: Addressee, body: str) -> Iterator[Draft]:
            earlier = _combinations(sorted({*windows_named(body, own.zone)} - {own.key}), adoption.maintenance)
            for org in dict.fromkeys(recipient.org for recipient in addressee.recipients):
                for kind in (Kind.ANNOUNCEMENT, Kind.CORRECTION):
                    yield Draft(kind, org, writer.message(org, kind), writer.reply_by)
                for keys in earlier:
                    yield Draft(Kind.MOVED, org, writer.message(org, Kind.MOVED, keys), writer.reply_by, keys)
            for standing in Standing:
                yield Draft(Kind.CORRECTION, None, withdrawals.message(own.key, addressee.org_name, standing), "")

        return drafts


def _adoptions(ledger: Ledger, asking: Asking, maintenance: Maintenance, command: str) -> Iterator[Adoption]:
    """Of this window, and of those whose place it takes, also of those that become known meanwhile."""
    yield Adoption(ledger, asking.settings, maintenance, command)
    replaces = maintenance.replaces
    named = [MaintenanceKey(replaces.key, maintenance.aws_region)] if replaces is not None else []
    windows = {window.key: window for window in ledger.windows(maintenance.aws_region)}
    for key in (*named, *replaced_by(windows, [maintenance.key, *named])):
        window = window_of_key(key.window_key, maintenance.window.zone)
        earlier = replace(maintenance, window=window, alternative=None, replaces=None)
        yield Adoption(ledger, asking.settings, earlier, command)


def _known_to(adoption: Adoption) -> list[Addressee]:
    """Those whom the ledger names."""
    key = adoption.maintenance.key
    return addressees(key, adoption.ledger.records(key))


def _combinations(window_keys: list[str], maintenance: Maintenance) -> list[tuple[MaintenanceKey, ...]]:
    """What a `moved` mail that names these windows can say has moved: one of them, or all but an alternative."""
    alternative = maintenance.alternative.key if maintenance.alternative is not None else None
    keys = [MaintenanceKey(key, maintenance.aws_region) for key in window_keys if key != alternative]
    return list(dict.fromkeys([*((key,) for key in keys), tuple(keys)])) if keys else []


def _due(plan: MailPlan) -> set[Whom]:
    return {(task.intent.key.org_guid, task.intent.key.address) for task in plan.tasks if task.message is not None}
