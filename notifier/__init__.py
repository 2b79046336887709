"""Tells tenants about maintenance on their Redis and Valkey instances, once and only once."""
