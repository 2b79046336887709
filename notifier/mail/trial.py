"""Sends one mail to the operator, without the ledger, because sending it twice harms nobody."""

from fleet.errors import RemoteError
from notifier.mail.message import Message
from notifier.mail.notify import Notify
from notifier.mail.notify_answers import SEND, SYSTEM, Accepted, NotReached, RateLimited, Rejected, Unclear
from notifier.mail.notify_settings import NotifySettings


def send_trial(settings: NotifySettings, address: str, message: Message) -> Accepted | Rejected:
    """Raises RemoteError if Notify neither accepts nor rejects the mail."""
    answer = Notify(settings).send(address, message, f"elasticache-preview-{message.digest[:40]}")
    match answer:
        case Accepted() | Rejected():
            return answer
        case RateLimited():
            raise RemoteError(SYSTEM, SEND, "too many mails in this minute; try again in a minute")
        case NotReached(cause):
            raise RemoteError(SYSTEM, SEND, cause)
        case Unclear(cause):
            raise RemoteError(SYSTEM, SEND, f"{cause}; it may have been sent or not: look into the inbox")
