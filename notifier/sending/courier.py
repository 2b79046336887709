"""
Carries one mail one step further: the protocol by which each is sent exactly once.

The intent is on the ledger's disk before Notify is called. Where the call has no clear answer, or the run that made it
died, the mail may have been sent: then its reference is looked up, again after a while because Notify may still be at
work on it, and only what Notify does not have is sent again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from notifier.ledger.ledger import Ledger
from notifier.ledger.mail_record import MailRecord, State
from notifier.ledger.run import Claimed, Run
from notifier.message import Message
from notifier.notify import RETENTION_DAYS, Notification, Notify
from notifier.notify_answers import (
    Accepted,
    Answer,
    NotifyRefusedError,
    NotifyUnavailableError,
    NotReached,
    RateLimited,
    Unclear,
)
from notifier.notify_answers import Refused as RefusedByNotify
from notifier.sending.errand import Again, Errand, Failed, Outcome, Refused, Sent, SentBefore, Stage
from notifier.sending.health import Health
from notifier.sending.pace import Pace

log = logging.getLogger(__name__)

DEFAULT_SETTLE_SECONDS = 30.0
"""Longer than Notify works on one request: after that, what it does not list it has not accepted."""
_ANSWERED_SETTLE_SECONDS = 2.0
_MOST_TRIES = 8
_MOST_FAILED_LOOKS = 8
_LONGEST_BACK_OFF_SECONDS = 15.0
_WATCH_SECONDS = 0.5


@dataclass(frozen=True)
class Courier:
    """Safe to share between workers."""

    ledger: Ledger
    run: Run
    notify: Notify
    pace: Pace
    health: Health
    pause: Callable[[float], bool]
    """Waits; False where the run was stopped meanwhile."""
    settle_seconds: float = DEFAULT_SETTLE_SECONDS
    resend_unlisted: bool = False
    """Send again what an earlier run may have sent with a key whose mails this one cannot see."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def step(self, errand: Errand) -> Outcome | Again:
        """Raises NotifyRefusedError where no mail can be sent any more, and LedgerError or RemoteError."""
        if errand.stage is Stage.TO_LOOK_UP:
            return self._look_up(errand)
        if errand.stage is Stage.TO_WATCH or errand.message is None:
            return self._begun_before(errand, self.ledger.record(errand.intent.key))
        if not self._has_turn():
            return Again(errand, 0.0)
        claim = self.run.claim(errand.intent)
        if isinstance(claim, Claimed):
            return self._send(errand, errand.message)
        return self._begun_before(errand, claim.record)

    def look_up_once(self, errand: Errand) -> Sent | None:
        """For the end of a run: nothing is sent any more. Raises RemoteError."""
        found = self.notify.find(errand.intent.key.reference)
        return self._found(errand, found) if found is not None else None

    def _has_turn(self) -> bool:
        """Once it is our turn to send; False where the run was stopped before."""
        while wait_seconds := self.pace.seconds_to_wait():
            if not self.pause(wait_seconds):
                return False
        return True

    def _begun_before(self, errand: Errand, record: MailRecord) -> Outcome | Again:
        if record.state is State.SENT:
            return SentBefore(errand, record)
        if record.state is not State.SENDING:
            if errand.message is None:
                return Failed(errand, record.problem or "not sent, and not wanted any more")
            return Again(replace(errand, stage=Stage.TO_CLAIM), 0.0)
        if not self.run.take_over(record):
            return Again(replace(errand, stage=Stage.TO_WATCH), _WATCH_SECONDS)
        is_listed = (
            record.key_fingerprint == self.notify.settings.key_fingerprint
            and self.now() - record.attempted_at < timedelta(days=RETENTION_DAYS)
        )
        unclear = errand.to_look_up("an earlier run ended before it knew", record.attempted_at, self.settle_seconds)
        return Again(replace(unclear, is_listed_for_us=is_listed), 0.0)

    def _send(self, errand: Errand, message: Message) -> Outcome | Again:
        """Ours, with its intent recorded."""
        key = errand.intent.key
        attempted_at = self.now()
        try:
            answer = self.notify.send(key.address, message, key.reference)
        except NotifyRefusedError:
            self.run.release(key)
            raise
        return self._after(answer, errand, attempted_at)

    def _after(self, answer: Answer, errand: Errand, attempted_at: datetime) -> Outcome | Again:
        key = errand.intent.key
        match answer:
            case Accepted(notification_id):
                self.run.record_sent(key, notification_id)
                self.pace.went_well()
                self.health.answered()
                log.debug("mail sent", extra={"reference": key.reference, "notification_id": notification_id})
                return Sent(errand, notification_id)
            case RefusedByNotify(reason):
                self.run.record_refused(key, reason)
                self.health.answered()
                return Refused(errand, reason)
            case RateLimited():
                self.run.release(key)
                self.pace.slow_down()
                log.info("rate limited")
                self.health.answered()
                return Again(replace(errand, stage=Stage.TO_CLAIM), 0.0)
            case NotReached(cause):
                self.run.release(key)
                self.health.failed(cause)
                tried = replace(errand, stage=Stage.TO_CLAIM, tries=errand.tries + 1, cause=cause)
                return Failed(tried, cause) if tried.tries >= _MOST_TRIES else Again(tried, _back_off(tried.tries))
            case Unclear(cause, is_answered):
                log.info("outcome of a mail unclear", extra={"reference": key.reference, "cause": cause})
                self.health.failed(cause)
                tried = replace(errand, tries=errand.tries + 1)
                settles = max(_ANSWERED_SETTLE_SECONDS, _back_off(tried.tries)) if is_answered else self.settle_seconds
                return Again(tried.to_look_up(cause, attempted_at, min(settles, self.settle_seconds)), 0.1)

    def _look_up(self, errand: Errand) -> Outcome | Again:
        """Ours, and possibly sent."""
        try:
            found = self.notify.find(errand.intent.key.reference)
        except NotifyUnavailableError as error:
            self.health.failed(error.cause)
            looked = replace(errand, looks=errand.looks + 1)
            if looked.looks >= _MOST_FAILED_LOOKS:
                self.run.abandon(errand.intent.key)
                return Failed(looked, f"it is not known whether it was sent ({errand.cause}; {error.cause})")
            return Again(looked, _back_off(looked.looks))
        self.health.answered()
        if found is not None:
            return self._found(errand, found)
        return self._not_found(replace(errand, looks=0))

    def _found(self, errand: Errand, found: Notification) -> Sent:
        """Sent, whatever became of it afterwards: a mail that could not be delivered is not sent again silently."""
        key = errand.intent.key
        log.info("mail found at Notify", extra={"reference": key.reference, "notification_id": found.id})
        self.run.record_sent(key, found.id, found.status)
        return Sent(errand, found.id, found.status)

    def _not_found(self, errand: Errand) -> Outcome | Again:
        assert errand.attempted_at is not None  # noqa: S101 — so it came to be looked up
        wait_seconds = errand.settles_after_seconds - (self.now() - errand.attempted_at).total_seconds()
        if wait_seconds > 0:
            return Again(errand, min(wait_seconds, max(0.5, errand.settles_after_seconds / 4)))
        if not errand.is_listed_for_us and not self.resend_unlisted:
            self.run.abandon(errand.intent.key)
            return Failed(
                errand,
                "an earlier run may have sent it with another key or long ago, which Notify does not show for this key;"
                " use the earlier key, or --resend-unlisted",
            )
        if errand.message is None or errand.tries >= _MOST_TRIES:
            self.run.release(errand.intent.key)
            return Failed(errand, errand.cause)
        if not self._has_turn():
            return Again(errand, 0.0)
        if not self.run.record_attempt(errand.intent):
            return Again(replace(errand, stage=Stage.TO_WATCH), 0.0)
        return self._send(errand, errand.message)


def _back_off(tries: int) -> float:
    return min(_LONGEST_BACK_OFF_SECONDS, 0.25 * 2.0**tries)
