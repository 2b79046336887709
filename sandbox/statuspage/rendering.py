"""How the Manage API writes a page, an incident and a component down."""

from datetime import datetime

from sandbox.credentials import STATUSPAGE_PAGE_ID
from sandbox.statuspage.incidents import Component, Incident, IncidentUpdate

Json = dict[str, object]
IMPACT = {True: "maintenance", False: "none"}


def page(origin: str) -> Json:
    return {
        "id": STATUSPAGE_PAGE_ID,
        "created_at": "2020-01-01T00:00:00.000Z",
        "updated_at": "2020-01-01T00:00:00.000Z",
        "name": "Platform of the sandbox",
        "page_description": None,
        "headline": None,
        "branding": "basic",
        "subdomain": "sandbox",
        "domain": None,
        "url": origin,
        "support_url": None,
        "time_zone": "London",
        "allow_page_subscribers": True,
        "allow_incident_subscribers": True,
        "allow_email_subscribers": True,
        "notifications_from_email": "noreply@example.org",
    }


def component(component: Component, position: int) -> Json:
    return {
        "id": component.id,
        "page_id": STATUSPAGE_PAGE_ID,
        "group_id": None,
        "created_at": "2020-01-01T00:00:00.000Z",
        "updated_at": _time(component.updated_at) or "2020-01-01T00:00:00.000Z",
        "group": False,
        "name": component.name,
        "description": None,
        "position": position,
        "status": component.status,
        "showcase": True,
        "only_show_if_degraded": False,
        "automation_email": None,
        "start_date": "2020-01-01",
    }


def incident(incident: Incident, components: list[Json], origin: str) -> Json:
    """`components` are all of the page's, as JSON."""
    return {
        "id": incident.id,
        "page_id": STATUSPAGE_PAGE_ID,
        "name": incident.name,
        "status": incident.status,
        "impact": incident.impact_override or IMPACT[incident.is_scheduled],
        "impact_override": incident.impact_override,
        "created_at": _time(incident.created_at),
        "updated_at": _time(incident.updated_at),
        "monitoring_at": None,
        "resolved_at": _time(incident.resolved_at),
        "scheduled_for": _time(incident.scheduled_for),
        "scheduled_until": _time(incident.scheduled_until),
        "scheduled_reminded_at": _time(incident.scheduled_reminded_at),
        **{name: on for name, on in incident.switches.items() if not name.startswith("auto_tweet")},
        "shortlink": f"{origin}/incidents/{incident.id}",
        "metadata": incident.metadata,
        "components": [each for each in components if each["id"] in incident.component_ids],
        "incident_updates": [_update(update, incident) for update in incident.updates],
        "postmortem_body": None,
        "postmortem_body_last_updated_at": None,
        "postmortem_ignored": False,
        "postmortem_notified_subscribers": False,
        "postmortem_notified_twitter": False,
        "postmortem_published_at": None,
    }


def _update(update: IncidentUpdate, incident: Incident) -> Json:
    return {
        "id": update.id,
        "incident_id": incident.id,
        "status": update.status,
        "body": update.body,
        "created_at": _time(update.created_at),
        "display_at": _time(update.created_at),
        "updated_at": _time(update.updated_at),
        "deliver_notifications": update.deliver_notifications,
        "wants_twitter_update": False,
        "affected_components": [],
        "custom_tweet": None,
        "tweet_id": None,
        "twitter_updated_at": None,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None
