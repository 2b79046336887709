"""Writes the mails of one maintenance: the same words for a preview, for a file, and for the recipient."""

from dataclasses import dataclass

from notifier.affected import AffectedOrg
from notifier.mailing import Occasion
from notifier.message import Circumstances, Message, MessageTemplate
from notifier.recipients import Recipient
from notifier.region_choice import RegionChoice


@dataclass(frozen=True)
class Writing:
    choice: RegionChoice
    circumstances: Circumstances
    template: MessageTemplate

    @property
    def occasion(self) -> Occasion:
        return Occasion(self.circumstances.window.key, self.choice.aws_region)

    def message(self, org: AffectedOrg, *, is_correction: bool) -> Message:
        return self.template.message(org, self.circumstances, is_correction=is_correction)

    def written(self, recipient: Recipient, is_correction: bool) -> Message:  # noqa: FBT001 — as `mailing` calls it
        return self.message(recipient.org, is_correction=is_correction)
