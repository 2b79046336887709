"""What Notify makes of a mail's body, line by line."""

import pytest

from sandbox.notify.rendering import html, text


@pytest.mark.parametrize(
    ("body", "rendered"),
    [
        ("one\ntwo\n\nthree", "<p>one<br />two</p><p>three</p>"),
        ("# Heading", "<h2>Heading</h2>"),
        ("#Urgent", "<h2>Urgent</h2>"),
        ("## Smaller", "<h3>Smaller</h3>"),
        ("### too deep", "<p>too deep</p>"),
        ("Title\n=====", "<h2>Title</h2>"),
        ("Title\n---", "<h3>Title</h3>"),
        ("* one\n- two\n• three", "<ul><li>one</li><li>two</li><li>three</li></ul>"),
        ("-no space", "<ul><li>no space</li></ul>"),
        ("1. one\n2. two", "<ol><li>one</li><li>two</li></ol>"),
        ("1.5 million", "<ol><li>5 million</li></ol>"),
        ("* one\n  * inner\n* two", "<ul><li>one<ul><li>inner</li></ul></li><li>two</li></ul>"),
        ("* one\n\n* two", "<ul><li><p> one</p></li><li><p> two</p></li></ul>"),
        ("* # no heading", "<ul><li># no heading</li></ul>"),
        ("^ inset\nmore\n\nafter", "<blockquote><p>inset<br />more</p></blockquote><p>after</p>"),
        ("a\n\n---\n\nb", "<p>a</p><hr><p>b</p>"),
        ("[pay](https://evil.example)", '<p><a href="https://evil.example">pay</a></p>'),
        ('[a](x"onclick="y)', '<p><a href="x&quot;onclick=&quot;y">a</a></p>'),
        ("[t][k]\n\n[k]: https://k.example", '<p><a href="https://k.example">t</a></p>'),
        ("[brackets] (alone)", "<p>[brackets] (alone)</p>"),
        ("see https://a.example/x.", '<p>see <a href="https://a.example/x">https://a.example/x</a>.</p>'),
        ('https://a.example/"b"?c=1', '<p><a href="https://a.example/%22b%22?c=1">https://a.example/"b"?c=1</a></p>'),
        ("![image](https://a.example)", ""),
        ("a | b\n--|--\nc | d\n\nafter", "<p>after</p>"),
        ("*one* **two** _three_ `four` ~~five~~".removeprefix("*"), "<p>one* **two** _three_ `four` ~~five~~</p>"),
        ("> quote", "<p>&gt; quote</p>"),
        ("<script>&", "<p>&lt;script&gt;&amp;</p>"),
        ("&lt;b&gt; &#42; &nbsp;", "<p>&lt;b&gt; * &nbsp;</p>"),
        ("&#42; bullet", "<ul><li>bullet</li></ul>"),
        (r"\# plain \[a\]\(b\) \* c", "<p># plain [a](b) * c</p>"),
        (r"1\. plain", "<p>1. plain</p>"),
        ("    indented", "indented"),
        ("~~~\n# raw\n~~~", "# raw"),
        ("* a" + "\n  * b" * 3, "<ul><li>a<ul><li>b</li><li>b</li><li>b</li></ul></li></ul>"),
    ],
)
def test_the_body_becomes_html(body: str, rendered: str) -> None:
    """As the Markdown library that Notify uses does it, bullets without a space and all."""
    assert html(body) == rendered


def test_the_body_becomes_text() -> None:
    """For programs that show no HTML."""
    body = (
        "# Hello\n\nread https://a.example & [this](https://b.example)\n\n* one\n* two\n\n1. three\n\n---\n\n^ end\\*"
    )
    assert text(body).splitlines() == [
        "Hello",
        "=" * 65,
        "",
        "read https://a.example & this: https://b.example",
        "",
        "• one",
        "• two",
        "• three",
        "",
        "=-" * 32 + "=",
        "",
        "end*",
    ]


def test_long_and_hostile_bodies_are_read_in_no_time() -> None:
    """Nothing backtracks for ever."""
    for body in ("[" * 2000, "* " * 2000, "^ " * 500, "[a](" * 1000, "\n".join(["- x", "", ""] * 500), "`" * 2000):
        assert html(body) is not None
