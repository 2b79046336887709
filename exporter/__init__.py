"""Publishes the backlog of service updates to Prometheus and to people."""
