"""Writes mails to files instead of sending them, and invents an org to write an example mail about."""

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Self

from markdown_it import MarkdownIt

from fleet.errors import ConfigurationError
from fleet.inventory import ServiceInstance, ServiceUpdate
from ledger.mail_record import MailKey
from notifier.affected import AffectedInstance, AffectedOrg
from notifier.mail.message import Message

_NOT_IN_NAMES = re.compile(r"[^a-z0-9@._+-]+")
_LONGEST_PART = 60
_DIGITS_OF_REFERENCE = 12
"""Enough to tell files apart if their orgs and addresses differ only by characters that file names cannot hold."""
_OURS_ALONE, _OTHERS = 0o700, 0o077
_INSET = re.compile(r"^ *\^ ?", re.MULTILINE)
# Notify's Markdown has no emphasis, code, pictures or tables, and escapes HTML.
_ON = ("heading", "list", "blockquote", "hr", "link", "autolink", "escape", "entity", "newline")
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


class MailFolder:
    """
    A private folder for mails, since they hold addresses: nobody else may read it, write to it or redirect it.

    Makes the folder, or takes one that only the user can enter. Replaces earlier files of the same mails, and leaves
    everything else in the folder alone. Raises ConfigurationError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._in_words():
            path.mkdir(mode=_OURS_ALONE, parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        found = os.fstat(self._descriptor)
        if found.st_uid != os.geteuid() or found.st_mode & _OTHERS:
            os.close(self._descriptor)
            raise ConfigurationError(
                f"--to-files '{path}': others may read or change this folder, and mails hold addresses;"
                " name one that does not exist yet, or take their rights away (chmod 700)"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def write(self, key: MailKey, org_name: str, message: Message) -> None:
        """Writes a text file with the very bytes that GOV.UK Notify gets, and a web page."""
        name = f"{_part(org_name)}-{_part(key.address)}-{key.reference[-_DIGITS_OF_REFERENCE:]}"
        self._write(f"{name}.txt", message.contents)
        self._write(f"{name}.html", html_preview(message))

    def _write(self, name: str, text: str) -> None:
        """Always creates a new file, so that it never writes through a link to another place."""
        with self._in_words():
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self._descriptor)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(name, flags, 0o600, dir_fd=self._descriptor), "wb") as file:
                file.write(text.encode())

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            is_link = error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EEXIST) and self._path.is_symlink()
            reason = "it is a link to another place; name the place" if is_link else error.strerror
            raise ConfigurationError(f"--to-files '{self._path}': {reason}") from error


def _part(text: str) -> str:
    """Tenants choose their names freely, so whatever a file name cannot hold is replaced."""
    return _NOT_IN_NAMES.sub("-", text.lower()).strip("-.")[:_LONGEST_PART] or "unnamed"


def html_preview(message: Message) -> str:
    """The mail as a web page, close to the mail that GOV.UK Notify makes of it; only Notify knows exactly."""
    markdown = MarkdownIt("zero", {"breaks": True}).enable(_ON)
    quoted = _INSET.sub("> ", message.contents.replace(">", "\\>"))
    return _PAGE.format(title=escape(message.maintenance_window_date), body=markdown.render(quoted))


def invented_org() -> AffectedOrg:
    """An org that does not exist, for seeing what a mail looks like without asking about a real org."""
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
