"""A mail as a web page to look at: close to what GOV.UK Notify makes of it, which only Notify knows exactly."""

import re
from html import escape

from markdown_it import MarkdownIt

from notifier.message import Message

_INSET = re.compile(r"^ *\^ ?", re.MULTILINE)
# Off in Notify's Markdown: emphasis, code, pictures, tables; HTML is escaped there.
_ON = ("heading", "list", "blockquote", "hr", "link", "autolink", "escape", "newline")
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 19px/1.3 Helvetica, Arial, sans-serif; color: #0b0c0c; max-width: 36em; margin: 2em auto }}
blockquote {{ border-left: 10px solid #b1b4b6; margin: 0 0 1em; padding: 0.5em 1em }}
</style>
</head>
<body>
{body}</body>
</html>
"""


def html_preview(message: Message) -> str:
    markdown = MarkdownIt("zero", {"breaks": True}).enable(_ON)
    quoted = _INSET.sub("> ", message.contents.replace(">", "\\>"))
    return _PAGE.format(title=escape(message.maintenance_window_date), body=markdown.render(quoted))
