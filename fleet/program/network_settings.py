"""Checks certificates and proxies early: the libraries read these variables themselves, but only at a request."""

import ssl
from collections.abc import Mapping
from pathlib import Path

import urllib3.exceptions
from urllib3.util import parse_url

from fleet.errors import ConfigurationError
from fleet.given_files import require_ordinary
from fleet.printable import one_line

_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
NETWORK_VARIABLES = (*_BUNDLES, *_PROXIES, *(name.lower() for name in _PROXIES))
_MOST_CHARACTERS = 300
_SCHEMES = frozenset({None, "http", "https", "socks4", "socks4a", "socks5", "socks5h"})


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
        if not path.is_dir():
            require_ordinary(path)
            ssl.create_default_context(cafile=str(path))
    except OSError as error:  # ssl.SSLError is one
        reason = error.strerror if not isinstance(error, ssl.SSLError) else "it holds no certificate in PEM format"
        raise ConfigurationError(f"{variable} '{one_line(str(path), _MOST_CHARACTERS)}': {reason}") from None


def _check_proxy(variable: str, proxy: str) -> None:
    """Never shows the value, because a proxy's address may hold its password."""
    try:
        address = parse_url(proxy if "://" in proxy else f"http://{proxy}")
    except (ValueError, urllib3.exceptions.HTTPError):
        address = None
    if address is None or not address.host or address.scheme not in _SCHEMES:
        raise ConfigurationError(f"{variable}: not the address of a proxy; write it as http://proxy.example.org:3128")
