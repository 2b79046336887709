"""Reads WEB_CONFIG_FILE, in the format of Prometheus's exporter-toolkit (its `docs/web-configuration.md`)."""

import re
from pathlib import Path

import msgspec
import yaml

from exporter.rate_limit import RateLimit, duration_seconds
from exporter.tls_config import TlsServerConfig, check_tls
from fleet.errors import ConfigurationError
from fleet.given_files import whole_file
from fleet.known_types import known

_HEADER_VALUES: dict[str, frozenset[str]] = {
    "content-security-policy": frozenset(),
    "strict-transport-security": frozenset(),
    "x-content-type-options": frozenset({"nosniff"}),
    "x-frame-options": frozenset({"deny", "sameorigin"}),
    "x-xss-protection": frozenset(),
}
"""The headers that the format allows, with the values that each may have; an empty set allows any value."""
_BCRYPT = re.compile(r"\$2[aby]\$(?P<cost>\d\d)\$[./A-Za-z0-9]{53}")
_LOWEST_COST, _HIGHEST_COST = 4, 18
_LARGEST_FILE_BYTES = 1024 * 1024


class HttpServerConfig(msgspec.Struct, forbid_unknown_fields=True):
    http2: bool = True
    """Accepted, but without effect: HTTP/2 is only an offer to the client, and this server does not make it."""
    headers: dict[str, str | None] = {}


class RateLimitConfig(msgspec.Struct, forbid_unknown_fields=True):
    interval: str = "0"
    """A duration in Go's notation, such as `1s` or `1m30s`; 0 for no limit."""
    burst: int = 0


class WebConfig(msgspec.Struct, forbid_unknown_fields=True):
    tls_server_config: TlsServerConfig | None = None
    http_server_config: HttpServerConfig = msgspec.field(default_factory=HttpServerConfig)
    rate_limit: RateLimitConfig = msgspec.field(default_factory=RateLimitConfig)
    basic_auth_users: dict[str, str] | None = None
    """Bcrypt hashes by user name."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers that have a value; blank ones are not set."""
        return {name: value for name, value in self.http_server_config.headers.items() if value}

    def limit(self) -> RateLimit | None:
        """Raises ValueError."""
        interval_seconds, burst = duration_seconds(self.rate_limit.interval), self.rate_limit.burst
        if not interval_seconds:
            return None
        if burst < 1:
            raise ValueError(f"rate_limit: a burst of {burst} would let no request in, ever; write 1 or more")
        return RateLimit(interval_seconds, burst)


def read_web_config(path: Path) -> WebConfig:
    """Raises ConfigurationError if the file is missing, is not valid, or asks for something we cannot honour."""
    try:
        config = msgspec.convert(_written(path), known(WebConfig), strict=False)
        _check_users(config.basic_auth_users)
        _check_headers(config.headers)
        config.limit()
        if config.tls_server_config is not None:
            check_tls(config.tls_server_config, path.parent)
    except OSError as error:
        raise ConfigurationError(f"WEB_CONFIG_FILE '{path}': {error.strerror}") from error
    except yaml.MarkedYAMLError as error:  # its message quotes the file, and so perhaps a private key
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ConfigurationError(f"WEB_CONFIG_FILE '{path}': {line}{error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        raise ConfigurationError(f"WEB_CONFIG_FILE '{path}': it is not YAML") from None
    except (msgspec.ValidationError, ValueError) as error:
        raise ConfigurationError(f"WEB_CONFIG_FILE '{path}': {' '.join(str(error).split())}") from error
    except (LookupError, AttributeError, TypeError) as error:  # PyYAML's own, as for `!!bool maybe`
        raise ConfigurationError(f"WEB_CONFIG_FILE '{path}': a value is not what its !!tag says it is") from error
    return config


class _Loader(yaml.SafeLoader):
    """Keeps numbers as text, as in `X-XSS-Protection: 1`, and refuses duplicate keys, like Go's strict reader."""

    yaml_implicit_resolvers = {  # noqa: RUF012 — PyYAML's own way to configure it
        first: [pair for pair in pairs if pair[0].rpartition(":")[2] in ("bool", "null", "merge")]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:  # noqa: FBT001, FBT002 — PyYAML's signature
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                problem = "a key is a list or a map: put it in quotes if it is meant as text"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            if key.value in seen:
                problem = f"'{key.value}' is given twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _written(path: Path) -> object:
    """The file's content. Refuses an empty section, because it may mean that the file was cut off."""
    written: object = yaml.load(whole_file(path, _LARGEST_FILE_BYTES), _Loader)  # noqa: S506 — a SafeLoader
    if written is None:
        raise ValueError("it is empty; write {} where neither TLS nor passwords are meant")
    if isinstance(written, dict) and (empty := next((key for key, value in written.items() if value is None), None)):
        raise ValueError(f"{empty} is empty; leave it out, or say what is meant")
    tls = written.get("tls_server_config") if isinstance(written, dict) else None
    if isinstance(tls, dict):
        return {**written, "tls_server_config": {key: value for key, value in tls.items() if value is not None}}  # type: ignore[dict-item] # a dict, as tls is
    return written


def _check_users(users: dict[str, str] | None) -> None:
    if users is not None and not users:
        raise ValueError("basic_auth_users names nobody; leave it out, or add a user")
    for user, password_hash in (users or {}).items():
        if not user or ":" in user:
            raise ValueError(f"basic_auth_users: '{user}' cannot be a user name: it is empty or has a colon")
        if (found := _BCRYPT.fullmatch(password_hash)) is None:
            raise ValueError(
                f"basic_auth_users: the password of '{user}' is not a bcrypt hash; htpasswd -nBC 10 makes one"
            )
        if not _LOWEST_COST <= int(found["cost"]) <= _HIGHEST_COST:
            raise ValueError(
                f"basic_auth_users: the hash of '{user}' has a cost of {int(found['cost'])}; from {_LOWEST_COST} to"
                f" {_HIGHEST_COST} will do, and {_HIGHEST_COST} takes some ten seconds to check"
            )


def _check_headers(headers: dict[str, str]) -> None:
    for name, value in headers.items():
        allowed = _HEADER_VALUES.get(name.lower())
        if allowed is None:
            raise ValueError(f"http_server_config: header '{name}' is not one that the format allows")
        if allowed and value not in allowed:
            raise ValueError(
                f"http_server_config: header '{name}' is '{value}', not one of {', '.join(sorted(allowed))}"
            )
        if not value.isascii() or not value.isprintable() or value != value.strip():
            raise ValueError(f"http_server_config: header '{name}' has a line break, or a character that is not ASCII")
