"""The team's address book: it counts before anything else, and a file that is wrong tells nobody."""

from pathlib import Path

import pytest

from fleet.errors import ConfigurationError
from fleet.inventory import User
from notifier.contacts.address_book import AddressBook, address_book
from notifier.contacts.contact import Contact
from notifier.contacts.email_address import address_in, is_address
from notifier.contacts.managers import Address, address_of_username
from sandbox.notify import addresses
from sandbox.server import Sandbox
from tests.notifier.doctor_here import doctor
from tests.notifier_here import Here
from tests.notifier_program import WINDOW, crowded, expected_mails, mails_by_org_and_address


def book(tmp_path: Path, text: str) -> AddressBook:
    path = tmp_path / "owners.toml"
    path.write_text(text)
    return address_book(str(path))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Team@Example.org", "team@example.org"),
        ("Team: team@example.org", "team@example.org"),
        ("team:team@example.org", "team@example.org"),
        ("Team:\u00a0team@example.org", "team@example.org"),
        ("Team (team@example.org)", "team@example.org"),
        ("Team(team@example.org).", "team@example.org"),
        ("Team <team@example.org>", "team@example.org"),
        ("Team: (team@example.org, on call)", "team@example.org"),
        ("mailto:team@example.org.", "team@example.org"),
        ("'team@example.org'", "team@example.org"),
        ("team+redis@example.org", "team+redis@example.org"),
        ("team@example.org TEAM@example.org", "team@example.org"),
        ("team@example.org,team@example.org", "team@example.org"),
        ("#team-channel @team team@example.org", "team@example.org"),
        ("a@example.org, b@example.org", None),
        ("a@example.org,b@example.org", None),
        ("a@example.org/b@example.org", None),
        ("a@example.org,b@example.org c@example.org", None),
        ("a@b@example.org", None),
        ("team@localhost", None),
        ("@example.org", None),
        ("team@.org", None),
        ("#team-channel", None),
        ("", None),
    ],
)
def test_the_one_address_in_a_text_that_says_more(value: str, found: str | None) -> None:
    assert address_in(value) == found


WITH_EVERY_CHARACTER = ("o'neil", "jo=hn", "a/b", "x|y", "x{y", ".a", "{a", "'a", "#a", "a!$%&*+?^_`~-z")


@pytest.mark.parametrize("local", WITH_EVERY_CHARACTER)
@pytest.mark.parametrize("form", ["{}", "Team: {}", "Team:{}", "Team ({})", "Team <{}>", "Team: {}."])
def test_an_address_is_told_whole_with_each_character_that_notify_takes(local: str, form: str, tmp_path: Path) -> None:
    """The same in a tag, in the book, and as the name of a user of Cloud Foundry."""
    address = f"{local}@example.org"
    assert address_in(form.replace("{}", address)) == address
    assert book(tmp_path, f'[addresses]\nteam = ["{address}"]').addresses == {"team": (address,)}
    assert address_of_username(User("guid", address)) == Address(address)
    assert addresses.formatted(address) == address


@pytest.mark.parametrize(
    "local",
    [
        "a\u00a0b",
        "a\u200bb",
        "o\u2019neil",
        "j\u00f6rg",
        "smith,john",
        "a;b",
        "x(y",
        "x<y",
        "x[y",
        'x"y',
        '"a b"c',
        "a\\b",
        "//a:b",
    ],
)
@pytest.mark.parametrize("form", ["{}", "Team: {}", "{} team@example.org"])
def test_what_is_no_address_is_not_cut_down_to_that_of_somebody_else(local: str, form: str) -> None:
    assert address_in(form.replace("{}", f"{local}@example.org")) is None


def test_an_address_is_nothing_but_an_address() -> None:
    assert is_address("team@example.org")
    assert not any(
        map(is_address, ("Team <team@example.org>", "a@example.org,b@example.org", " a@b.c", "a@b..c", "a\n@b.c"))
    )


def test_an_org_is_found_by_its_guid_before_its_name(tmp_path: Path) -> None:
    found = book(
        tmp_path, '[addresses]\nteam = ["By-Name@example.org", "by-name@example.org"]\nguid-1 = []\nold = []\n'
    )
    orgs = [("guid-1", "team"), ("guid-2", "team"), ("guid-3", "other")]
    by_name = Contact("by-name@example.org", "by-name@example.org")
    assert found.contacts(orgs) == {"guid-1": (), "guid-2": (by_name,)}
    assert found.unknown(orgs) == ["old"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[addresses]\n"team-2" = ["a@example.org"]\n" team-2 " = []', "org 'team-2' is there twice"),
        ('[addresses]\nteam = ["team"]', "'team' of org 'team' is not an e-mail address"),
        ('[addresses]\nteam = ["Team: team@example.org"]', "'Team: team@example.org' of org 'team' is not an e-mail"),
        ('[addresses]\nteam = "team@example.org"', "write [addresses], and in it lines such as"),
        ('[adresses]\nteam = ["team@example.org"]', "write [addresses], and in it lines such as"),
        ('team = ["team@example.org"]', "write [addresses]"),
        ("[addresses", "write [addresses]"),
    ],
)
def test_a_book_that_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        book(tmp_path, text)
    assert str(refused.value).startswith(f"ADDRESS_BOOK '{tmp_path}/owners.toml': ")
    assert said in str(refused.value)


def test_a_book_that_is_not_there_is_refused_before_anybody_is_asked(sandbox: Sandbox, here: Here) -> None:
    here.set({**sandbox.environment, "ADDRESS_BOOK": "nowhere.toml"})
    for arguments in (("print",), ("email", "--yes", *WINDOW), ("--check",)):
        ended = here.run(*arguments)
        assert ended.status == 2
        assert "ADDRESS_BOOK 'nowhere.toml': No such file or directory" in ended.err
    assert not sandbox.journal.entries()


def test_a_region_may_have_a_book_of_its_own(sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    sandbox.world.change(crowded(2, 1))
    org = min(org for org, _ in expected_mails(sandbox.world.truth))
    (tmp_path / "own.toml").write_text(f'[addresses]\n"{org}" = ["own@example.org"]\n')
    (tmp_path / "regions.toml").write_text(
        f"[[regions]]\nname = 'Ireland'\naws_region = 'eu-west-1'\naddress_book = '{tmp_path}/own.toml'\n"
        f"cf_api_address = '{sandbox.environment['CF_API_ADDRESS']}'\n"
    )
    here.set({**sandbox.environment, "ADDRESS_BOOK": "nowhere.toml", "REGIONS_FILE": str(tmp_path / "regions.toml")})
    assert here.run("--check").status == 0
    document = here.run("email", "--dry-run", "--format", "json", *WINDOW).document
    assert [mail["address"] for mail in document["to_send"] if mail["org_name"] == org] == ["own@example.org"]


def test_an_org_in_the_book_is_told_at_those_addresses_only(sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    sandbox.world.change(crowded(4, 2))
    expected = expected_mails(sandbox.world.truth)
    first, second, *_ = sorted({org for org, _ in expected})
    path = tmp_path / "owners.toml"
    path.write_text(f'[addresses]\n"{first}" = ["b@example.org", "a@example.org"]\n"{second}" = []\n')
    here.set({**sandbox.environment, "ADDRESS_BOOK": str(path)})
    ended = here.email()
    told = {whom for whom in expected if whom[0] not in (first, second)}
    assert set(mails_by_org_and_address(sandbox)) == told | {(first, "a@example.org"), (first, "b@example.org")}
    assert f"Nobody is to be told, as the address book says: org {second}" in ended.out
    again = here.run("print", *WINDOW)
    assert "Managers: nobody, on purpose" in again.out


def test_entries_that_no_org_is_called_by_are_named(sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    """Also if the org has nothing waiting; what is meant is guessed where a name is close."""
    sandbox.world.change(crowded(2, 2))
    path = tmp_path / "owners.toml"
    path.write_text(
        '[addresses]\n"Org-0000" = ["a@example.org"]\n"nobody" = []\n"org-0001" = []\n'
        + "".join(f'"x{number:02}" = []\n' for number in range(12))
    )
    here.set({**sandbox.environment, "ADDRESS_BOOK": str(path)})
    said = (
        "ADDRESS_BOOK has addresses for what no instance here belongs to: 'Org-0000' (is 'org-0000' meant?), 'nobody'"
    )
    shown = [
        here.run("print").out,
        here.run("email", "--dry-run", *WINDOW).err,
        " ".join(here.run("print", "--only-org", "org-0001", "--format", "json").document["warnings"]),
    ]
    for text in shown:
        assert said in text
        assert "'x07' and 4 more" in text
    found = doctor(here).check("cloudfoundry", "address book")
    assert (found["state"], found["detail"]) == (
        "warning",
        "14 of its entries are for no org that has an instance here",
    )


def test_nobody_on_purpose_is_no_failure(sandbox: Sandbox, here: Here, tmp_path: Path) -> None:
    """Whoever could not be told otherwise does not count either, once the book names whom to tell."""
    path = tmp_path / "owners.toml"
    orgs = {organization.name for organization in sandbox.world.truth.organizations.values()}
    path.write_text("[addresses]\n" + "".join(f'"{org}" = []\n' for org in sorted(orgs)))
    here.set({**sandbox.environment, "ADDRESS_BOOK": str(path)})
    ended = here.email()
    assert ended.status == 0
    assert not sandbox.notify.mails
    assert not [e for e in sandbox.journal.entries("cloudfoundry") if "roles" in e.call]
    assert not sandbox.journal.entries("accounts")
