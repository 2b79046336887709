"""Publishes the backlog of service updates to Prometheus."""
