"""What a program of its own shows to a UAA to get a token."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """A UAA client that may ask for tokens of its own."""

    client_id: str
    client_secret: str
    uaa_address: str = ""
    """The UAA's address; empty to take it from the API's root document."""

    def __repr__(self) -> str:
        return f"ClientCredentials({self.client_id!r}, <hidden>)"
