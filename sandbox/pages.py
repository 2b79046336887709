"""Pages for people's browsers: one layout, and no script can run on any of them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from jinja2 import DictLoader, Environment, StrictUndefined, select_autoescape

from sandbox.wire import Reply

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

MISSING = """\
{% extends "layout" %}
{% block title %}Nothing here{% endblock %}
{% block main %}
<h1>Nothing here</h1>
<p>It may have been deleted since. <a href="{{ back }}">All there is</a></p>
{% endblock %}
"""


class Pages:
    """`templates` extend "layout"."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._environment = Environment(
            loader=DictLoader({"layout": LAYOUT, "missing": MISSING, **templates}),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
        )
        self._environment.filters["time"] = _time

    def page(self, name: str, **values: object) -> Reply:
        return self._reply(200, name, values)

    def missing(self, back: str) -> Reply:
        """`back` is where there is more."""
        return self._reply(404, "missing", {"back": back})

    def _reply(self, status: int, name: str, values: Mapping[str, object]) -> Reply:
        body = self._environment.get_template(name).render(values)
        return Reply(status, "text/html; charset=utf-8", body.encode(), {"Content-Security-Policy": NO_SCRIPTS})


def _time(moment: float | datetime) -> str:
    """Of seconds since the epoch, or of a moment in UTC."""
    if not isinstance(moment, datetime):
        moment = datetime.fromtimestamp(moment, UTC)
    return moment.strftime("%-d %B %Y, %H:%M:%S UTC")
