"""The command lines in documents, as their readers would copy them."""

import re
import shlex
from dataclasses import dataclass

from markdown_it import MarkdownIt

from tests.documents.documents import DOCUMENTS, ROOT

SHELL_LANGUAGES = frozenset({"", "sh", "bash", "shell", "console"})
NO_COMMANDS = ("count(", "sum(", "aws_region:", "elasticache_update_exporter_", "fleet.")
"""How the blocks begin that are PromQL or a drawing."""
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]


@dataclass(frozen=True)
class Block:
    """A piece of code in a document."""

    document: str
    language: str
    text: str

    @property
    def lines(self) -> list[str]:
        """Command lines, continued ones joined, without comments."""
        joined = re.sub(r"\\\n\s*", "", self.text)
        return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]

    @property
    def programs(self) -> set[str]:
        """What is run: the first words, after assignments of variables, without their folders."""
        return {program for line in self.lines if (program := _program(line))}


def _program(line: str) -> str:
    words = [word for word in shlex.split(line, comments=True) if not re.match(r"[A-Z_]+=", word)]
    return words[0].rpartition("/")[2] if words else ""


def blocks(document: str) -> list[Block]:
    tokens = MarkdownIt().parse((ROOT / document).read_text())
    return [
        Block(document, token.info.strip(), token.content) for token in tokens if token.type in ("fence", "code_block")
    ]


def command_blocks() -> list[Block]:
    """Of all documents."""
    return [
        block
        for name in NAMES
        for block in blocks(name)
        if block.language in SHELL_LANGUAGES and not block.text.lstrip().startswith(NO_COMMANDS)
    ]


def inline(document: str, first_words: str) -> list[list[str]]:
    """Command lines between backticks that begin so, word by word."""
    found = re.findall(rf"`({re.escape(first_words)}[^`]*)`", (ROOT / document).read_text())
    return [shlex.split(line) for line in found]
