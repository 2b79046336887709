"""The repository's issues as people see them, and what was written into each one before."""

import re

from markdown_it import MarkdownIt
from markupsafe import Markup

from sandbox.github.listing import listed
from sandbox.github.tracker import Tracker
from sandbox.pages import Pages
from sandbox.wire import Reply, Request

LIST = """\
{% extends "layout" %}
{% block title %}Issues of {{ name }}{% endblock %}
{% block main %}
<h1>Issues of {{ name }}</h1>
<p>Nothing has left this machine. GitHub would have sent {{ notices|length }}
{{ "mail" if notices|length == 1 else "mails" }}.</p>
<table>
<thead><tr>{% for name in ("Issue", "State", "By", "Updated") %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{% for issue in issues %}
<tr><td><a href="/{{ name }}/issues/{{ issue.number }}">#{{ issue.number }} {{ issue.title }}</a></td>
<td>{{ issue.state }}</td><td>{{ issue.author }}</td><td>{{ issue.updated_at|time }}</td></tr>
{% endfor %}
</tbody>
</table>
{% endblock %}
"""

ISSUE = """\
{% extends "layout" %}
{% block title %}{{ issue.title }}{% endblock %}
{% block main %}
<p><a href="/{{ name }}/issues">All issues</a></p>
<h1>#{{ issue.number }} {{ issue.title }}</h1>
<dl>
<dt>State</dt><dd>{{ issue.state }}</dd>
<dt>Labels</dt><dd>{{ issue.labels|join(", ") or "none" }}</dd>
<dt>Written</dt>
<dd>{% for version in issue.versions %}{{ version.at|time }} by {{ version.by }}<br>
{% endfor %}</dd>
</dl>
<article>
{{ html }}
</article>
<h2>As it was written</h2>
<pre>{{ issue.body or "" }}</pre>
{% endblock %}
"""

PAGES = Pages({"list": LIST, "issue": ISSUE})
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BOX = re.compile(r"^(\s*[-*] )\[([ xX])\] ", re.MULTILINE)


def answer(tracker: Tracker, request: Request) -> Reply:
    name = tracker.repository.full_name
    home = f"/{name}/issues"
    path = request.path.rstrip("/").replace("/pull/", "/issues/")
    if request.method == "GET" and path in {"", f"/{name}", home}:
        issues = listed(tracker.issues.values(), {"state": "all"})
        return PAGES.page("list", name=name, issues=issues, notices=tracker.notices)
    number = path.removeprefix(f"{home}/")
    if request.method == "GET" and number.isdigit() and int(number) in tracker.issues:
        issue = tracker.issues[int(number)]
        return PAGES.page("issue", name=name, issue=issue, html=_html(issue.body or ""))
    return PAGES.missing(home)


def _html(body: str) -> Markup:
    """Comments are not shown, and boxes to tick are."""
    text = _BOX.sub(lambda box: f"{box[1]}{'☐' if box[2] == ' ' else '☑'} ", _COMMENT.sub("", body))
    return Markup(MARKDOWN.render(text))  # noqa: S704 — HTML in it is escaped, and the page allows no script
