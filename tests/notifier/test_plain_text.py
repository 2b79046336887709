"""Whatever a tenant writes arrives as words."""

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from notifier.mail.plain_text import plain_text
from sandbox.notify import rendering

_PIECES = st.sampled_from([*"–,#*_-+^>!|[](){}<>`~\\.:/0123456789 \n\t=&;@", "http://", "https://", "a", "é", "•"])
NAMES = st.lists(_PIECES).map("".join)
COMMONMARK = MarkdownIt("commonmark", {"html": False}).enable("strikethrough").enable("table")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("brave-buses", "brave-buses"),
        ("my_redis_1", "my_redis_1"),
        ("plan tiny-5.x", "plan tiny-5.x"),
        ("café 🚀🧀", "café 🚀🧀"),
        ("it's 1 = 1; --x", "it's 1 = 1; --x"),
        ("[pay here](https://evil.example)", "\\[pay here\\](https:\u200b//evil.\u200bexample)"),
        ("# Urgent", "\\# Urgent"),
        ("- x", "\\-\u200b x"),
        ("1. x", "1\\. x"),
        ("2) x", "2\\) x"),
        ("^ x", "\u200b^ x"),
        ("• x", "\u200b• x"),
        ("*bold*", "\\*bold\\*"),
        ("_x_", "\\_x\\_"),
        ("line one\nline two\r\n\u2028# three", "line one line two \\# three"),
        ("\u202egnp 3.2", "gnp 3.2"),
        ("R&D <b>", "R&amp;D &lt;b&gt;"),
        ("=x", "\u200b=x"),
        ("a ---", "a ---\u200b"),
        ("a – b", "a –\u200b b"),
        ("a , b", "a \u200b, b"),
        ("evil.example/pay-now", "evil.\u200bexample/pay-now"),
        ("pay@evil.example", "pay@evil.\u200bexample"),
        ("192.0.2.7/pay", "192\\.\u200b0.\u200b2.\u200b7/pay"),
        ("ftp://host tel:123 team:redis", "ftp:\u200b//host tel:\u200b123 team:redis"),
        ("\\\\host\\share", "\\\\\u200b\\\\\u200bhost\\\\\u200bshare"),
        ("see www.evil.example", "see www.\u200bevil.\u200bexample"),
    ],
)
def test_names_are_written_so_that_they_read_as_they_are(name: str, written: str) -> None:
    """
    Ordinary names stay as they are, so that people can search for them.

    The others were put through Notify's own renderer in this form: they arrive as they are, in HTML and in text.
    """
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


# As GOV.UK Notify has it (notifications-utils, `url` in formatters.py), for what mail programs take for an address.
_LOOKS_LIKE_A_LINK = re.compile(r"(?i)\b(?<![@.])(https?://)?([\w-]+\.)+[a-z]{2,63}(?!@)\b([/?#][^<\s]*)?")


@given(name=NAMES)
@example(name="evil.example/pay-now")
@example(name="a.b.example?x=1")
@example(name="www.evil.example")
@example(name="evil.xn--p1ai")
def test_a_mail_program_finds_no_web_address_in_a_name(name: str) -> None:
    assert _LOOKS_LIKE_A_LINK.search(plain_text(name)) is None


@given(name=NAMES, after=st.sampled_from(["", "\n\nNext", "\nNext", ", severity"]))
@example(name="x ---", after="\n\nNext")
@example(name="x -", after="\nNext")
def test_notifys_typography_finds_nothing_to_change(name: str, after: str) -> None:
    """It puts a dash for a lone hyphen and the white space around it, line breaks too, and moves commas."""
    written = f"Instance {plain_text(name)}{after}"
    assert re.search(r"(?<!\s)\s+[-–—]{1,3}\s+", written) is None
    assert not plain_text(name) or re.search(r"(?<![ \t])[ \t]+[,.]", written) is None


@given(name=NAMES)
def test_no_word_is_lost(name: str) -> None:
    """Letters and digits arrive in their order."""
    assert re.findall(r"\w", html.unescape(plain_text(name)).replace("\\", "")) == re.findall(
        r"\w", name.replace("\\", "")
    )
