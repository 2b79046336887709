"""The Grafana dashboard of the backlog, as code: `python -m dashboards` writes the JSON that Grafana imports."""
