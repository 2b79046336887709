"""The web configuration's `tls_server_config`, and the TLS context that follows from it."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from fleet.given_files import require_ordinary

_VERSIONS = {
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}
_UNSAFE_VERSIONS = frozenset({"TLS10", "TLS11"})
_CLIENT_AUTH = {
    "": ssl.CERT_NONE,
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
_UNVERIFIED_CLIENT_AUTH = frozenset({"RequestClientCert", "RequireAnyClientCert", "RequireClientCert"})


class TlsServerConfig(msgspec.Struct, forbid_unknown_fields=True):
    """All keys of the format. `prefer_server_cipher_suites` has no effect here."""

    cert: str = ""
    key: str = ""
    client_ca: str = ""
    cert_file: str = ""
    key_file: str = ""
    client_auth_type: str = ""
    client_ca_file: str = ""
    client_allowed_sans: list[str] = []
    min_version: str = "TLS12"
    max_version: str = "TLS13"
    cipher_suites: list[str] = []
    prefer_server_cipher_suites: bool = True
    curve_preferences: list[str] = []

    @property
    def strength(self) -> tuple[int, int]:
        """How strict the configuration is, for comparing two: the client certificate it asks for, the oldest TLS."""
        return int(_CLIENT_AUTH[self.client_auth_type]), int(_VERSIONS[self.min_version])

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the configuration names; a change of one counts as a change of the configuration."""
        return tuple(name for name in (self.cert_file, self.key_file, self.client_ca_file) if name)


def check_tls(tls: TlsServerConfig, relative_to: Path) -> None:
    """Raises ValueError, naming the key, if one is wrong or cannot be honoured."""
    for key in ("cipher_suites", "curve_preferences", "client_allowed_sans"):
        if getattr(tls, key):
            raise ValueError(f"tls_server_config: {key} cannot be honoured, as Python's TLS has no such choice")
    _check_certificate(tls)
    _check_versions(tls)
    _check_client_auth(tls)
    ssl_context(tls, relative_to)


def _check_certificate(tls: TlsServerConfig) -> None:
    for one, other in (("cert", "cert_file"), ("key", "key_file"), ("client_ca", "client_ca_file")):
        if getattr(tls, one) and getattr(tls, other):
            raise ValueError(f"tls_server_config: {one} and {other} are both set; keep one of them")
    for one, other in (("cert", "cert_file"), ("key", "key_file")):
        if not getattr(tls, one) and not getattr(tls, other):
            raise ValueError(f"tls_server_config: {other} is not set, nor is {one}")


def _check_versions(tls: TlsServerConfig) -> None:
    for version in (tls.min_version, tls.max_version):
        if version in _UNSAFE_VERSIONS:
            raise ValueError(f"tls_server_config: {version} is not safe and not spoken here; write TLS12 or TLS13")
        if version not in _VERSIONS:
            raise ValueError(f"tls_server_config: '{version}' is no version of TLS; write TLS12 or TLS13")
    if tls.min_version > tls.max_version:
        raise ValueError(f"tls_server_config: min_version {tls.min_version} is above max_version {tls.max_version}")


def _check_client_auth(tls: TlsServerConfig) -> None:
    if tls.client_auth_type in _UNVERIFIED_CLIENT_AUTH:
        raise ValueError(
            f"tls_server_config: client_auth_type {tls.client_auth_type} would take any certificate unverified, which"
            " cannot be honoured; write RequireAndVerifyClientCert"
        )
    if tls.client_auth_type not in _CLIENT_AUTH:
        known = ", ".join(name for name in _CLIENT_AUTH if name)
        raise ValueError(f"tls_server_config: client_auth_type '{tls.client_auth_type}' is not one of {known}")
    asks = _CLIENT_AUTH[tls.client_auth_type] is not ssl.CERT_NONE
    if asks and not tls.client_ca_file and not tls.client_ca:
        raise ValueError(
            f"tls_server_config: client_auth_type {tls.client_auth_type} needs client_ca_file: without it, a"
            " certificate of any public authority would do"
        )
    if not asks and (tls.client_ca_file or tls.client_ca):
        raise ValueError("tls_server_config: client_ca_file is set, but client_auth_type asks for no certificate")


def ssl_context(tls: TlsServerConfig, relative_to: Path) -> ssl.SSLContext:
    """
    The TLS context for a server. File names are relative to the folder `relative_to`.

    Raises ValueError, naming the key, if a file is missing or cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _VERSIONS[tls.min_version]
    context.maximum_version = _VERSIONS[tls.max_version]
    context.verify_mode = _CLIENT_AUTH[tls.client_auth_type]
    try:
        for given, name in ((tls.cert, tls.cert_file), (tls.key, tls.key_file)):
            if not given:
                require_ordinary(relative_to / name)
        with (
            _in_file(tls.cert, relative_to / tls.cert_file) as cert,
            _in_file(tls.key, relative_to / tls.key_file) as key,
        ):
            context.load_cert_chain(cert, key, password=_no_password)
    except (OSError, ValueError) as error:
        named = f"cert_file '{tls.cert_file}', key_file '{tls.key_file}'"
        raise ValueError(f"tls_server_config: {named}: {error}") from error
    try:
        if tls.client_ca_file:
            require_ordinary(relative_to / tls.client_ca_file)
            context.load_verify_locations(relative_to / tls.client_ca_file)
        elif tls.client_ca:
            context.load_verify_locations(cadata=tls.client_ca)
    except (OSError, ValueError) as error:
        raise ValueError(f"tls_server_config: client_ca_file '{tls.client_ca_file}': {error}") from error
    return context


def _no_password() -> str:
    """Refuses encrypted keys, because OpenSSL would otherwise ask for a password on the terminal."""
    raise ValueError("the key is encrypted; give one that is not")


@contextmanager
def _in_file(text: str, path: Path) -> Iterator[str | Path]:
    """Yields a path from which the text can be read within the block, in memory if possible; without text, `path`."""
    if not text:
        yield path
    elif hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("tls")
        try:
            os.write(descriptor, text.encode())
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
    else:
        with NamedTemporaryFile() as file:
            file.write(text.encode())
            file.flush()
            yield file.name
