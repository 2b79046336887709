"""Mails to look at instead of sending them: text and HTML files, and the mail of an org that does not exist."""

import re
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

from fleet.errors import ConfigurationError
from fleet.inventory import ServiceInstance, ServiceUpdate
from notifier.affected import AffectedInstance, AffectedOrg
from notifier.mail.message import Message

_NOT_IN_NAMES = re.compile(r"[^a-z0-9@._-]+")
_LONGEST_PART = 60
_INSET = re.compile(r"^ *\^ ?", re.MULTILINE)
# Off in Notify's Markdown: emphasis, code, pictures, tables; HTML is escaped there.
_ON = ("heading", "list", "blockquote", "hr", "link", "autolink", "escape", "newline")
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 19px/1.3 Helvetica, Arial, sans-serif; color: #0b0c0c; max-width: 36em; margin: 2em auto }}
blockquote {{ border-left: 10px solid #b1b4b6; margin: 0 0 1em; padding: 0.5em 1em }}
</style>
</head>
<body>
{body}</body>
</html>
"""
_UPDATE = ServiceUpdate(
    name="elasticache-example-update",
    status="available",
    severity="important",
    type="security-update",
    engine="redis, valkey",
    description="An example of what AWS says about a service update",
)


def write_mail(folder: Path, org_name: str, org_guid: str, address: str, message: Message) -> None:
    """As text, the very bytes that GOV.UK Notify is given, and as a page to look at. Raises ConfigurationError."""
    name = f"{_part(org_name)}-{org_guid[:8]}-{_part(address)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.txt").write_bytes(message.contents.encode())
        (folder / f"{name}.html").write_bytes(html_preview(message).encode())
    except OSError as error:
        raise ConfigurationError(f"--to-files '{folder}': {error.strerror}") from error


def _part(text: str) -> str:
    """Tenants choose their names, and a file's name may hold neither a slash nor much else."""
    return _NOT_IN_NAMES.sub("-", text.lower()).strip("-.")[:_LONGEST_PART] or "unnamed"


def html_preview(message: Message) -> str:
    """As a web page: close to what GOV.UK Notify makes of it, which only Notify knows exactly."""
    markdown = MarkdownIt("zero", {"breaks": True}).enable(_ON)
    quoted = _INSET.sub("> ", message.contents.replace(">", "\\>"))
    return _PAGE.format(title=escape(message.maintenance_window_date), body=markdown.render(quoted))


def invented_org() -> AffectedOrg:
    """To see what a mail looks like before anybody's real org is touched."""
    return AffectedOrg(
        guid="00000000-0000-4000-8000-000000000000",
        name="example-org",
        instances=(
            _instance("00000000-0000-4000-8000-000000000001", "example-cache", "tiny-ha", is_highly_available=True),
            _instance("00000000-0000-4000-8000-000000000002", "example-queue", "tiny", is_highly_available=False),
        ),
    )


def _instance(guid: str, name: str, plan_name: str, *, is_highly_available: bool) -> AffectedInstance:
    return AffectedInstance(
        ServiceInstance(
            guid=guid,
            name=name,
            plan_name=plan_name,
            space_guid="00000000-0000-4000-8000-000000000003",
            space_name="example-space",
            org_guid="00000000-0000-4000-8000-000000000000",
            org_name="example-org",
        ),
        is_highly_available,
        (_UPDATE,),
    )
