"""`python -m dashboards`: write the dashboard's JSON anew."""

from dashboards.dashboard import DASHBOARD_FILE, dashboard_json

DASHBOARD_FILE.write_text(dashboard_json(), encoding="utf-8")
