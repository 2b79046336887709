"""GOV.UK Notify's API for e-mail. What is sent is checked in Notify's order: the same refusal comes first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from sandbox.credentials import CF_USERNAME, NOTIFY_KEYS, NOTIFY_SERVICE_ID
from sandbox.notify import addresses, errors, listing
from sandbox.notify.errors import RefusalError, bad_request, forbidden, invalid, not_found, unknown_url
from sandbox.notify.form import Form, email_form, is_uuid, json_object
from sandbox.notify.keys import key_type
from sandbox.notify.limits import Limits
from sandbox.notify.mails import SHARE_BEFORE_SENDING, Mail, Mails, known_status
from sandbox.notify.personalisation import Values, missing
from sandbox.notify.sanitising import sanitised
from sandbox.notify.templates import REPLY_TO, TEMPLATES, Template
from sandbox.wire import Reply, Request, json_reply

JSON = "application/json"
FROM = "platform.support@notifications.service.gov.uk"
LONGEST_BODY = 2_000_000
SIMULATED = {
    "temp-fail@simulator.notify": "temporary-failure",
    "perm-fail@simulator.notify": "permanent-failure",
}
FATEFUL = {
    "perm-fail": "permanent-failure",
    "temp-fail": "temporary-failure",
    "tech-fail": "technical-failure",
}


@dataclass(frozen=True)
class Settings:
    """
    `rate_limit` is of sends a minute for each key type, `daily_limit` of accepted mails. A mail is settled
    `delivery_seconds` after it was accepted, and listed `lag_seconds` after that. `outcomes` are by address.
    """

    rate_limit: int = 3000
    daily_limit: int = 250_000
    delivery_seconds: float = 2.0
    lag_seconds: float = 0.0
    allowed_recipients: tuple[str, ...] = (CF_USERNAME, "guest@example.org")
    outcomes: Mapping[str, str] = field(default_factory=dict)


class Notify:
    """`mails` are those that were accepted; `change` its settings at any time. `clock` answers epoch seconds."""

    name = "notify"

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self.settings = settings
        self.limits = Limits()
        self.mails = Mails(clock)
        self._clock = clock

    def change(self, **settings: object) -> None:
        """As in `change(rate_limit=60, lag_seconds=5)`."""
        changed = replace(self.settings, **settings)  # type: ignore[arg-type]  # as the fields' own types
        for outcome in changed.outcomes.values():
            known_status(outcome)
        self.settings = changed

    def sent_today(self) -> dict[str, int]:
        """Live and team keys are counted together."""
        now = self._clock()
        return {asker: self.limits.sent_today(asker, now) for asker in NOTIFY_KEYS}

    def call(self, request: Request) -> str:
        match request.path.strip("/").split("/"):
            case ["v2", "notifications", other] if other != "email":
                return "/v2/notifications/{id}"
            case ["v2", "template", _, *rest]:
                return "/".join(["/v2/template/{id}", *rest])
        return request.path

    def answer(self, request: Request) -> Reply:
        segments = request.path.strip("/").split("/")
        try:
            asker = key_type(request.headers, self._clock())
            if segments[:2] == ["v2", "notifications"]:
                return self._notifications(request, segments[2:], asker)
            if segments[:2] in (["v2", "template"], ["v2", "templates"]):
                return _templates(request, segments[1:])
        except RefusalError as refusal:
            return refusal.reply
        return unknown_url().reply

    def _notifications(self, request: Request, segments: list[str], asker: str) -> Reply:
        match request.method, segments:
            case "POST", ["email"]:
                return self._send(request, asker)
            case "GET", []:
                return _reply(listing.page(self._listed(asker), request))
            case "GET", [mail_id]:
                return _reply(listing.notification(self._mail(mail_id, asker), request.origin))
        raise unknown_url()

    def throttled(self, retry_after: str) -> Reply:  # noqa: ARG002 — Notify does not say when to come back
        return errors.rate_limited("live", self.settings.rate_limit).reply

    def failed(self, status: int) -> Reply:
        return errors.failed(status)

    def unauthorized(self) -> Reply:
        return forbidden("Invalid token: API key revoked").reply

    def _send(self, request: Request, asker: str) -> Reply:
        now = self._clock()
        self.limits.take_token(asker, self.settings.rate_limit, now)
        self.limits.check_today(asker, self.settings.daily_limit, now)
        form = email_form(request.body)
        template = _sendable(form.template_id)
        changed = _sanitised(form)
        values = {**form.personalisation, **changed}
        _check_values(template, values)
        reply_to = _reply_to(form)
        if asker == "team" and form.email_address not in self.settings.allowed_recipients:
            raise bad_request("Can’t send to this recipient using a team-only API key")  # noqa: RUF001 — as Notify writes it
        mail = self._accepted(form, template, values, reply_to, asker)
        _check_length(mail)
        if form.email_address not in addresses.SMOKE:
            self.mails.store(mail)
            self.limits.count(asker, now)
        return _reply(_receipt(mail, changed, request.origin), 201)

    def _accepted(self, form: Form, template: Template, values: Values, reply_to: str | None, asker: str) -> Mail:
        now = self._clock()
        seconds = self.settings.delivery_seconds
        return Mail(
            id=str(uuid4()),
            key_type=asker,
            email_address=form.email_address,
            reference=form.reference,
            template=template,
            personalisation=values,
            reply_to=reply_to,
            one_click_unsubscribe_url=form.one_click_unsubscribe_url,
            created_at=now,
            sending_at=now + seconds * SHARE_BEFORE_SENDING,
            settled_at=now + seconds,
            outcome=self._outcome(form.email_address, asker),
        )

    def _outcome(self, address: str, asker: str) -> str:
        """What will become of a mail to this address; to a test key, all but two of them are good."""
        if asker == "test":
            return SIMULATED.get(address, "delivered")
        if address in self.settings.outcomes:
            return self.settings.outcomes[address]
        return next((outcome for part, outcome in FATEFUL.items() if part in address), "delivered")

    def _listed(self, asker: str) -> list[Mail]:
        """A key sees only what was sent with its own type of key."""
        latest = self._clock() - self.settings.lag_seconds
        return [mail for mail in self.mails if mail.key_type == asker and mail.created_at <= latest]

    def _mail(self, mail_id: str, asker: str) -> Mail:
        if not is_uuid(mail_id):
            raise invalid("id is not a valid UUID")
        found = next((mail for mail in self.mails if mail.id == str(UUID(mail_id))), None)
        if found is None or found.key_type != asker:
            raise not_found()
        return found


def _templates(request: Request, segments: list[str]) -> Reply:
    match request.method, segments:
        case "POST", ["template", template_id, "preview"]:
            return _preview(template_id, request)
        case "GET", ["template", template_id]:
            return _reply(_template(template_id).document())
        case "GET", ["template", template_id, "version", version]:
            return _reply(_template(template_id, version).document())
        case "GET", ["templates"]:
            return _reply({"templates": [template.document() for template in TEMPLATES.values()]})
    raise unknown_url()


def _template(template_id: str, version: str = "1") -> Template:
    if not is_uuid(template_id):
        raise invalid("id is not a valid UUID")
    template = TEMPLATES.get(str(UUID(template_id)))
    if template is None or version != str(template.version):
        raise not_found()
    return template


def _sendable(template_id: str) -> Template:
    template = TEMPLATES.get(str(UUID(template_id)))
    if template is None:
        raise bad_request("Template not found")
    return template


def _preview(template_id: str, request: Request) -> Reply:
    template = _template(template_id)
    values = json_object(request.body or b"{}").get("personalisation", {})
    if not isinstance(values, dict):
        raise invalid(f"personalisation {values} is not of type object")
    _check_values(template, values)
    return _reply(template.preview(values))


def _check_values(template: Template, values: Values) -> None:
    if lacking := missing(template.placeholders, values):
        raise bad_request(f"Missing personalisation: {', '.join(lacking)}")
    if any(isinstance(value, dict) and "file" in value for value in values.values()):
        raise bad_request(f"Send files by email has not been set up - add contact details for {NOTIFY_SERVICE_ID}")


def _sanitised(form: Form) -> dict[str, str]:
    """The values that were asked to be sanitised and that this changes. Only texts can be: a list breaks Notify."""
    named = {name: form.personalisation[name] for name in form.sanitise_content_for if name in form.personalisation}
    if not all(isinstance(value, str) for value in named.values()):
        raise RefusalError(500, "TypeError", "Internal server error")
    changed = {name: sanitised(str(value)) for name, value in named.items()}
    return {name: value for name, value in changed.items() if value != named[name]}


def _reply_to(form: Form) -> str | None:
    if form.email_reply_to_id is None:
        return next(iter(REPLY_TO.values()))
    if form.email_reply_to_id.lower() not in REPLY_TO:
        raise bad_request(
            f"email_reply_to_id {form.email_reply_to_id} does not exist in database for service id {NOTIFY_SERVICE_ID}"
        )
    return REPLY_TO[form.email_reply_to_id.lower()]


def _check_length(mail: Mail) -> None:
    size = len(mail.body.encode())
    if size > LONGEST_BODY:
        raise bad_request(
            f"Your message is too long. Emails cannot be longer than {LONGEST_BODY} bytes. "
            f"Your message is {size} bytes."
        )
    if not size:
        raise bad_request("Your message is empty.")


def _receipt(mail: Mail, changed: Mapping[str, str], origin: str) -> dict[str, object]:
    template = mail.template
    return {
        "id": mail.id,
        "reference": mail.reference,
        "content": {
            "subject": mail.subject,
            "body": mail.body,
            "from_email": FROM,
            "one_click_unsubscribe_url": mail.one_click_unsubscribe_url,
        },
        "uri": f"{origin}/v2/notifications/{mail.id}",
        "template": {
            "id": template.id,
            "version": template.version,
            "uri": f"{origin}/v2/template/{template.id}",
        },
        "scheduled_for": None,
        "sanitised_content": changed,
    }


def _reply(document: object, status: int = 200) -> Reply:
    return json_reply(document, status, content_type=JSON)
