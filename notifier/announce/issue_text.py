"""The text of a story's issue: a region's part between its two marks, and people's own words around it. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

MOST_CHARACTERS = 65_536
"""GitHub's limit for an issue's body."""

_MARK = re.compile(r" {0,3}<!-- elasticache-updates (?P<of>\S+ \S+ \S+) (?P<kind>begin|end) -->[ \t]*")
_LINE = re.compile(r"(?P<text>[^\r\n]*)(?:\r\n|\r|\n|\Z)")
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})(?P<info>.*)")


@dataclass(frozen=True, slots=True)
class Marks:
    """The two comments, on lines of their own, between which a window's part of the issue stands."""

    window_day: date
    aws_region: str
    window_key: str
    """Two windows of a region on one day have a part each."""

    @property
    def of(self) -> str:
        return f"{self.window_day.isoformat()} {self.aws_region} {self.window_key}"

    @property
    def begin(self) -> str:
        return f"<!-- elasticache-updates {self.of} begin -->"

    @property
    def end(self) -> str:
        return f"<!-- elasticache-updates {self.of} end -->"


@dataclass(frozen=True, slots=True)
class _Found:
    of: str
    is_begin: bool
    starts_at: int
    ends_at: int


def is_story_of(body: str | None, window_day: date) -> bool:
    """Whether a part of any region of that day is marked in it."""
    return any(found.of.startswith(f"{window_day.isoformat()} ") for found in _marks(body or ""))


def part_in(body: str | None, marks: Marks) -> str | None:
    """What stands between the marks, with line ends as we write them; None where they are not there, or in disorder."""
    pair = _pair(body or "", marks)
    if pair is None:
        return None
    between = (body or "")[pair[0].ends_at : pair[1].starts_at]
    return _as_written(between)


def is_part_in(body: str | None, marks: Marks, part: str) -> bool:
    return part_in(body, marks) == _as_written(part)


def with_part(body: str | None, marks: Marks, part: str) -> str:
    """
    Changes what is between the marks, and no other character.

    Where the marks are not there, or deleted, in disorder or in a code block, a new part is added below people's words.
    """
    words = body or ""
    pair = _pair(words, marks)
    if pair is not None:
        return f"{words[: pair[0].ends_at]}\n{part}\n{words[pair[1].starts_at :]}"
    block = f"{marks.begin}\n{part}\n{marks.end}"
    if not words:
        return block
    if _has_open_fence(words):  # below it, the part would be shown as code
        return f"{block}\n\n{words}"
    gap = "" if words.endswith(("\n\n", "\n\r\n")) else "\n" if words.endswith("\n") else "\n\n"
    return f"{words}{gap}{block}"


def without_part(body: str | None, marks: Marks, instead: str) -> str:
    """With `instead` in the place of the part and its marks, or above people's words where it is not there."""
    words = body or ""
    pair = _pair(words, marks)
    if pair is None:
        return f"{instead}\n\n{words}" if words else instead
    return f"{words[: pair[0].starts_at]}{instead}{words[pair[1].ends_at :]}"


def room_for_part(body: str | None, marks: Marks) -> int:
    """How many characters the part may have; negative where people's own words fill the issue."""
    return MOST_CHARACTERS - characters(with_part(body, marks, ""))


def characters(text: str) -> int:
    """Counted as JavaScript does, where an emoji is two: no server counts more, except one that counts bytes."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _as_written(part: str) -> str:
    lines = re.split(r"\r\n|\r|\n", part)
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _pair(body: str, marks: Marks) -> tuple[_Found, _Found] | None:
    """The first begin that is followed by its end, with no other mark between the two."""
    found = list(_marks(body))
    for first, second in pairwise(found):
        if first.of == second.of == marks.of and first.is_begin and not second.is_begin:
            return first, second
    return None


def _marks(body: str) -> Iterator[_Found]:
    """Those of every region, in their order, but not those in code blocks."""
    for starts_at, line, is_code in _lines(body):
        match = None if is_code else _MARK.fullmatch(line)
        if match is not None:
            text = line.strip(" \t")
            first = starts_at + line.index(text)
            yield _Found(match["of"], match["kind"] == "begin", first, first + len(text))


def _lines(body: str) -> Iterator[tuple[int, str, bool]]:
    """Where each begins, and whether it is in a fenced code block. A fence that nobody closed is a slip, and none."""
    code = [line for fence in _fences(body) if fence[1] is not None for line in range(fence[0], fence[1] + 1)]
    in_code = set(code)
    for number, match in enumerate(_line_matches(body)):
        yield match.start(), match["text"], number in in_code


def _has_open_fence(body: str) -> bool:
    return any(last is None for _, last in _fences(body))


def _fences(body: str) -> Iterator[tuple[int, int | None]]:
    """The first and last line of each code block; no last one where it is not closed."""
    opened: tuple[int, str] | None = None
    for number, match in enumerate(_line_matches(body)):
        fence = _FENCE.fullmatch(match["text"])
        if fence is None:
            continue
        sign, info = fence["fence"], fence["info"].strip()
        if opened is None:
            if not (sign[0] == "`" and "`" in info):
                opened = (number, sign)
        elif sign[0] == opened[1][0] and len(sign) >= len(opened[1]) and not info:
            yield opened[0], number
            opened = None
    if opened is not None:
        yield opened[0], None


def _line_matches(body: str) -> Iterator[re.Match[str]]:
    for match in _LINE.finditer(body):
        if match.start() < len(body):
            yield match
