"""How fast GOV.UK Notify takes mails, and how long it works on one. Loads nothing, because options show both."""

NOTIFY_PER_MINUTE = 3000
DEFAULT_SETTLE_SECONDS = 30.0
"""Longer than Notify works on one request: a mail that it does not list after that, it has not accepted."""
REQUESTS_SIDE_BY_SIDE = 20
"""Of one program. With fewer, how soon Notify answers would decide, and not its limit."""
