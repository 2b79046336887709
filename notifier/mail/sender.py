"""
Takes one mail one step further, in the protocol by which each mail is sent exactly once.

The ledger records on disk that a mail is about to be sent before Notify is called. If Notify gives no clear answer, or
the run dies meanwhile, the mail may have been sent. Then its reference is looked up, more than once, because Notify may
still be working on the request. Only a mail that Notify does not have in the end is sent again.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from fleet.patience import patience
from ledger.ledger import Ledger
from ledger.mail_claims import CalledOff, Claimed, MailClaims, NotClaimed
from ledger.mail_fate import RETENTION_DAYS
from ledger.mail_record import MailRecord, State
from notifier.mail.limits import CircuitBreaker, RateLimiter
from notifier.mail.message import Message
from notifier.mail.notify import Notification, Notify
from notifier.mail.notify_answers import (
    Accepted,
    Answer,
    NotifyRefusedError,
    NotifyUnavailableError,
    NotReached,
    RateLimited,
    Rejected,
    Unclear,
)
from notifier.mail.pace import DEFAULT_SETTLE_SECONDS
from notifier.mail.task import Again, Failed, Outcome, Refused, Sent, SentBefore, Stage, Task
from notifier.mail.waiting import Waiting
from notifier.maintenance import CalledOffError, Maintenance, why_called_off

log = logging.getLogger(__name__)

_MOST_TRIES = 8
_MOST_FAILED_LOOKS = 8
_LONGEST_BACK_OFF_SECONDS = 15.0
_WATCH_SECONDS = 0.5
_SOONEST_LOOK_SECONDS = 0.5
_LOOKS_WHILE_SETTLING = 4


@dataclass(frozen=True)
class Sender:
    """Workers may share it."""

    maintenance: Maintenance
    ledger: Ledger
    claims: MailClaims
    notify: Notify
    rate_limiter: RateLimiter
    circuit_breaker: CircuitBreaker
    waiting: Waiting
    pause: Callable[[float], bool]
    """Waits for so many seconds; False if the run was stopped meanwhile."""
    settle_seconds: float = DEFAULT_SETTLE_SECONDS
    resend_unlisted: bool = False
    """Send again mails that an earlier run may have sent, but that Notify does not show to this run's key."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic

    def step(self, task: Task) -> Outcome | Again:
        """
        Raises NotifyRefusedError or CalledOffError if no mail can be sent any more.

        May also raise LedgerError and RemoteError.
        """
        if task.stage is Stage.TO_LOOK_UP:
            return self._look_up(task)
        if task.stage is Stage.TO_WATCH or task.message is None:
            return self._begun_before(task, self.ledger.record(task.intent.key))
        if not self._has_turn():
            return Again(task, 0.0)
        match self.claims.claim(task.intent):
            case Claimed():
                return self._send(task, task.message)
            case CalledOff(window):
                raise CalledOffError(why_called_off(window, self.maintenance) or "")
            case NotClaimed(record):
                return self._begun_before(task, record)

    def look_up_once(self, task: Task) -> Sent | None:
        """Looks a mail up at the end of a run, when nothing is sent any more. Raises RemoteError."""
        found = self.notify.find(task.intent.key.reference)
        return self._found(task, found) if found is not None else None

    def _has_turn(self) -> bool:
        """Waits until it is our turn to send; False if the run was stopped before."""
        while wait_seconds := self.rate_limiter.seconds_to_wait():
            if not self.pause(wait_seconds):
                return False
        return True

    def _begun_before(self, task: Task, record: MailRecord) -> Outcome | Again:
        if record.state is State.SENT:
            return SentBefore(task, record)
        if record.state is not State.SENDING:
            if task.message is None:
                return Failed(task, record.problem or "not sent, and not wanted any more")
            return Again(replace(task, stage=Stage.TO_CLAIM), 0.0)
        if not self.claims.take_over(record):
            self.waiting.say(record.run_id)
            return Again(replace(task, stage=Stage.TO_WATCH), _WATCH_SECONDS)
        is_listed = (
            record.key_fingerprint == self.notify.settings.key_fingerprint
            and self.now() - record.attempted_at < timedelta(days=RETENTION_DAYS)
        )
        # Only the other run's clock says when it tried. It may be wrong, and the mail may have left long after that.
        unclear = task.to_look_up("an earlier run ended before it knew", self.monotonic(), self.settle_seconds)
        return Again(replace(unclear, is_listed_for_us=is_listed), 0.0)

    def _send(self, task: Task, message: Message) -> Outcome | Again:
        """Sends a mail that this run has claimed, after the ledger has recorded it."""
        key = task.intent.key
        attempted_at = self.monotonic()
        try:
            answer = self.notify.send(key.address, message, key.reference)
        except NotifyRefusedError:
            self.claims.release(key)
            raise
        return self._after(answer, task, attempted_at)

    def _after(self, answer: Answer, task: Task, attempted_at: float) -> Outcome | Again:
        key = task.intent.key
        match answer:
            case Accepted(notification_id):
                self.claims.record_sent(key, notification_id)
                self.rate_limiter.went_well()
                self.circuit_breaker.answered()
                log.debug("mail sent", extra={"reference": key.reference, "notification_id": notification_id})
                return Sent(task, notification_id)
            case Rejected(reason):
                self.claims.record_refused(key, reason)
                self.circuit_breaker.answered()
                return Refused(task, reason)
            case RateLimited():
                self.claims.release(key)
                self.rate_limiter.slow_down()
                log.info("rate limited")
                self.circuit_breaker.answered()
                return Again(replace(task, stage=Stage.TO_CLAIM), 0.0)
            case NotReached(cause):
                self.claims.release(key)
                self.circuit_breaker.failed(cause)
                tried = replace(task, stage=Stage.TO_CLAIM, tries=task.tries + 1, cause=cause)
                return Failed(tried, cause) if tried.tries >= _MOST_TRIES else Again(tried, _back_off(tried.tries))
            case Unclear(cause):
                log.info("outcome of a mail unclear", extra={"reference": key.reference, "cause": cause})
                self.circuit_breaker.failed(cause)
                tried = replace(task, tries=task.tries + 1)
                return Again(tried.to_look_up(cause, attempted_at, self.settle_seconds), 0.1)

    def _look_up(self, task: Task) -> Outcome | Again:
        """Asks Notify for a mail that this run has claimed and that may have been sent."""
        try:
            found = self.notify.find(task.intent.key.reference)
        except NotifyUnavailableError as error:
            self.circuit_breaker.failed(error.cause)
            looked = replace(task, looks=task.looks + 1)
            if looked.looks >= _MOST_FAILED_LOOKS:
                self.claims.abandon(task.intent.key)
                return Failed(looked, f"it is not known whether it was sent ({task.cause}; {error.cause})")
            return Again(looked, _back_off(looked.looks))
        self.circuit_breaker.answered()
        if found is not None:
            return self._found(task, found)
        return self._not_found(replace(task, looks=0))

    def _found(self, task: Task, found: Notification) -> Sent:
        """Records it as sent, even if it could not be delivered: that is reported, and not silently tried again."""
        key = task.intent.key
        log.info("mail found at Notify", extra={"reference": key.reference, "notification_id": found.id})
        self.claims.record_sent(key, found.id, found.status)
        return Sent(task, found.id, found.status)

    def _not_found(self, task: Task) -> Outcome | Again:
        assert task.watched_since is not None  # noqa: S101 — every look-up sets it
        waited_seconds = self.monotonic() - task.watched_since
        if (wait_seconds := task.settles_after_seconds - waited_seconds) > 0:
            self.waiting.say_in_doubt(wait_seconds)
            # First often, because most are listed soon.
            longest = task.settles_after_seconds / _LOOKS_WHILE_SETTLING
            return Again(task, min(wait_seconds, max(_SOONEST_LOOK_SECONDS, min(waited_seconds, longest))))
        if not task.is_listed_for_us and not self.resend_unlisted:
            self.claims.abandon(task.intent.key)
            return Failed(
                task,
                "an earlier run may have sent it with another key or long ago, which Notify does not show for this key;"
                " use the earlier key, or --resend-unlisted",
            )
        if task.message is None or task.tries >= _MOST_TRIES:
            self.claims.release(task.intent.key)
            return Failed(task, task.cause)
        if not self._has_turn():
            return Again(task, 0.0)
        match self.claims.claim_again(task.intent):
            case Claimed():
                return self._send(task, task.message)
            case CalledOff(window):
                raise CalledOffError(why_called_off(window, self.maintenance) or "")
            case None:
                return Again(replace(task, stage=Stage.TO_WATCH), 0.0)


def _back_off(tries: int) -> float:
    return min(_LONGEST_BACK_OFF_SECONDS, 0.25 * 2.0**tries) * patience().pause_factor
