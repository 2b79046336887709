"""
The two ways in which the world can be wrong; each program maps them to its exit statuses in one place.

Their messages hold what people and remote systems wrote, and go to terminals: each is one line of printable text.
"""

from fleet.printable import one_line


class ConfigurationError(Exception):
    """A setting is missing or wrong: the message names it, its value, and what to write instead."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class RemoteError(Exception):
    """A remote system could not be reached, refused us, or answered something that it does not promise."""

    def __init__(self, system: str, call: str, cause: str) -> None:
        self.system = system
        self.call = one_line(call)
        self.cause = one_line(cause)
        super().__init__(f"{system}: {self.call}: {self.cause}")


class ThrottledError(RemoteError):
    """It asks to be asked less often: nothing is wrong, and nothing was done."""


class InsufficientScopeError(RemoteError):
    """The token is valid but does not see every org, so that each list would silently be too short."""


class TooLargeError(RemoteError):
    """The answer is larger than any that we would keep in memory; a smaller page may be had."""
