"""WEB_CONFIG_FILE: TLS and basic auth in the format of Prometheus's exporter-toolkit, `docs/web-configuration.md`."""

import ssl
from pathlib import Path
from typing import Literal

import msgspec
import yaml

from fleet.errors import ConfigurationError

_TLS_VERSIONS = {
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}
_CLIENT_AUTH = {
    "": ssl.CERT_NONE,
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
_HEADERS = {
    "content-security-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "x-xss-protection",
}
TlsVersion = Literal["TLS12", "TLS13"]


class TlsServerConfig(msgspec.Struct, forbid_unknown_fields=True):
    """The keys that this server honours; `prefer_server_cipher_suites` is what OpenSSL does anyway."""

    cert_file: str = ""
    key_file: str = ""
    client_auth_type: str = ""
    client_ca_file: str = ""
    min_version: TlsVersion = "TLS12"
    max_version: TlsVersion = "TLS13"
    prefer_server_cipher_suites: bool = True


class HttpServerConfig(msgspec.Struct, forbid_unknown_fields=True):
    http2: bool = True
    """Only ever an offer to the client; this server does not make it."""
    headers: dict[str, str] = {}


class WebConfig(msgspec.Struct, forbid_unknown_fields=True):
    tls_server_config: TlsServerConfig | None = None
    http_server_config: HttpServerConfig = msgspec.field(default_factory=HttpServerConfig)
    basic_auth_users: dict[str, str] = {}
    """User name → bcrypt hash."""

    @property
    def headers(self) -> dict[str, str]:
        return {name: value for name, value in self.http_server_config.headers.items() if value}


def read_web_config(path: Path) -> WebConfig:
    """Raises ConfigurationError for a file that is not there, not valid, or asks for what cannot be honoured."""
    try:
        written = yaml.safe_load(path.read_bytes())
        config = msgspec.convert({} if written is None else written, WebConfig)
    except OSError as error:
        raise ConfigurationError(f"WEB_CONFIG_FILE '{path}': {error.strerror}") from error
    except (msgspec.ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"WEB_CONFIG_FILE '{path}': {' '.join(str(error).split())}") from error
    try:
        _check_users(config.basic_auth_users)
        _check_headers(config.headers)
        if config.tls_server_config is not None:
            ssl_context(config.tls_server_config, path.parent)
    except ValueError as error:
        raise ConfigurationError(f"WEB_CONFIG_FILE '{path}': {error}") from error
    return config


def ssl_context(tls: TlsServerConfig, relative_to: Path) -> ssl.SSLContext:
    """For a server; paths in the file are relative to it. Raises ValueError with the key that cannot be honoured."""
    for key in ("cert_file", "key_file"):
        if not getattr(tls, key):
            raise ValueError(f"tls_server_config: {key} is not set")
    if tls.client_auth_type not in _CLIENT_AUTH:
        known = ", ".join(name for name in _CLIENT_AUTH if name)
        raise ValueError(f"tls_server_config: client_auth_type '{tls.client_auth_type}' is not one of {known}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = _TLS_VERSIONS[tls.min_version]
    context.maximum_version = _TLS_VERSIONS[tls.max_version]
    try:
        load_certificate(context, tls, relative_to)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(
            f"tls_server_config: cert_file '{tls.cert_file}', key_file '{tls.key_file}': {error}"
        ) from error
    context.verify_mode = _CLIENT_AUTH[tls.client_auth_type]
    if context.verify_mode is not ssl.CERT_NONE:
        if not tls.client_ca_file:
            raise ValueError(f"tls_server_config: client_auth_type {tls.client_auth_type} needs client_ca_file")
        try:
            context.load_verify_locations(relative_to / tls.client_ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"tls_server_config: client_ca_file '{tls.client_ca_file}': {error}") from error
    elif tls.client_ca_file:
        raise ValueError("tls_server_config: client_ca_file is set, but client_auth_type asks for no certificate")
    return context


def load_certificate(context: ssl.SSLContext, tls: TlsServerConfig, relative_to: Path) -> None:
    """For all handshakes from now on: a renewed certificate needs no restart."""
    context.load_cert_chain(relative_to / tls.cert_file, relative_to / tls.key_file)


def _check_users(users: dict[str, str]) -> None:
    for user, password_hash in users.items():
        is_bcrypt = password_hash.startswith(("$2a$", "$2b$", "$2y$")) and len(password_hash) == 60  # noqa: PLR2004 — its length
        if not user or ":" in user:
            raise ValueError(f"basic_auth_users: '{user}' cannot be a user name: it is empty or has a colon")
        if not is_bcrypt:
            raise ValueError(
                f"basic_auth_users: the password of '{user}' is not a bcrypt hash; htpasswd -nBC 10 makes one"
            )


def _check_headers(headers: dict[str, str]) -> None:
    for name, value in headers.items():
        if name.lower() not in _HEADERS:
            raise ValueError(f"http_server_config: header '{name}' is not one that the format allows")
        if "\n" in value or "\r" in value:
            raise ValueError(f"http_server_config: header '{name}' has a line break")
