"""How it stands with what a mail named, once the person who got it is told of it no longer. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from ledger.mail_record import UNKNOWN_INSTANCE, MailRecord


class Standing(StrEnum):
    NOTHING_WAITS = "nothing-waits"
    LEFT_ALONE = "left-alone"
    """Updates wait, but the window leaves them alone."""
    MAY_BE_UPDATED = "may-be-updated"
    """Updates wait, and somebody else is to be told of them, or nobody: they may be updated in the window."""
    SOME_MAY_BE_UPDATED = "some-may-be-updated"
    """So it is with some of them, and the others are not updated in the window."""


@dataclass(frozen=True)
class Waiting:
    """Today's instances, whoever is told of them."""

    instance_guids: Collection[str] = ()
    """Those on which any update waits."""
    in_the_window: Collection[str] = ()
    """Of these, those that the window does not leave alone."""

    def standing(self, mail: MailRecord) -> Standing:
        """Cautious where it is not known what a mail has named."""
        named = set(mail.instance_guids)
        if UNKNOWN_INSTANCE in named or named <= set(self.in_the_window):
            return Standing.MAY_BE_UPDATED
        if not named.isdisjoint(self.in_the_window):
            return Standing.SOME_MAY_BE_UPDATED
        return Standing.NOTHING_WAITS if named.isdisjoint(self.instance_guids) else Standing.LEFT_ALONE
