"""The service's templates and reply-to addresses."""

from dataclasses import dataclass
from typing import Final

from sandbox.notify import rendering
from sandbox.notify.personalisation import Values, as_bullets, as_sentence, filled, placeholders

CREATED_AT: Final = "2019-11-06T10:12:44.000000Z"
REPLY_TO: Final = {"76d63d5f-e140-6a37-92ae-fc0d0d136f6f": "platform-support@example.org"}


@dataclass(frozen=True, slots=True)
class Template:
    id: str
    name: str
    subject: str
    body: str
    version: int = 1

    @property
    def placeholders(self) -> list[str]:
        return list(dict.fromkeys([*placeholders(self.subject), *placeholders(self.body)]))

    def filled_subject(self, values: Values) -> str:
        return " ".join(filled(self.subject, values, as_sentence).split())

    def filled_body(self, values: Values) -> str:
        """Markdown still, as Notify gives it back."""
        return filled(self.body, values, as_bullets).strip()

    def document(self) -> dict[str, object]:
        return {
            "id": self.id,
            "name": self.name,
            "type": "email",
            "created_at": CREATED_AT,
            "updated_at": None,
            "created_by": "platform@example.org",
            "version": self.version,
            "body": self.body,
            "subject": self.subject,
            "letter_contact_block": None,
            "personalisation": {name: {"required": True} for name in self.placeholders},
            "postage": None,
        }

    def preview(self, values: Values) -> dict[str, object]:
        subject, body = self.filled_subject(values), self.filled_body(values)
        return {
            "id": self.id,
            "type": "email",
            "version": self.version,
            "body": body,
            "html": rendering.page(subject, body),
            "subject": subject,
            "postage": None,
        }


MAINTENANCE: Final = Template(
    id="9d0f232b-187c-49b1-8cd1-91e83e347f68",
    name="Redis maintenance window",
    subject="Redis maintenance on ((maintenance_window_date))",
    body="((contents))",
)
TEMPLATES: Final = {template.id: template for template in [MAINTENANCE]}
