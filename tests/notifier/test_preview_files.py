"""Mails as files: each has its own, and nobody else gets at them."""

import os
import stat
from pathlib import Path

import pytest

from fleet.errors import ConfigurationError
from ledger.mail_record import MailKey
from notifier.mail.files import MailFolder
from notifier.mail.message import Message

MESSAGE = Message("Hello\n", "Tuesday 16 June 2026")


def key(address: str, org_guid: str = "guid", revision: int = 0) -> MailKey:
    return MailKey("window", "eu-west-1", org_guid, address, revision)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_no_two_mails_share_a_file(tmp_path: Path) -> None:
    """Whatever a file's name cannot hold, or is too long for it."""
    keys = [
        *(key(address) for address in ("jo+one@example.org", "jo-one@example.org", "jo/one@example.org", "../x@y.z")),
        *(key(f"{'x' * 80}{n}@example.org") for n in (1, 2)),
        *(key("jo@example.org", guid) for guid in ("12345678-1", "12345678-2", "../../etc", "")),
        key("jo@example.org", revision=1),
    ]
    with MailFolder(tmp_path / "mails") as folder:
        for one in keys:
            folder.write(one, "Org", MESSAGE)
            folder.write(one, "Org", MESSAGE)
    assert len(list((tmp_path / "mails").iterdir())) == 2 * len(keys)
    assert len(list(tmp_path.iterdir())) == 1


def test_files_and_folder_are_private(tmp_path: Path) -> None:
    """Also where the umask says otherwise."""
    before = os.umask(0)
    try:
        with MailFolder(tmp_path / "mails") as folder:
            folder.write(key("a@example.org"), "Org", MESSAGE)
    finally:
        os.umask(before)
    assert mode(tmp_path / "mails") == 0o700
    assert {mode(path) for path in (tmp_path / "mails").iterdir()} == {0o600}


@pytest.mark.parametrize("rights", [0o755, 0o770, 0o777, 0o1777])
def test_a_folder_that_others_see_is_refused(tmp_path: Path, rights: int) -> None:
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails").chmod(rights)
    with pytest.raises(ConfigurationError, match="others may read or change this folder"):
        MailFolder(tmp_path / "mails")


def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir(mode=0o700)
    (tmp_path / "mails").symlink_to(tmp_path / "private")
    with pytest.raises(ConfigurationError, match="a link to another place"):
        MailFolder(tmp_path / "mails")
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    with pytest.raises(ConfigurationError, match="a link to another place"):
        MailFolder(tmp_path / "nowhere")


def test_a_link_in_place_of_a_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """What it leads to stays as it is; so does what else is in the folder."""
    with MailFolder(tmp_path / "mails") as folder:
        folder.write(key("a@example.org"), "Org", MESSAGE)
        text = next((tmp_path / "mails").glob("*.txt"))
        victim = tmp_path / "victim"
        victim.write_text("precious")
        text.unlink()
        text.symlink_to(victim)
        (tmp_path / "mails" / "notes").write_text("mine")
        folder.write(key("a@example.org"), "Org", MESSAGE)
    assert victim.read_text() == "precious"
    assert (tmp_path / "mails" / "notes").read_text() == "mine"
    assert text.read_text() == MESSAGE.contents
    assert not text.is_symlink()
