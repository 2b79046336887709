"""Whatever a tenant writes arrives as words."""

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from notifier.mail.plain_text import plain_text
from sandbox.notify import rendering

_PIECES = st.sampled_from([*"#*_-+^>!|[](){}<>`~\\.:/0123456789 \n\t=&;@", "http://", "https://", "a", "é", "•"])
NAMES = st.lists(_PIECES).map("".join)
COMMONMARK = MarkdownIt("commonmark", {"html": False}).enable("strikethrough").enable("table")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("brave-buses", "brave-buses"),
        ("my_redis_1", "my_redis_1"),
        ("plan tiny-5.x", "plan tiny-5.x"),
        ("café 🚀🧀", "café 🚀🧀"),
        ("it's 1 = 1; --", "it's 1 = 1; --"),
        ("[pay here](https://evil.example)", "\\[pay here\\](https:\u200b//evil.\u200bexample)"),
        ("# Urgent", "\\# Urgent"),
        ("- x", "\\- x"),
        ("1. x", "1\\. x"),
        ("2) x", "2\\) x"),
        ("^ x", "\u200b^ x"),
        ("• x", "\u200b• x"),
        ("*bold*", "\\*bold\\*"),
        ("_x_", "\\_x\\_"),
        ("line one\nline two\r\n\u2028# three", "line one line two \\# three"),
        ("\u202egnp.exe", "gnp.exe"),
        ("see www.evil.example", "see www.\u200bevil.\u200bexample"),
    ],
)
def test_names_are_written_so_that_they_read_as_they_are(name: str, written: str) -> None:
    """Ordinary names stay as they are, so that people can search for them."""
    assert plain_text(name) == written


@pytest.mark.parametrize("around", ["{}", "- Instance {}", "# {}", "^ {}", "Org {} has"])
@given(name=NAMES)
@example(name="[a]: https://evil.example")
@example(name="![x](http://evil.example)")
@example(name="<https://evil.example>")
@example(name="a\n\n# b")
def test_no_name_is_formatting_wherever_it_stands(around: str, name: str) -> None:
    """Rendered, the structure is that of the same text around a harmless word."""
    markdown = around.format(plain_text(name))
    tags = set(re.findall(r"</?([a-z0-9]+)", COMMONMARK.render(markdown)))
    harmless = set(re.findall(r"</?([a-z0-9]+)", COMMONMARK.render(around.format("word"))))
    assert tags <= harmless


@pytest.mark.parametrize("around", ["{}", "- {}", "- Instance {}", "# {}", "Org {} has", "x\n{}"])
@given(name=NAMES)
@example(name="&amp; &lt;script&gt;")
@example(name="\\[x](http://a.b)")
@example(name="[a]: http://x.y")
def test_notify_shows_it_as_it_is_written(around: str, name: str) -> None:
    """In the words of the sandbox's Notify: no other structure than around a harmless word, and the name is legible."""
    page = rendering.html(around.format(plain_text(name)))
    tags = set(re.findall(r"</?([a-z0-9]+)", page))
    assert tags <= set(re.findall(r"</?([a-z0-9]+)", rendering.html(around.format("word"))))
    legible = html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u200b", "")
    assert "".join(name.split()) in "".join(legible.split())


@given(name=NAMES)
def test_notify_finds_no_web_address_in_a_name(name: str) -> None:
    """Notify makes a link of whatever this finds, anywhere in the text."""
    assert re.search(r"https?://", plain_text(name)) is None


@given(name=NAMES)
def test_no_word_is_lost(name: str) -> None:
    """Letters and digits arrive in their order."""
    assert re.findall(r"\w", plain_text(name).replace("\\", "")) == re.findall(r"\w", name.replace("\\", ""))
