"""The ways in which the world can be wrong; each program maps them to its exit statuses in one place."""


class ConfigurationError(Exception):
    """A setting is missing or wrong: the message names it, its value, and what to write instead."""


class RemoteError(Exception):
    """A remote system could not be reached, refused us, or answered something that it does not promise."""

    def __init__(self, system: str, call: str, cause: str) -> None:
        super().__init__(f"{system}: {call}: {cause}")
        self.system = system
        self.call = call
        self.cause = cause


class ThrottledError(RemoteError):
    """It asks to be asked less often: nothing is wrong, and nothing was done."""


class InsufficientScopeError(RemoteError):
    """The token is valid but does not see every org, so that each list would silently be too short."""
