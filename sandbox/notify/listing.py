"""`GET /v2/notifications`: which mails, in pages of 250, newest first."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import dropwhile, islice
from urllib.parse import parse_qs, urlencode

from sandbox.notify.errors import invalid
from sandbox.notify.form import is_uuid
from sandbox.notify.mails import FAILURES, STATUSES, Mail
from sandbox.wire import Request

PAGE_SIZE = 250
PARAMETERS = frozenset({"reference", "status", "template_type", "older_than", "include_jobs"})
TEMPLATE_TYPES = ("sms", "email", "letter")
OTHER_STATUSES = (
    "accepted",
    "cancelled",
    "failed",
    "pending",
    "pending-virus-check",
    "received",
    "returned-letter",
    "sent",
    "validation-failed",
    "virus-scan-failed",
)


def page(mails: Iterable[Mail], request: Request) -> dict[str, object]:
    """`mails` are oldest first. The next page is linked from every page that is not empty, even from the last."""
    asked = _checked(parse_qs(request.query, keep_blank_values=True))
    newest_first: Iterable[Mail] = reversed(list(mails))
    if "older_than" in asked:
        marker = asked["older_than"][0].lower()
        newest_first = islice(dropwhile(lambda mail: mail.id != marker, newest_first), 1, None)
    found = list(islice((mail for mail in newest_first if _is_wanted(mail, asked)), PAGE_SIZE))
    base = f"{request.origin}/v2/notifications"
    links = {"current": _link(base, asked)}
    if found:
        links["next"] = _link(base, {**asked, "older_than": [found[-1].id]})
    return {"notifications": [notification(mail, request.origin) for mail in found], "links": links}


def notification(mail: Mail, origin: str) -> dict[str, object]:
    template = mail.template
    is_sent = mail.status != "created"
    is_settled = is_sent and mail.status != "sending"
    return {
        "id": mail.id,
        "reference": mail.reference,
        "email_address": mail.email_address,
        "phone_number": None,
        **{f"line_{number}": None for number in range(1, 8)},
        "postage": None,
        "type": "email",
        "status": mail.status,
        "template": {
            "version": template.version,
            "id": template.id,
            "uri": f"{origin}/v2/template/{template.id}/version/{template.version}",
        },
        "body": mail.body,
        "subject": mail.subject,
        "created_at": _time(mail.created_at),
        "created_by_name": None,
        "sent_at": _time(mail.sending_at) if is_sent else None,
        "completed_at": _time(mail.settled_at) if is_settled else None,
        "scheduled_for": None,
        "one_click_unsubscribe_url": mail.one_click_unsubscribe_url,
        "is_cost_data_ready": True,
        "cost_in_pounds": 0.0,
        "cost_details": {},
    }


def _checked(asked: dict[str, list[str]]) -> dict[str, list[str]]:
    problems = []
    if unexpected := sorted(asked.keys() - PARAMETERS):
        verb = "was" if len(unexpected) == 1 else "were"
        problems.append(f"Additional properties are not allowed ({', '.join(unexpected)} {verb} unexpected)")
    for name, known in {"status": (*STATUSES, *OTHER_STATUSES), "template_type": TEMPLATE_TYPES}.items():
        wrong = [value for value in asked.get(name, ()) if value not in known]
        problems += [f"{name} {value} is not one of [{', '.join(sorted(known))}]" for value in wrong]
    if not all(is_uuid(value) for value in asked.get("older_than", ())[:1]):
        problems.append("older_than is not a valid UUID")
    if problems:
        raise invalid(*problems)
    return asked


def _is_wanted(mail: Mail, asked: dict[str, list[str]]) -> bool:
    statuses = {*asked.get("status", ())}
    if "failed" in statuses:
        statuses |= {*FAILURES}
    return (
        (not statuses or mail.status in statuses)
        and ("reference" not in asked or mail.reference == asked["reference"][0])
        and ("template_type" not in asked or "email" in asked["template_type"])
    )


def _link(base: str, asked: dict[str, list[str]]) -> str:
    return f"{base}?{urlencode(asked, doseq=True)}" if asked else base


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
