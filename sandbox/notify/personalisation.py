"""Placeholders such as ((name)), ((name??shown if yes)), and what replaces them."""

import re
from collections.abc import Callable, Mapping

Values = Mapping[str, object]

_PLACEHOLDER = re.compile(r"\(\(([^()]+)\)\)")
_YES = frozenset({"yes", "y", "true", "t", "1", "include", "show"})
_ZERO_WIDTH = dict.fromkeys(map(ord, "\u180e\u200b\u200c\u200d\u2060\ufeff\u00a0"))


def placeholders(text: str) -> list[str]:
    """The names, each once, in the order of their first use."""
    return list(dict.fromkeys(body.partition("??")[0] for body in _PLACEHOLDER.findall(text)))


def missing(names: list[str], values: Values) -> list[str]:
    """Null counts as missing."""
    given = {_key(name) for name, value in values.items() if value is not None}
    return [name for name in names if _key(name) not in given]


def filled(text: str, values: Values, joined: Callable[[list[str]], str]) -> str:
    """`joined` makes one text of a list. What has no value stays as it is."""
    by_key = {_key(name): value for name, value in values.items()}

    def replacement(match: re.Match[str]) -> str:
        name, is_conditional, conditional_text = match[1].partition("??")
        value = by_key.get(_key(name))
        if value is None:
            return match[0]
        if is_conditional:
            return conditional_text if str(value).lower() in _YES else ""
        if isinstance(value, list):
            texts = [str(one).translate(_ZERO_WIDTH).strip() for one in value if one is not None]
            return joined([one for one in texts if one])
        return str(value)

    return _PLACEHOLDER.sub(replacement, text)


def as_bullets(texts: list[str]) -> str:
    return "\n\n" + "\n".join(f"* {text}" for text in texts) if texts else ""


def as_sentence(texts: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))


def _key(name: str) -> str:
    """Names match without regard to case, spaces, hyphens and underscores."""
    return re.sub(r"[\s_-]", "", name).lower()
