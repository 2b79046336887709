"""
Finds mails that Notify has and this ledger does not know, because another ledger was used or this one was lost.

A mail's reference is the same for every operator and every ledger, so Notify can be asked whether it has the mail.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import click

from fleet.errors import ConfigurationError
from ledger.correspondence import Whom
from ledger.ledger import Ledger
from ledger.mail_claims import MailClaims
from ledger.mail_record import Intent, Kind, MailKey, State
from notifier.mail.looking_up import found_at_notify
from notifier.mail.message import Message
from notifier.mail.named import Draft, named
from notifier.mail.notify import Notification, Notify
from notifier.mail.notify_settings import NotifySettings
from notifier.mail.possible_mails import Addressee, a_few
from notifier.mail.states_at_notify import StatesAtNotify
from notifier.maintenance import Maintenance

Drafts = Callable[[Addressee, str], Iterable[Draft]]
"""The mails that somebody could have got, as we would write them today, among them that with this body."""


@dataclass(frozen=True)
class Adoption:
    """Compares one window's mails at Notify with those in the ledger. Methods raise RemoteError and LedgerError."""

    ledger: Ledger
    settings: NotifySettings
    maintenance: Maintenance
    command: str
    """The command that asks, such as `email`."""

    def refuse_foreign_mails(self, everybody: Sequence[Addressee], are_due: Collection[Whom]) -> None:
        """
        Asks Notify for a few of the mails of every kind that these people could have got with another ledger.

        Raises ConfigurationError if it has one that the ledger does not know. The ledger is read again for this: a
        colleague may have just sent the mail with the same ledger.
        """
        keys = [key for addressee in a_few(everybody, are_due) for key in addressee.unknown]
        found = [key.reference for key, _ in found_at_notify(self.notify, keys)]
        if not found:
            return
        known = {
            record.reference
            for record in self.ledger.records_of_region(self.maintenance.aws_region)
            if record.state in (State.SENDING, State.SENT)
        }
        if not known.issuperset(found):
            raise ConfigurationError(
                f"{self.command}: Notify has mails about this window that this ledger does not know: use the team's"
                " ledger (LEDGER_URL), or --adopt-sent"
            )

    def adopt_sent(self, everybody: Sequence[Addressee], drafts: Drafts, operator: str) -> int:
        """
        Asks Notify for every mail that these people could have got about the window, and records those that it has.

        If they say that the window was called off, or that it takes another's place, records that too. Answers how many
        mails were recorded.
        """
        count = 0
        with self.ledger.run(f"{self.command} --adopt-sent", operator) as run:
            claims = MailClaims(self.ledger, run, self.settings.key_fingerprint)
            states = StatesAtNotify(self.ledger, self.notify, self.maintenance, self.command, operator)
            states.look_for_later_window(everybody)  # first: a window that was moved has mails that call it off, too
            for addressee, key, notification in self._found(everybody):
                about = named(notification.body, _of_kind(drafts(addressee, notification.body), key), key.kind)
                states.learn(addressee, key, notification)
                count += claims.adopt(
                    Intent(
                        replace(key, kind=about.kind),
                        addressee.org_name,
                        about.instance_guids,
                        Message(notification.body, "").digest,
                        about.update_names,
                        about.replaced_windows,
                    ),
                    notification.id,
                    notification.status,
                    notification.created_at,
                )
        if count:
            mails = "1 mail" if count == 1 else f"{count} mails"
            click.echo(f"recorded from Notify, about {self.maintenance.in_words}: {mails}", err=True)
        return count

    def _found(self, everybody: Sequence[Addressee]) -> Iterator[tuple[Addressee, MailKey, Notification]]:
        """Looks for one more revision wherever there is one."""
        whose = {key: addressee for addressee in everybody for key in addressee.unknown}
        asked = set(whose)
        while whose:
            following: dict[MailKey, Addressee] = {}
            for key, notification in found_at_notify(self.notify, list(whose)):
                yield whose[key], key, notification
                after = whose[key].after(key)
                if after is not None and after not in asked:
                    following[after] = whose[key]
            whose = following
            asked |= set(following)

    @cached_property
    def notify(self) -> Notify:
        return Notify(self.settings)


def _of_kind(drafts: Iterable[Draft], key: MailKey) -> list[Draft]:
    """Those that the mail can be, and the longer first: a correction holds all the words of an announcement."""
    if key.kind is Kind.CORRECTION:
        return sorted(
            (draft for draft in drafts if draft.kind in (Kind.CORRECTION, Kind.ANNOUNCEMENT)),
            key=lambda draft: draft.kind is Kind.ANNOUNCEMENT,
        )
    return [draft for draft in drafts if draft.kind is key.kind]
