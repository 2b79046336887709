r"""
The address of a remote system, accepted only if it can be read in one way.

Parsers disagree about odd addresses: for `http://other\@api.example.org` one says `other`, and another says
`api.example.org`. A check with one parser is useless if another parser makes the connection. So an address is accepted
only if it is plain enough for all parsers to agree.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import urllib3.exceptions
from urllib3.util import parse_url

_PLAIN = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
"""The characters that RFC 3986 allows: no space, no control character, no backslash, nothing beyond ASCII."""
_NAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
_ODD_CHARACTER = "it holds a space or a character that no address has"
_NO_HOST_OR_PORT = "its host or port is none; ports go from 1 to 65535"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_DOMAIN_LABELS, _DOMAIN_LABELS_BELOW_API = 3, 2


class AddressError(ValueError):
    """We refuse to use the address; the message says why, and shows no part of it."""


@dataclass(frozen=True, slots=True)
class RemoteAddress:
    scheme: str
    host: str
    """In lower case; an IPv6 address has no brackets here."""
    port: int
    path: str
    has_query: bool

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def is_on_this_machine(self) -> bool:
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        address = _ip_address(self.host)
        return address is not None and (address.is_loopback or address.is_unspecified)

    @property
    def is_readable_on_the_way(self) -> bool:
        """True if others on the network can read what is sent there, even secrets."""
        return self.scheme == "http" and not self.is_on_this_machine

    def is_in_the_domain_of(self, api: "RemoteAddress") -> bool:
        """True if the host is the API's own host, or in the same domain, such as `sys.example.org`."""
        if self.host == api.host or (self.is_on_this_machine and api.is_on_this_machine):
            return True
        if _ip_address(self.host) is not None or _ip_address(api.host) is not None:
            return False
        return self.host.endswith(f".{_domain(api.host)}")


def linked_address(base: str, link: str) -> str:
    """The address of a link in an answer of `base`. Raises AddressError if it has an illegal character."""
    if not _PLAIN.fullmatch(link):  # before joining, which drops tabs and line ends
        raise AddressError(_ODD_CHARACTER)
    try:
        return urljoin(f"{base}/", link)
    except ValueError:
        raise AddressError(_NO_HOST_OR_PORT) from None


def remote_address(text: str) -> RemoteAddress:
    """Raises AddressError if the address is odd, neither http nor https, or has a user name."""
    if not _PLAIN.fullmatch(text):
        raise AddressError(_ODD_CHARACTER)
    try:
        split, parsed = urlsplit(text), parse_url(text)
        port = split.port
    except (ValueError, urllib3.exceptions.HTTPError):
        raise AddressError(_NO_HOST_OR_PORT) from None
    if split.scheme not in _DEFAULT_PORTS:
        raise AddressError("it does not begin with https:// or http://")
    if "@" in split.netloc:
        raise AddressError("it holds a user name or password")
    host = split.hostname or ""
    if not _is_host(host) or "%" in split.netloc or port == 0 or split.netloc.endswith(":"):
        raise AddressError(_NO_HOST_OR_PORT)
    if (parsed.scheme, (parsed.host or "").strip("[]"), parsed.port) != (split.scheme, host, port):
        raise AddressError("it can be read in more than one way")
    return RemoteAddress(
        scheme=split.scheme,
        host=host,
        port=port or _DEFAULT_PORTS[split.scheme],
        path=split.path,
        has_query="?" in text or "#" in text,
    )


def _is_host(host: str) -> bool:
    return bool(_NAME.fullmatch(host)) or _ip_address(host) is not None


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _domain(host: str) -> str:
    """
    Cloud Foundry's system domain: `sys.example.org` for `api.sys.example.org`.

    For a host with fewer labels, it is the host itself, because the domain above may be shared, such as `co.uk`.
    """
    first, _, rest = host.partition(".")
    labels = rest.count(".") + 1
    return rest if labels >= (_DOMAIN_LABELS_BELOW_API if first == "api" else _DOMAIN_LABELS) else host
