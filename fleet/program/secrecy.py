"""
Hides whatever may be a secret in a message, as a last resort behind careful messages. Pure.

A key is easily given in the wrong place: as a file's name, as a command, or to the option beside its own.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

HIDDEN = "<hidden>"

_NAME_SAYS_SO = re.compile(r"(?:^|[_-])(?:key|secret|password|passphrase|token)$", re.IGNORECASE)
_USER_AND_PASSWORD = re.compile(r"(?:[a-z0-9]+://)?(?P<user>[^:/@]*):(?P<password>.*)@", re.IGNORECASE | re.DOTALL)
_SHORTEST = 6
"""Shorter values are part of too many ordinary words."""
_LOOKS_LIKE_ONE = re.compile(
    r"(?<=://)(?![^\s:@]*:(?:\*+|password)@)[^\s'\"]{1,500}(?=@)"  # a user and a password, unless hidden already
    r"|(?:(?<=password=)|(?<=secret=)|(?<=token=)|(?<=key=))[^\s&'\"]+"
    r"|[\w.-]{0,100}[0-9a-f-]{45,}"  # GOV.UK Notify's: a name and two uuids
    r"|(?<![\w+])(?<!maintenance-)(?<!preview-)"  # those are references of mails
    r"(?=[a-z+]*[0-9])(?=[0-9+]*[a-z])[a-z0-9+]{20,}(?![\w+])"
    r"|(?<![\w/+])(?-i:(?=[A-Za-z0-9/+]*[a-z])(?=[A-Za-z0-9/+]*[A-Z])[A-Za-z0-9/+]{40})(?![\w/+=])",  # AWS's
    re.IGNORECASE,
)


def secrets_given(arguments: Sequence[str], environment: Mapping[str, str]) -> frozenset[str]:
    """The values of variables and flags whose name ends in `key`, `password` or the like, and proxies' passwords."""
    flags = ((flag, value) for flag, _, value in (argument.partition("=") for argument in arguments))
    pairs = [*environment.items(), *flags, *pairwise(arguments)]
    named = (value for name, value in pairs if _NAME_SAYS_SO.search(name))
    of_proxies = (part for name, value in environment.items() if name.lower().endswith("_proxy") for part in _of(value))
    return frozenset(value for value in (*named, *of_proxies) if len(value) >= _SHORTEST)


def _of(proxy: str) -> Iterator[str]:
    """The password in a proxy's address, and the parts that a library takes for it where it holds a slash."""
    if (found := _USER_AND_PASSWORD.match(proxy)) is not None:
        for part in (found["password"], *re.split("[/?#]", found["password"])):
            yield part
            yield f"{found['user']}:{part}"


def without_secrets(text: str, known: Iterable[str] = ()) -> str:
    for secret in sorted(known, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return _LOOKS_LIKE_ONE.sub(HIDDEN, text)
