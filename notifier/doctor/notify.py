"""Examines GOV.UK Notify: its key, and the template that mails are written with. Sends no mail."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from fleet.errors import ConfigurationError, NotSetUpError, RemoteError
from notifier.doctor.checks import Check, failed, not_set, ok, warning
from notifier.doctor.remedies import unreachable

_SYSTEM = "notify"
_TEMPLATE = "template"
_KEY = "make a new key at Notify, and set NOTIFY_API_KEY to the whole of it"
_CLOCK = "set this machine's clock right: it may be at most 30 seconds off"
_TEMPLATE_ID = "set NOTIFY_TEMPLATE_ID to an email template of the service that the key belongs to"
_CHECKS = {"NOTIFY_TEMPLATE_ID": _TEMPLATE, "NOTIFY_REPLY_TO_ID": "reply-to", "NOTIFY_BASE_URL": "settings"}
_KINDS = {
    "live": ok("kind of key", "its name says live: mails reach everybody"),
    "team": warning(
        "kind of key",
        "its name says team: only the team and the guest list get mails",
        "set NOTIFY_API_KEY to a live key before email",
    ),
    "test": warning(
        "kind of key",
        "its name says test: Notify pretends, and nobody gets a mail",
        "set NOTIFY_API_KEY to a live key before email",
    ),
}


class Template(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def is_deleted(self) -> bool: ...
    @property
    def unfilled(self) -> Sequence[str]: ...
    @property
    def missing(self) -> Sequence[str]: ...


class Settings(Protocol):
    @property
    def kind_of_key(self) -> str | None: ...
    @property
    def template_id(self) -> str: ...
    @property
    def reply_to_id(self) -> str | None: ...
    @property
    def has_borrowed_reply_to(self) -> bool: ...


class Client(Protocol):
    @property
    def settings(self) -> Settings: ...
    def template(self) -> Template | None:
        """Raises RemoteError."""


def notify_steps(
    client: Callable[[], Client], faults: Callable[[], Mapping[str, ConfigurationError]]
) -> Iterator[str | Check]:
    """`faults` are of settings that are no secrets, by setting; the client does without those but the address."""
    yield "key"
    wrong = faults()
    for name, error in wrong.items():
        yield failed(
            _CHECKS[name], str(error), _TEMPLATE_ID if name == "NOTIFY_TEMPLATE_ID" else "correct this setting"
        )
    if "NOTIFY_BASE_URL" in wrong:
        return
    try:
        notify = client()
    except NotSetUpError as error:
        yield not_set("key", str(error), "set NOTIFY_API_KEY before preview and email")
        return
    except ConfigurationError as error:
        yield failed("key", str(error), "correct this setting")
        return
    try:
        template = notify.template()
    except RemoteError as error:
        yield failed("key", _without_remedy(error), _remedy(error))
        return
    yield ok("key", "Notify accepts it")
    yield _KINDS.get(notify.settings.kind_of_key or "", _UNKNOWN_KIND)
    if "NOTIFY_TEMPLATE_ID" not in wrong:
        yield from _of_template(template, notify.settings.template_id)
    if "NOTIFY_REPLY_TO_ID" not in wrong:
        yield _of_reply_to(notify.settings)


_UNKNOWN_KIND = ok("kind of key", "not known: neither Notify nor its name says whether it is live, team or test")


def _of_template(template: Template | None, template_id: str) -> Iterator[Check]:
    if template is None:
        yield failed(_TEMPLATE, f"the service has no template {template_id}", _TEMPLATE_ID)
        return
    if template.is_deleted:
        yield failed(
            _TEMPLATE, f"the template {template_id} has been deleted", f"restore it at Notify, or {_TEMPLATE_ID}"
        )
        return
    if template.kind != "email":
        yield failed(_TEMPLATE, f"the template {template_id} is of the kind {template.kind}", _TEMPLATE_ID)
        return
    yield ok(_TEMPLATE, f"{template_id} is an email template")
    problems = [
        *(f"(({name})) is filled in by nobody, so every mail would be refused" for name in template.unfilled),
        *(f"(({name})) is missing, so nobody would read it" for name in template.missing),
    ]
    if problems:
        remedy = "edit the template at Notify: ((contents)) in its body, ((maintenance_window_date)) in its subject"
        yield failed("placeholders", "; ".join(problems), remedy)
    else:
        yield ok("placeholders", "all are filled in, and none is missing")


def _of_reply_to(settings: Settings) -> Check:
    if settings.reply_to_id is None:
        return ok("reply-to", "none: the service says where replies go")
    what = "the default, which only the service of GOV.UK PaaS has" if settings.has_borrowed_reply_to else "a uuid"
    return ok("reply-to", f"{what}; only the first mail, which goes alone, shows whether the service has it")


def _without_remedy(error: RemoteError) -> str:
    return str(error).partition("; ")[0]


def _remedy(error: RemoteError) -> str:
    words = error.cause.lower()
    if "clock" in words:
        return _CLOCK
    if "http 429" in words:
        return "wait until that limit ends, or ask Notify for a higher one"
    return _KEY if "http 401" in words or "http 403" in words else unreachable(_SYSTEM)
