"""Pages at which people read the mails that were sent, as those who received them would."""

from urllib.parse import parse_qs

from markupsafe import Markup

from sandbox.notify.mails import Mail, Mails
from sandbox.pages import Pages
from sandbox.wire import Reply, Request

MOST_LISTED = 500

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

PAGES = Pages({"list": LIST, "mail": MAIL})


def inbox(mails: Mails, request: Request) -> Reply:
    """All of them, or those to an address that contains `?to=`."""
    to = parse_qs(request.query).get("to", [""])[0].strip()
    wanted = [mail for mail in mails if to.lower() in mail.email_address]
    return PAGES.page("list", mails=wanted[: -MOST_LISTED - 1 : -1], count=len(wanted), to=to)


def one_mail(mails: Mails, mail_id: str) -> Reply:
    found = next((mail for mail in mails if mail.id == mail_id), None)
    return PAGES.missing("/inbox") if found is None else PAGES.page("mail", mail=found, html=_message(found))


def _message(mail: Mail) -> Markup:
    return Markup(mail.html)  # noqa: S704 — escaped before it became Markdown, and the page allows no script
