"""
Finds an API's UAA, and decides whether to trust that address.

Somebody who can change the API's root document must not get our secret that way. So the document may only name a host
in the API's own domain, and if the API uses https, the UAA has to use it too.
"""

import msgspec

from fleet.errors import RemoteError
from fleet.remote_address import AddressError, remote_address
from fleet.remote_http import NoAuth, RemoteHttp, Request

_SYSTEM = "cloudfoundry"


class _Link(msgspec.Struct):
    href: str = ""


class _RootLinks(msgspec.Struct):
    uaa: _Link | None = None
    login: _Link | None = None


class _Root(msgspec.Struct):
    links: _RootLinks


def uaa_address(cloudfoundry: RemoteHttp, api_address: str, of_login: str = "") -> str:
    """`of_login` is the UAA that `cf login` used, which is trusted in any domain. Raises RemoteError."""
    call = f"GET {api_address}/"
    root = cloudfoundry.ask(Request("GET", f"{api_address}/", call, NoAuth()), _Root)
    link = root.links.uaa or root.links.login
    address = link.href.rstrip("/") if link else ""
    if not address:
        raise RemoteError(_SYSTEM, call, "its root document names no UAA")
    try:
        uaa, api = remote_address(address), remote_address(api_address)
    except AddressError as error:
        raise RemoteError(_SYSTEM, call, f"its root document names no UAA: {error}") from error
    if uaa.scheme == "http" and api.scheme == "https":
        cause = f"names {uaa.origin} as UAA: credentials are not sent over plain http"
        raise RemoteError(_SYSTEM, call, cause)
    if not uaa.is_in_the_domain_of(api) and address != of_login.rstrip("/"):
        cause = f"names {uaa.origin} as UAA, which is outside of the API's domain: nothing is sent there"
        raise RemoteError(_SYSTEM, call, f"{cause}; if it is yours, set CF_UAA_ADDRESS to it")
    return address
