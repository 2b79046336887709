"""What the words of a mail mean: links, addresses and line breaks. Emphasis and the like stay as they were typed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_SPECIAL = re.compile(
    r"""
      \\(?P<escaped>[\\`*{}\[\]()#+\-.!_>~|])
    | (?P<url>https?://[^\s<]+[^<.,:"')\]\s])
    | (?P<image>!?)\[(?P<label>(?:\[[^\]]*\]|[^\[\]])*)\]
    | (?P<break>[ ]*\n)(?!\s*\Z)
    """,
    re.VERBOSE,
)
_TARGET = re.compile(r"""\(\s*(?P<address>[^)]*?)(?:\s+["'](?P<title>.*?)["'])?\s*\)""")
_REFERENCE = re.compile(r"\s*\[(?P<key>[^\]]*)\]")


@dataclass(frozen=True)
class Link:
    """`label` None is an address that stands in the text by itself."""

    address: str
    label: "tuple[Span, ...] | None" = None
    title: str | None = None


@dataclass(frozen=True)
class Break:
    pass


Span = str | Link | Break
Definitions = Mapping[str, Link]


def spans(text: str, definitions: Definitions, *, is_label: bool = False) -> Iterator[Span]:
    """`definitions` are links by their key. Addresses in a link's label are text: links do not nest."""
    shown, at = 0, 0
    while special := _SPECIAL.search(text, at):
        span, end = _span(special, text, definitions, is_label=is_label)
        at = max(end, special.start() + 1)
        if span is not None:
            yield text[shown : special.start()]
            yield span
            shown = at
    yield text[shown:].rstrip("\n")


def key(text: str) -> str:
    return re.sub(r"\s+", " ", text.lower())


def _span(found: re.Match[str], text: str, definitions: Definitions, *, is_label: bool) -> tuple[Span | None, int]:
    """With its end; None where what looked like a link is none."""
    if found["escaped"]:
        return found["escaped"], found.end()
    if found["url"]:
        return (found["url"] if is_label else Link(found["url"])), found.end()
    if found["break"]:
        return Break(), found.end()
    link, end = _destination(found, text, definitions)
    if link is None:
        return None, 0
    if found["image"]:
        return "", end
    return Link(link.address, tuple(spans(found["label"], definitions, is_label=True)), link.title), end


def _destination(found: re.Match[str], text: str, definitions: Definitions) -> tuple[Link | None, int]:
    """Where [label](address "title"), [label][key] or [key] leads."""
    if target := _TARGET.match(text, found.end()):
        return Link(target["address"], title=target["title"]), target.end()
    reference = _REFERENCE.match(text, found.end())
    if reference and (defined := definitions.get(key(reference["key"] or found["label"]))):
        return defined, reference.end()
    return definitions.get(key(found["label"])), found.end()
