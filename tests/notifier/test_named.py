"""What a mail named, read from what Notify has of it."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from ledger.mail_record import UNKNOWN_INSTANCE, Kind
from notifier.affected import AffectedInstance, AffectedOrg
from notifier.mail.message import Message
from notifier.mail.named import Draft, named
from notifier.mail.windows_named import windows_named
from tests.builders import service_instance, service_update


def org(*guids: str) -> AffectedOrg:
    found = [
        AffectedInstance(
            service_instance(guid, f"cache-{guid}"), is_highly_available=False, updates=(service_update(),)
        )
        for guid in guids
    ]
    return AffectedOrg("org-guid", "org", tuple(found))


def draft(*guids: str) -> Draft:
    lines = "".join(f"- Instance org / prod / cache-{guid} (plan small)\n" for guid in guids)
    text = f"Hello,\n\n{lines}\nReply by Monday 15 June 2026.\n"
    return Draft(Kind.ANNOUNCEMENT, org(*guids), Message(text, "subject"), "Monday 15 June 2026")


@pytest.mark.parametrize(
    "change", [str, lambda text: text.replace("\n", "\r\n"), lambda text: f"Dear all\n\n{text}\nBye"]
)
def test_a_mail_like_ours_named_what_ours_names(change: Callable[[str], str]) -> None:
    """Whatever day it gives to reply by, and whatever text Notify's template has around it."""
    body = change(draft("1", "2").message.contents.replace("Monday 15 June", "Tuesday 9 June"))
    found = named(body, [draft("1"), draft("1", "2")], Kind.ANNOUNCEMENT)
    assert found.instance_guids == ("1", "2")
    assert found.update_names == (service_update().name,)


def test_of_any_other_mail_only_what_it_surely_named_is_known() -> None:
    """An instance that has come since is not among them, nor one whose name begins like that of another."""
    body = draft("1", "22").message.contents
    found = named(body, [draft("1", "2", "22")], Kind.ANNOUNCEMENT)
    assert found.instance_guids == ("1", "22", UNKNOWN_INSTANCE)
    assert named("", [draft("1")], Kind.CORRECTION).instance_guids == (UNKNOWN_INSTANCE,)


def test_the_windows_that_a_mail_names_are_found_in_its_words() -> None:
    text = """^ The maintenance on Tuesday 16 June 2026 between 09:00 and 11:00 (BST), of which we told you, will not take
    place then. It takes place on Thursday 18 June 2026 between 10:00 and 12:00 (BST) instead. Not a window: Friday 16 June
    2026 between 09:00 and 11:00, which is no Friday."""
    assert list(windows_named(text, ZoneInfo("Europe/London"))) == [
        "2026-06-16T08:00Z/2026-06-16T10:00Z",
        "2026-06-18T09:00Z/2026-06-18T11:00Z",
    ]
