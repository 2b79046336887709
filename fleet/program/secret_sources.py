"""Where secrets come from: the environment, files, or services bound on Cloud Foundry; never flags."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from fleet.errors import ConfigurationError


class _Binding(msgspec.Struct):
    name: str = ""
    credentials: dict[str, object] = {}


class SecretSources:
    """
    Looks for a secret NAME in three places: NAME itself, the file that NAME_FILE names, and VCAP_SERVICES.

    In VCAP_SERVICES, or the file that VCAP_SERVICES_FILE_PATH names, any bound service will do whose credentials have
    a key NAME, in capitals or small letters. A secret that two places or services give is refused: nobody could tell
    which one is in use.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        services = environment.get("VCAP_SERVICES") or self._from_file("VCAP_SERVICES_FILE_PATH")
        self._bound = _bound_credentials(services or "")

    def get(self, name: str) -> str | None:
        """The secret, without surrounding white space where it came from a file; None where no place has it."""
        found = {
            place: value
            for place, value in (
                (name, self._environment.get(name) or None),
                (f"{name}_FILE", self._from_file(f"{name}_FILE")),
                *self._bound.get(name, {}).items(),
            )
            if value is not None
        }
        if len(found) > 1:
            raise ConfigurationError(f"{name}: given by {' and by '.join(found)}; keep one of them")
        return next(iter(found.values()), None)

    def require_pair(self, first: str, second: str) -> tuple[str, str] | None:
        """Both or neither: one of them alone is a mistake."""
        pair = (self.get(first), self.get(second))
        if pair[0] and pair[1]:
            return pair[0], pair[1]
        if pair[0] or pair[1]:
            given, missing = (first, second) if pair[0] else (second, first)
            raise ConfigurationError(
                f"{missing} is not set, but {given} is: set both (or {missing}_FILE, or bind a service)"
            )
        return None

    def _from_file(self, variable: str) -> str | None:
        path = self._environment.get(variable)
        if not path:
            return None
        try:
            return Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a text file"
            raise ConfigurationError(f"{variable} '{path}': {reason}") from error


def _bound_credentials(vcap_services: str) -> dict[str, dict[str, str]]:
    """By the credential's name in capitals, what each bound service says it is."""
    if not vcap_services.strip():
        return {}
    try:
        services = msgspec.json.decode(vcap_services, type=dict[str, list[_Binding]])
    except msgspec.DecodeError as error:
        raise ConfigurationError(f"VCAP_SERVICES: {error}") from error
    bound: dict[str, dict[str, str]] = {}
    for bindings in services.values():
        for binding in bindings:
            for key, value in binding.credentials.items():
                if isinstance(value, str):
                    bound.setdefault(key.upper(), {})[f"service '{binding.name}' in VCAP_SERVICES"] = value
    return bound
