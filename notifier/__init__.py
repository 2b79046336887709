"""Tells tenants of maintenance on their Redis and Valkey instances, once and only once."""
