"""Breaks a rule in every small way that a typing mistake could: one changed operator, number, matcher, label, duration."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Rule = dict[str, Any]

_TOKEN = re.compile(
    r"""
    (?P<matcher>[a-z_]+(?:=~|!~|!=|=)"[^"]*")
    | (?P<string>"[^"]*")
    | (?P<range>\[\d+[smhdw]\])
    | (?P<labels>\b(?:by|on|ignoring)\ \([a-z_,\ ]+\))
    | (?P<word>[a-zA-Z_][a-zA-Z0-9_:]*)
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<operator>==|!=|<=|>=|[<>+/-]|\*(?!\ on\ \(aws_region,\ job,\ instance\)\ group_left\ \(aws_account_id\)))
    """,
    re.VERBOSE,
)

# `max` becomes `sum`, not `min`: it merges replicas that looked at the same moment, whose values agree. `*` becomes
# `+`, not `/`: what is multiplied by 0 or by an info metric's 1 can as well be divided by it.
# The one that only brings an account stays: mostly series are counted then, and nobody reads the product.
_REPLACEMENTS = {
    "==": ("!=",),
    "<": ("<=", ">"),
    ">": (">=", "<"),
    "<=": ("<", ">"),
    ">=": (">", "<"),
    "+": ("-",),
    "-": ("+",),
    "*": ("+",),
    "/": ("*",),
    "and": ("or", "unless"),
    "or": ("and", "unless"),
    "unless": ("and", "or"),
    "max": ("sum",),
    "sum": ("max",),
    "count": ("group",),
}


@dataclass(frozen=True, eq=False)
class Mutant:
    """
    `rule` is the broken one of `original`; `change` says how, for whoever has to write the test that notices.

    Two alerts of one name, of different severity, are two rules.
    """

    name: str
    change: str
    original: Rule
    rule: Rule
    is_of_labels: bool = False
    """The change is in what series are joined or counted by."""


def name_of(rule: Rule) -> str:
    return str(rule.get("alert") or rule["record"])


def mutants(rule: Rule) -> Iterator[Mutant]:
    name = name_of(rule)
    expression = str(rule["expr"])
    for token in _TOKEN.finditer(expression):
        for replacement in _broken(token):
            broken = expression[: token.start()] + replacement + expression[token.end() :]
            before, line = expression[: token.start()], expression.count("\n", 0, token.start()) + 1
            column = len(before) - before.rfind("\n")
            change = f"{token[0]} -> {replacement or 'nothing'} in line {line}, column {column}"
            yield Mutant(name, change, rule, {**rule, "expr": broken}, token.lastgroup == "labels")
    for field in ("for", "keep_firing_for"):
        if field in rule:
            for duration in _durations(str(rule[field])):
                yield Mutant(name, f"{field}: {rule[field]} -> {duration}", rule, {**rule, field: duration})


def _broken(token: re.Match[str]) -> Iterator[str]:
    text = token[0]
    match token.lastgroup:
        case "matcher":
            yield from _matchers(text)
        case "range":
            yield from (f"[{duration}]" for duration in _durations(text.strip("[]")))
        case "labels":
            yield from _labels(text)
        case "number":
            number = float(text)
            yield from (f"{number * 2:g}", f"{number / 2:g}") if number else ("1",)
        case "operator" | "word":
            yield from _REPLACEMENTS.get(text, ())


def _matchers(text: str) -> Iterator[str]:
    """The opposite, anything, and each of several alternatives left out."""
    label, operator, value = re.fullmatch(r'(\w+)(\W+)"(.*)"', text).groups()  # type: ignore[union-attr] # as in _TOKEN
    yield f'{label}{ {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}[operator] }"{value}"'
    yield f'{label}=~".*"'
    alternatives = value.split("|")
    if len(alternatives) > 1:
        yield from (
            f'{label}{operator}"{"|".join(other for other in alternatives if other != left_out)}"'
            for left_out in alternatives
        )


def _labels(text: str) -> Iterator[str]:
    """Each label left out."""
    keyword, listed = text.split(" ", 1)
    names = listed.strip("()").split(", ")
    yield from (f"{keyword} ({', '.join(other for other in names if other != left_out)})" for left_out in names)


def _durations(text: str) -> tuple[str, str]:
    """Half and double."""
    seconds = int(text[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[text[-1]]
    return f"{seconds // 2}s", f"{seconds * 2}s"
