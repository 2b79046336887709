"""The status page as its visitors see it, and whom it would have told."""

from sandbox.pages import Pages
from sandbox.statuspage.listing import listed
from sandbox.statuspage.page import Page
from sandbox.wire import Reply, Request

STATUS = """\
{% extends "layout" %}
{% block title %}Status page of the sandbox{% endblock %}
{% block main %}
<h1>Status page of the sandbox</h1>
<p>Nothing has left this machine. Subscribers would have been told of
{{ notices|length }} {{ "thing" if notices|length == 1 else "things" }}.</p>
<table>
<thead><tr><th scope="col">Component</th><th scope="col">Status</th></tr></thead>
<tbody>
{% for component in components %}<tr><td>{{ component.name }}</td><td>{{ component.status }}</td></tr>
{% endfor %}</tbody>
</table>
<h2>Incidents and maintenances, newest first</h2>
{% if incidents %}
<table>
<thead><tr>{% for name in ("Name", "Status", "From", "Until") %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{% for incident in incidents %}
<tr><td><a href="/incidents/{{ incident.id }}">{{ incident.name }}</a></td><td>{{ incident.status }}</td>
<td>{% if incident.scheduled_for %}{{ incident.scheduled_for|time }}{% endif %}</td>
<td>{% if incident.scheduled_until %}{{ incident.scheduled_until|time }}{% endif %}</td></tr>
{% endfor %}
</tbody>
</table>
{% else %}
<p>None.</p>
{% endif %}
{% endblock %}
"""

INCIDENT = """\
{% extends "layout" %}
{% block title %}{{ incident.name }}{% endblock %}
{% block main %}
<p><a href="/">Status page</a></p>
<h1>{{ incident.name }}</h1>
<dl>
<dt>Status</dt><dd>{{ incident.status }}</dd>
{% if incident.scheduled_for %}
<dt>From</dt><dd>{{ incident.scheduled_for|time }}</dd>
<dt>Until</dt><dd>{{ incident.scheduled_until|time }}</dd>
{% endif %}
<dt>Components</dt><dd>{{ components|map(attribute="name")|join(", ") or "none" }}</dd>
<dt>Subscribers would have been told</dt>
<dd>{% for notice in notices %}{{ notice.kind }} ({{ notice.by }}), {{ notice.at|time }}<br>
{% else %}nothing{% endfor %}</dd>
</dl>
{% for update in incident.updates %}
<h2>{{ update.status }}, {{ update.created_at|time }}</h2>
<pre>{{ update.body }}</pre>
{% endfor %}
{% endblock %}
"""

PAGES = Pages({"status": STATUS, "incident": INCIDENT})


def answer(page: Page, request: Request) -> Reply:
    match request.method, request.path.strip("/").split("/"):
        case "GET", [""]:
            incidents = listed(page.incidents, "")
            return PAGES.page("status", incidents=incidents, components=page.components.values(), notices=page.notices)
        case "GET", ["incidents", incident_id] if incident := page.incidents.get(incident_id):
            components = [page.components[component_id] for component_id in incident.component_ids]
            notices = [notice for notice in page.notices if notice.incident_id == incident_id]
            return PAGES.page("incident", incident=incident, components=components, notices=notices)
    return PAGES.missing("/")
