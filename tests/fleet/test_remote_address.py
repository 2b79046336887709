"""Which addresses are accepted, and which belong together."""

import pytest

from fleet.remote_address import AddressError, remote_address


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://api.example.org", "https://api.example.org:443"),
        ("HTTPS://API.Example.org/", "https://api.example.org:443"),
        ("http://127.0.0.1:9703/v3?a=b@c", "http://127.0.0.1:9703"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("https://cf_api.internal:8443/uaa", "https://cf_api.internal:8443"),
    ],
)
def test_a_plain_address_is_understood(text: str, origin: str) -> None:
    assert remote_address(text).origin == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "api.example.org",
        "ftp://api.example.org",
        "https://",
        "https://:443",
        "https://api.example.org:0",
        "https://api.example.org:99999",
        "https://api.example.org:-1",
        "https://api.example.org:",
        "https://api.example.org:4a",
        "https://api.exa mple.org",
        "https://api.example.org\n",
        "https://api.example.org\\x",
        "https://me@api.example.org",
        "https://.example.org",
        "https://api..org",
        "https://*.example.org",
        "https://[fe80::1%25eth0]",
        "https://[::1",
        "https://1.2.3.4.5.6.7.8:9:10",
        "https://exämple.org",
        f"https://{'a' * 64}.org",
    ],
)
def test_any_other_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(AddressError) as raised:
        remote_address(text)
    assert not text or text not in str(raised.value)


@pytest.mark.parametrize(
    ("uaa", "api", "belongs"),
    [
        ("uaa.sys.example.org", "api.sys.example.org", True),
        ("login.sys.example.org", "api.sys.example.org", True),
        ("api.sys.example.org", "api.sys.example.org", True),
        ("uaa.example.org", "api.example.org", True),
        ("uaa.cf.example.co.uk", "cloud.cf.example.co.uk", True),
        ("localhost", "127.0.0.1", True),
        ("sandbox", "sandbox", True),
        ("uaa.other.org", "api.sys.example.org", False),
        ("uaa.example.org", "api.sys.example.org", False),
        ("evilsys.example.org", "api.sys.example.org", False),
        ("evil.co.uk", "example.co.uk", False),
        ("evil.org", "api.org", False),
        ("uaa", "api", False),
        ("10.0.0.2", "10.0.0.1", False),
        ("10.0.0.1.example.org", "10.0.0.1", False),
    ],
)
def test_a_uaa_belongs_to_the_apis_domain(uaa: str, api: str, belongs: bool) -> None:  # noqa: FBT001 — a table's column
    """The system domain is one operator's; what lies above it may be anybody's."""
    assert remote_address(f"https://{uaa}").is_in_the_domain_of(remote_address(f"https://{api}")) is belongs


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("http://api.example.org", True),
        ("http://10.0.0.1", True),
        ("https://api.example.org", False),
        ("http://127.0.0.9", False),
        ("http://[::1]", False),
        ("http://localhost:1", False),
        ("http://api.localhost", False),
        ("http://localhost.example.org", True),
    ],
)
def test_what_others_can_read(text: str, readable: bool) -> None:  # noqa: FBT001 — a table's column
    assert remote_address(text).is_readable_on_the_way is readable
