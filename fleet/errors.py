"""
The two kinds of expected errors: a wrong setting, and a remote system that fails.

Each program maps them to its exit statuses in one place. Their messages quote people and remote systems and go to
terminals, so each is made one line of printable text, which has an end.
"""

from fleet.printable import one_line

_MOST_CHARACTERS = 2_000
"""Whoever quotes others cuts their words to fewer; this is for those who forget it."""


class ConfigurationError(Exception):
    """A setting is missing or wrong. The message names the setting, its value, and what to write instead."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message, _MOST_CHARACTERS))


class NotSetUpError(ConfigurationError):
    """A setting that not everybody needs is not given; nothing is wrong with those that are."""


class RemoteError(Exception):
    """A remote system could not be reached, refused us, or gave an answer that its documentation does not allow."""

    def __init__(self, system: str, call: str, cause: str) -> None:
        self.system = system
        self.call = one_line(call, _MOST_CHARACTERS)
        self.cause = one_line(cause, _MOST_CHARACTERS)
        super().__init__(f"{system}: {self.call}: {self.cause}")


class ThrottledError(RemoteError):
    """It asks to be asked less often: nothing is wrong, and nothing was done."""


class InsufficientScopeError(RemoteError):
    """The token is valid but does not see every org, so every list would be too short without anybody noticing."""


class TooLargeError(RemoteError):
    """The answer is larger than we keep in memory. Asking for a smaller page may help."""
