"""Lengths of time and groups in words. Pure."""

from datetime import timedelta

from fleet.inventory import ServiceInstance
from notifier.apply.steps import Subject
from notifier.instance_names import long_name


def duration(length: timedelta) -> str:
    """Such as `2 h 10 min`."""
    minutes = max(1, round(length.total_seconds() / 60))
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{rest} min" if rest and not days else ""]
    return " ".join(part for part in parts if part)


def whose(instance: ServiceInstance | None) -> str:
    return "(no tenant's)" if instance is None else long_name(instance)


def named(subject: Subject) -> str:
    """Such as `cf-ux4xkdjccy5em org/space/cache`."""
    return f"{subject.replication_group_id} {whose(subject.instance)}"
