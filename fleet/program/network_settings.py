"""Checks certificates and proxies early: the libraries read these variables themselves, but only at a request."""

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path

from fleet.certificates import require_certificates
from fleet.errors import ConfigurationError
from fleet.printable import one_line
from fleet.remote_address import AddressError, remote_address

_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
NETWORK_VARIABLES = (*_BUNDLES, *_PROXIES, *(name.lower() for name in _PROXIES))
_MOST_CHARACTERS = 300
_SCHEMES = frozenset({"http", "https"})
_USER = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:%-]*")
"""With a password or not; everything else is to be written with a percent sign."""
_SOCKS = frozenset({"socks4", "socks4a", "socks5", "socks5h"})


def check_network_settings(environment: Mapping[str, str]) -> None:
    """Raises ConfigurationError for certificates that cannot be read, and for invalid addresses of proxies."""
    bundles = {path: variable for variable in reversed(_BUNDLES) if (path := environment.get(variable))}
    for path, variable in reversed(bundles.items()):
        _check_bundle(variable, Path(path))  # reading one takes a while, and often all variables name the same
    for name in _PROXIES:
        for variable in (name, name.lower()):
            if proxy := environment.get(variable):
                _check_proxy(variable, proxy)


def _check_bundle(variable: str, path: Path) -> None:
    try:
        if not path.exists():
            raise ConfigurationError(f"{variable} '{path}': there is no such file or folder of certificates")
        require_certificates(path)
    except OSError as error:
        raise ConfigurationError(f"{variable} '{one_line(str(path), _MOST_CHARACTERS)}': {error.strerror}") from None


def _check_proxy(variable: str, proxy: str) -> None:
    """Never shows the value, because a proxy's address may hold its password."""
    scheme, separator, rest = proxy.rpartition("://")
    authority, _, path = rest.partition("/")
    user, _, host = authority.rpartition("@")
    try:
        remote_address(f"http://{host}")
        is_address = not path and _USER.fullmatch(user) is not None
    except AddressError:
        is_address = False
    if not is_address or (separator and scheme.lower() not in (*_SCHEMES, *_SOCKS)):
        raise ConfigurationError(
            f"{variable}: not the address of a proxy; write it as http://proxy.example.org:3128, and a slash in a"
            " password as %2F"
        )
    if scheme.lower() in _SOCKS and importlib.util.find_spec("socks") is None:
        raise ConfigurationError(f"{variable}: a SOCKS proxy needs the Python package PySocks, which is not installed")
