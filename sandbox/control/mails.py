"""GOV.UK Notify: the mails that it has accepted, and its limits."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated

import msgspec

from sandbox.control.asked import body, given, query, segments
from sandbox.inbox import inbox, one_mail
from sandbox.notify.api import Notify
from sandbox.notify.mails import Mails
from sandbox.wire import Reply, Request, json_reply


class MailStatus(msgspec.Struct, forbid_unknown_fields=True):
    status: str


class NotifyChanges(msgspec.Struct, forbid_unknown_fields=True):
    rate_limit: Annotated[int, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    daily_limit: Annotated[int, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    delivery_seconds: Annotated[float, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    lag_seconds: Annotated[float, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    allowed_recipients: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    outcomes: dict[str, str] | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True)
class MailsPart:
    HELP = """
    GET    /mails                      what Notify accepted, oldest first, and its HTML; ?to= and ?reference= filter
    DELETE /mails                      forget them
    PUT    /mails/ID                   {"status": "permanent-failure"}: from now on, whatever became of it so far
    GET    /notify                     its limits, seconds and chosen outcomes, and how many mails it has accepted today
    PATCH  /notify                     {"rate_limit": 60, "daily_limit": 100, "delivery_seconds": 2, "lag_seconds": 5,
                                       "allowed_recipients": [ADDRESS], "outcomes": {ADDRESS: "temporary-failure"}}
    DELETE /notify/usage               nothing was sent today, and the rate limit is as if nobody had sent for long
    GET    /inbox                      the mails for people, in a browser; ?to= filters
"""

    notify: Notify

    def answer(self, request: Request) -> Reply | None:
        return self._mails(request) or self._notify(request)

    def _mails(self, request: Request) -> Reply | None:
        mails = self.notify.mails
        match request.method, segments(request):
            case "GET", ["mails"]:
                return json_reply({"mails": _mails(mails, query(request))})
            case "DELETE", ["mails"]:
                mails.clear()
                return json_reply({})
            case "PUT", ["mails", mail_id]:
                mails.settle(mail_id, body(request, MailStatus).status)
                return json_reply({})
            case "GET", ["inbox"]:
                return inbox(mails, request)
            case "GET", ["inbox", mail_id]:
                return one_mail(mails, mail_id)
        return None

    def _notify(self, request: Request) -> Reply | None:
        match request.method, segments(request):
            case "GET", ["notify"]:
                return json_reply({**asdict(self.notify.settings), "sent_today": self.notify.sent_today()})
            case "PATCH", ["notify"]:
                self.notify.change(**given(request, NotifyChanges))
                return json_reply(self.notify.settings)
            case "DELETE", ["notify", "usage"]:
                self.notify.limits.forget()
                return json_reply({})
        return None


def _mails(mails: Mails, wanted: Mapping[str, str]) -> list[dict[str, object]]:
    return [
        mail.document()
        for mail in mails
        if wanted.get("to", mail.email_address).lower() == mail.email_address
        and wanted.get("reference", mail.reference) == mail.reference
    ]
