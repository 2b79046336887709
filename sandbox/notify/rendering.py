"""A mail as Notify sends it: as HTML, and as text for programs that show none. What the mail says is escaped."""

import html as entities
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, unquote

from sandbox.notify.inline import Break, Definitions, Link, Span, spans
from sandbox.notify.markdown import Block, Gap, Heading, Inset, Item, Listing, Paragraph, Reader, Rule, Verbatim

MOST_REMEMBERED = 5000  # tests ask for all the mails again and again
WIDTH = 65
RULE = ("=-" * WIDTH)[:WIDTH]
HEADINGS = {1: "h2", 2: "h3"}
UNDERLINES = {1: "=", 2: "-"}

_KEPT_ENTITY = re.compile(r"(&(?:nbsp|amp|lpar|rpar);)")
_ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[^\t\n\f <&#;]{1,32});")


@lru_cache(MOST_REMEMBERED)
def html(body: str) -> str:
    """The message alone, without the page around it."""
    reader = Reader()
    blocks = reader.blocks(_escaped(body))
    return "".join(_html_block(block, reader.definitions) for block in blocks)


@lru_cache(MOST_REMEMBERED)
def text(body: str) -> str:
    reader = Reader()
    blocks = reader.blocks(_escaped(body))
    lines = "".join(_text_block(block, reader.definitions) for block in blocks)
    return entities.unescape(lines).strip() + "\n"


def page(subject: str, body: str) -> str:
    """All that Notify sends, without its crown and colours."""
    title = entities.escape(subject)
    head = f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    return f"{head}<body>{html(body)}</body></html>"


def _escaped(body: str) -> str:
    """Entities count as the characters that they are, so that `&#42;` can be a bullet; only four stay entities."""
    parts = _KEPT_ENTITY.split(body)
    return "".join(
        part if number % 2 else entities.escape(_unescaped(part), quote=False) for number, part in enumerate(parts)
    )


def _unescaped(part: str) -> str:
    return _ENTITY.sub(lambda found: entities.unescape(found[0]), part)


def _html_block(block: Block, definitions: Definitions) -> str:
    match block:
        case Heading(level, words) if level in HEADINGS:
            return f"<{HEADINGS[level]}>{_html_line(words, definitions)}</{HEADINGS[level]}>"
        case Heading(_, words) | Paragraph(words):
            line = _html_line(words, definitions)
            return f"<p>{line}</p>" if line.strip() else ""
        case Verbatim(words):
            return words
        case Rule() | Gap():
            return "<hr>" if block == Rule() else "<br />"
        case Inset(blocks):
            return f"<blockquote>{''.join(_html_block(inner, definitions) for inner in blocks)}</blockquote>"
        case Listing(is_ordered, items):
            tag = "ol" if is_ordered else "ul"
            return f"<{tag}>{''.join(f'<li>{_html_item(item, definitions)}</li>' for item in items)}</{tag}>"


def _html_item(item: Item, definitions: Definitions) -> str:
    return "".join(
        _html_line(block.text, definitions)
        if isinstance(block, Paragraph) and not item.is_loose
        else _html_block(block, definitions)
        for block in item.blocks
    ).strip()


def _html_line(words: str, definitions: Definitions) -> str:
    return _html_spans(spans(words, definitions))


def _html_spans(line: Iterable[Span]) -> str:
    return "".join(_html_span(span) for span in line)


def _html_span(span: Span) -> str:
    match span:
        case Break():
            return "<br />"
        case Link(address, None):
            return f'<a href="{quote(unquote(address), safe=":/?#=&;")}">{address}</a>'
        case Link(address, label, title):
            more = f' title="{_attribute(title)}"' if title else ""
            return f'<a href="{_attribute(address)}"{more}>{_html_spans(label or ())}</a>'
        case str():
            return span


def _attribute(value: str) -> str:
    """The rest is escaped already."""
    return value.replace('"', "&quot;")


def _text_block(block: Block, definitions: Definitions) -> str:
    match block:
        case Heading(level, words) if level in HEADINGS:
            return f"\n\n\n{_text_line(words, definitions)}\n{UNDERLINES[level] * WIDTH}"
        case Heading(_, words) | Paragraph(words):
            return f"\n\n{_text_line(words, definitions)}"
        case Verbatim(words):
            return words
        case Rule() | Gap():
            return f"\n\n{RULE}" if block == Rule() else "\n"
        case Inset(blocks):
            return "".join(_text_block(inner, definitions) for inner in blocks)
        case Listing(is_ordered, items):
            markers = (f"{number}." if is_ordered else "•" for number in range(1, len(items) + 1))
            lines = (f"\n{marker} {_text_item(item, definitions)}" for marker, item in zip(markers, items, strict=True))
            return "\n" + "".join(lines)


def _text_item(item: Item, definitions: Definitions) -> str:
    return "".join(
        _text_line(block.text, definitions)
        if isinstance(block, Paragraph) and not item.is_loose
        else _text_block(block, definitions)
        for block in item.blocks
    ).strip()


def _text_line(words: str, definitions: Definitions) -> str:
    return "".join(_text_span(span) for span in spans(words, definitions))


def _text_span(span: Span) -> str:
    match span:
        case Break():
            return "\n"
        case Link(address, None):
            return address
        case Link(address, label, title):
            more = f" ({title})" if title else ""
            return f"{''.join(_text_span(inner) for inner in label or ())}{more}: {address}"
        case str():
            return span
