"""
What a mail's body means: the part of Markdown that Notify knows, with Notify's own bullets and insets.

Placeholders are filled before this, so that a value can be formatting as well as text. As with Notify, a bullet needs
no space after it and a heading none after its hashes; in a list there are no headings. Tables and images vanish.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sandbox.notify.inline import Link, key

DEEPEST = 6

_RULE = re.compile(r" {0,3}[-*_](?: *[-*_]){2,} *")
_CODE = re.compile(r" {4}.+")
_FENCE = re.compile(r" *(`{3,}|~{3,}) *[^`\s]* *")
_HEADING = re.compile(r" *(#{1,6}) *(.+?) *#* *")
_UNDERLINE = re.compile(r" *[=-]+ *")
_INSET = re.compile(r" *\^ ?(?=.)")
_BULLET = re.compile(r"( *)([•*-]|\d+\.)")
_SPACED_BULLET = re.compile(r" *(?:[*+-]|\d+\.) +\S")
_TABLE_RULE = re.compile(r" *\|? *[-:]+ *\|[-| :]*")
_DEFINITION = re.compile(r""" *\[([^^\]]+)\]: *<?([^\s>]+)>?(?: +["(](.+)[")])? *""")


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Verbatim:
    """What was indented or fenced as code: Notify shows it as it is."""

    text: str


@dataclass(frozen=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True)
class Rule:
    pass


@dataclass(frozen=True)
class Gap:
    """Empty lines between the parts of one item."""


@dataclass(frozen=True)
class Inset:
    blocks: "list[Block]"


@dataclass(frozen=True)
class Item:
    """A loose item stands in paragraphs, others in bare lines."""

    blocks: "list[Block]"
    is_loose: bool


@dataclass(frozen=True)
class Listing:
    is_ordered: bool
    items: list[Item]


Block = Paragraph | Verbatim | Heading | Rule | Gap | Inset | Listing
Found = tuple[Block | None, int]  # the block, if it shows at all, and the line at which the next one begins


class Reader:
    """Reads one body. `definitions`, links by their key, are complete once all its blocks were read."""

    def __init__(self) -> None:
        self.definitions: dict[str, Link] = {}

    def blocks(self, body: str) -> list[Block]:
        lines = body.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).rstrip("\n").split("\n")
        return list(self._blocks([line if line.strip(" ") else "" for line in lines], 0))

    def _blocks(self, lines: list[str], depth: int, *, is_item: bool = False) -> Iterator[Block]:
        at = 0
        while at < len(lines):
            if not lines[at]:
                following = _end(lines, at, lambda line: not line)
                if is_item and at and following < len(lines):
                    yield Gap()
                at = following
                continue
            read = self._item_block if is_item else self._block
            block, at = _plain_block(lines, at) or self._nested(lines, at, depth) or read(lines, at)
            if block is not None:
                yield block

    def _nested(self, lines: list[str], at: int, depth: int) -> Found | None:
        if depth >= DEEPEST or (_is_heading(lines[at]) and not _BULLET.match(lines[at])):
            return None
        if _INSET.match(lines[at]):
            return self._inset(lines, at, depth)
        if _begins_list(lines, at):
            return self._listing(lines, at, depth)
        return None

    def _block(self, lines: list[str], at: int) -> Found:
        """What there is only outside lists."""
        if heading := _HEADING.fullmatch(lines[at]):
            return Heading(len(heading[1]), heading[2]), at + 1
        if definition := _DEFINITION.fullmatch(lines[at]):
            self.definitions[key(definition[1])] = Link(definition[2], title=definition[3])
            return None, at + 1
        if _begins_table(lines, at):
            return None, _end(lines, at + 2, lambda line: "|" in line)
        end = at + 1
        while end < len(lines) and not _interrupts_paragraph(lines, end):
            end += 1
        return Paragraph("\n".join(lines[at:end])), end

    def _item_block(self, lines: list[str], at: int) -> Found:
        end = at + 1
        while end < len(lines) and not _interrupts_item(lines, end):
            end += 1
        return Paragraph("\n".join(lines[at:end])), end

    def _inset(self, lines: list[str], at: int, depth: int) -> Found:
        """Until an empty line that no further inset follows."""
        end = at
        while end < len(lines) and (lines[end] or _next_is(lines, end, _INSET)):
            end += 1
        inside = [_INSET.sub("", line, count=1) for line in lines[at:end]]
        return Inset(list(self._blocks(inside, depth + 1))), end

    def _listing(self, lines: list[str], at: int, depth: int) -> Found:
        """Until an empty line that neither a further bullet nor an indented line follows, or until a rule."""
        indent, bullet = _bullet(lines[at])
        further = re.compile(rf" |{indent}(?:[•*-]|\d+\.) ")
        end = at + 1
        while end < len(lines) and (lines[end] or _next_is(lines, end, further)):
            if _RULE.fullmatch(lines[end]) or _DEFINITION.fullmatch(lines[end]):
                break
            end += 1
        texts = list(_items(lines[at:end], indent))
        loose = _looseness(texts)
        items = [
            Item(list(self._blocks(_outdented(text), depth + 1, is_item=True)), is_loose)
            for text, is_loose in zip(texts, loose, strict=True)
        ]
        return Listing("." in bullet, items), end


def _plain_block(lines: list[str], at: int) -> Found | None:
    """What there is everywhere, with no blocks inside."""
    line = lines[at]
    if _RULE.fullmatch(line):
        return Rule(), at + 1
    if _CODE.match(line):
        end = _end(lines, at, lambda other: not other or bool(_CODE.match(other)))
        return Verbatim("\n".join(other[4:] for other in lines[at:end]).rstrip("\n")), end
    if fence_end := _fence_end(lines, at):
        return Verbatim("\n".join(lines[at + 1 : fence_end - 1]).rstrip()), fence_end
    if _is_underlined(lines, at) and not _is_heading(line) and not _begins_table(lines, at):
        return Heading(1 if lines[at + 1].rstrip()[-1] == "=" else 2, line), at + 2
    return None


def _end(lines: list[str], at: int, is_inside: Callable[[str], bool]) -> int:
    while at < len(lines) and is_inside(lines[at]):
        at += 1
    return at


def _is_heading(line: str) -> bool:
    return _HEADING.fullmatch(line) is not None


def _is_underlined(lines: list[str], at: int) -> bool:
    return at + 1 < len(lines) and _UNDERLINE.fullmatch(lines[at + 1]) is not None


def _begins_table(lines: list[str], at: int) -> bool:
    return "|" in lines[at] and at + 1 < len(lines) and _TABLE_RULE.fullmatch(lines[at + 1]) is not None


def _begins_list(lines: list[str], at: int) -> bool:
    """A bullet with something after it, were it on the next line."""
    bullet = _BULLET.match(lines[at])
    return bullet is not None and (bullet.end() < len(lines[at]) or at + 1 < len(lines))


def _fence_end(lines: list[str], at: int) -> int | None:
    fence = _FENCE.fullmatch(lines[at])
    if fence is None:
        return None
    closing = (end for end in range(at + 2, len(lines)) if lines[end].strip(" ") == fence[1])
    return next((end + 1 for end in closing), None)


def _next_is(lines: list[str], at: int, pattern: re.Pattern[str]) -> bool:
    following = next((line for line in lines[at:] if line), "")
    return pattern.match(following) is not None


def _bullet(line: str) -> tuple[str, str]:
    """Its indent and its marker."""
    bullet = _BULLET.match(line)
    return (bullet[1], bullet[2]) if bullet else ("", "")


def _items(lines: list[str], indent: str) -> Iterator[list[str]]:
    """A bullet that is indented otherwise than the first belongs to the item above it."""
    item: list[str] = []
    for line in lines:
        if item and _BULLET.match(line) and _bullet(line)[0] == indent:
            yield item
            item = []
        item.append(line)
    yield item


def _looseness(items: list[list[str]]) -> Iterator[bool]:
    """An item is loose that has an empty line inside or, unless it is the last, at its end; so is the next one."""
    is_carried = False
    for number, item in enumerate(items):
        ends_empty = number < len(items) - 1 and not item[-1]
        yield is_carried or ends_empty or "\n\n" in "\n".join(item).rstrip()
        is_carried = ends_empty


def _outdented(item: list[str]) -> list[str]:
    """Without the bullet, and without as many spaces before the other lines."""
    text = _BULLET.sub("", item[0], count=1)
    if not any(line.startswith(" ") for line in item[1:]):
        return [text, *item[1:]]
    outdent = re.compile(rf"^ {{1,{len(item[0]) - len(text)}}}")
    return [outdent.sub("", line) for line in (text, *item[1:])]


def _interrupts_paragraph(lines: list[str], at: int) -> bool:
    line = lines[at]
    return bool(
        not line
        or _RULE.fullmatch(line)
        or _is_heading(line)
        or _SPACED_BULLET.match(line)
        or _DEFINITION.fullmatch(line)
        or _fence_end(lines, at)
        or _is_underlined(lines, at)
    )


def _interrupts_item(lines: list[str], at: int) -> bool:
    line = lines[at]
    return bool(
        not line
        or _RULE.fullmatch(line)
        or _CODE.match(line)
        or _INSET.match(line)
        or _begins_list(lines, at)
        or _fence_end(lines, at)
        or _is_underlined(lines, at)
    )
