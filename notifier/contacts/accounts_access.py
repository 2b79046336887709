"""Where PaaS Accounts is. Loads nothing that asks it, because options show it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AccountsAccess:
    """The address of PaaS Accounts, and the user to ask it as."""

    url: str
    username: str
    password: str = field(repr=False)
