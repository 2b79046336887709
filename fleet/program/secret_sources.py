"""Finds secrets in the environment, in files, in commands' output, or in services bound on Cloud Foundry."""

import re
import threading
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from fleet.errors import ConfigurationError
from fleet.given_files import whole_file
from fleet.program.awaited_commands import awaiting
from fleet.program.bound_services import bound_secrets
from fleet.program.secret_command import printed_secret

_MOST_BYTES_OF_A_SECRET = 64 * 1024
_MOST_BYTES_OF_VCAP_SERVICES = 4 * 1024 * 1024
_PATH = re.compile(r"(~|\.{0,2})(/([A-Z]?[a-z0-9._-]{0,30}|[A-Z0-9._-]{0,30}))+")
"""What people's file names look like, and random letters do not."""


class SecretSources:
    """
    Looks for a secret NAME in four places: the variable NAME, the file that NAME_FILE names, the output of the command
    in NAME_COMMAND, and VCAP_SERVICES.

    In VCAP_SERVICES, or in the file that VCAP_SERVICES_FILE_PATH names, it takes any bound service whose credentials
    have a key NAME, in capitals or small letters. It refuses a secret that two places or services give, because nobody
    could tell which one is in use. It runs a command once, when its secret is first asked for.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        services = environment.get("VCAP_SERVICES") or self._of_file(
            "VCAP_SERVICES_FILE_PATH", _MOST_BYTES_OF_VCAP_SERVICES
        )
        self._bound = bound_secrets(services or "")
        self._printed: dict[str, str] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self.given: dict[str, str] = {}
        """All that was found so far, by name, so that it can be kept out of what is printed."""

    def get(self, name: str) -> str | None:
        """
        The secret, or None if no place has it. White space around it is removed if a file or command gave it.

        Any thread may call it.
        """
        found = self._found(name)
        if found:
            self.given[name] = found
        return found

    def _found(self, name: str) -> str | None:
        of_file = self._of_file(f"{name}_FILE", _MOST_BYTES_OF_A_SECRET)
        variables = [place for place in (name, f"{name}_FILE", f"{name}_COMMAND") if self._environment.get(place)]
        bound = self._bound.get(name.upper(), [])
        places = [*variables, *(place for place, _ in bound)]
        if len(places) > 1:
            raise ConfigurationError(f"{name}: given by {' and by '.join(places)}; keep one of them")
        if bound:
            place, value = bound[0]
            if not isinstance(value, str):
                raise ConfigurationError(f"{name}: {place} does not have it as a text")
            return _as_text(name, value)
        if not places:
            return None
        (variable,) = places
        if variable == f"{name}_COMMAND":
            return self._of_command(variable)
        return _as_text(variable, self._environment[variable] if of_file is None else of_file)

    def require_pair(self, first: str, second: str) -> tuple[str, str] | None:
        """Both secrets, or None. Raises ConfigurationError if only one of them is given."""
        pair = (self.get(first), self.get(second))
        if pair[0] and pair[1]:
            return pair[0], pair[1]
        if pair[0] or pair[1]:
            given, missing = (first, second) if pair[0] else (second, first)
            raise ConfigurationError(
                f"{missing} is not set, but {given} is: set both"
                f" (or {missing}_FILE, {missing}_COMMAND, or bind a service)"
            )
        return None

    def _of_command(self, variable: str) -> str:
        with awaiting(variable), self._locks[variable]:
            if variable not in self._printed:
                self._printed[variable] = _as_text(variable, printed_secret(variable, self._environment[variable]))
            return self._printed[variable]

    def _of_file(self, variable: str, most_bytes: int) -> str | None:
        path = self._environment.get(variable)
        if not path:
            return None
        try:
            text = whole_file(Path(path), most_bytes).decode()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a text file"
            raise ConfigurationError(f"{_named(variable, path)}: {reason}") from None
        if not text.strip():
            raise ConfigurationError(f"{_named(variable, path)}: the file is empty")
        return text.strip()


def _named(variable: str, path: str) -> str:
    """Shows the file's name only if it looks like one, since it may be the secret itself in the wrong place."""
    return (
        f"{variable} '{path}'" if _PATH.fullmatch(path) else f"{variable} (not shown, as it may be the secret itself)"
    )


def _as_text(place: str, secret: str) -> str:
    """Raises ConfigurationError if the secret is not text: a variable may hold any bytes."""
    try:
        secret.encode()
    except UnicodeEncodeError:
        raise ConfigurationError(f"{place}: not text in UTF-8") from None
    if "\0" in secret:
        raise ConfigurationError(f"{place}: it holds a NUL")
    return secret
