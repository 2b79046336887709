"""Pages at which people read the mails that were sent, as those who received them would."""

from datetime import UTC, datetime
from urllib.parse import parse_qs

from jinja2 import DictLoader, Environment, StrictUndefined, select_autoescape
from markupsafe import Markup

from sandbox.notify.mails import Mail, Mails
from sandbox.wire import Reply, Request

MOST_LISTED = 500
NO_SCRIPTS = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'"

LAYOUT = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}{% endblock %}</title>
<style>
body { font: 1.1rem/1.5 Helvetica, Arial, sans-serif; color: #0b0c0c }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
a { color: #1d70b8 }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #b1b4b6 }
dt { font-weight: bold } dd { margin: 0 0 .5rem; overflow-wrap: anywhere }
article { border: 1px solid #b1b4b6; padding: 0 1rem; overflow-wrap: anywhere }
blockquote { border-left: 10px solid #b1b4b6; margin: 0; padding: 0 1rem }
pre { white-space: pre-wrap; background: #f3f2f1; padding: 1rem }
</style>
</head>
<body>
<main>
{% block main %}{% endblock %}
</main>
</body>
</html>
"""

LIST = """\
{% extends "layout" %}
{% block title %}Inbox of the sandbox{% endblock %}
{% block main %}
<h1>Inbox of the sandbox</h1>
<p>{{ count }} {{ "mail" if count == 1 else "mails" }}{% if to %} to {{ to }}{% endif %}, newest first
{%- if count > mails|length %}; the newest {{ mails|length }} are shown{% endif %}.
Nothing has left this machine.</p>
<form action="/inbox">
<label for="to">Only mails to an address that contains</label>
<input id="to" name="to" value="{{ to }}">
<button>Show</button>
</form>
{% if mails %}
<table>
<thead><tr>{% for name in ("To", "Subject", "Status", "Sent") %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{% for mail in mails %}
<tr><td>{{ mail.email_address }}</td><td><a href="/inbox/{{ mail.id }}">{{ mail.subject }}</a></td>
<td>{{ mail.status }}</td><td>{{ mail.created_at|time }}</td></tr>
{% endfor %}
</tbody>
</table>
{% endif %}
{% endblock %}
"""

MAIL = """\
{% extends "layout" %}
{% block title %}{{ mail.subject }}{% endblock %}
{% block main %}
<p><a href="/inbox">All mails</a></p>
<h1>{{ mail.subject }}</h1>
<dl>
<dt>To</dt><dd><a href="/inbox?to={{ mail.email_address|urlencode }}">{{ mail.email_address }}</a></dd>
<dt>Reply to</dt><dd>{{ mail.reply_to }}</dd>
<dt>Sent</dt><dd>{{ mail.created_at|time }} with the {{ mail.key_type }} key</dd>
<dt>Status</dt><dd>{{ mail.status }}</dd>
<dt>Reference</dt><dd>{{ mail.reference or "none" }}</dd>
</dl>
<h2 id="html">What it reads like</h2>
<article aria-labelledby="html">
{{ html }}
</article>
<h2>Without HTML</h2>
<pre>{{ mail.text }}</pre>
{% endblock %}
"""

MISSING = """\
{% extends "layout" %}
{% block title %}No such mail{% endblock %}
{% block main %}
<h1>No such mail</h1>
<p>It may have been deleted since. <a href="/inbox">All mails</a></p>
{% endblock %}
"""


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %B %Y, %H:%M:%S UTC")


PAGES = Environment(
    loader=DictLoader({"layout": LAYOUT, "list": LIST, "mail": MAIL, "missing": MISSING}),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
)
PAGES.filters["time"] = _time


def inbox(mails: Mails, request: Request) -> Reply:
    """All of them, or those to an address that contains `?to=`."""
    to = parse_qs(request.query).get("to", [""])[0].strip()
    wanted = [mail for mail in mails if to.lower() in mail.email_address]
    return _page("list", mails=wanted[: -MOST_LISTED - 1 : -1], count=len(wanted), to=to)


def one_mail(mails: Mails, mail_id: str) -> Reply:
    found = next((mail for mail in mails if mail.id == mail_id), None)
    return _page("missing", status=404) if found is None else _page("mail", mail=found, html=_message(found))


def _message(mail: Mail) -> Markup:
    return Markup(mail.html)  # noqa: S704 — escaped before it became Markdown, and the page allows no script


def _page(name: str, status: int = 200, **values: object) -> Reply:
    body = PAGES.get_template(name).render(values)
    return Reply(status, "text/html; charset=utf-8", body.encode(), {"Content-Security-Policy": NO_SCRIPTS})
