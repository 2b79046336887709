"""PromQL that several panels share. Every expression works on the exporter's metrics alone, without recording rules.

Replicas are merged in each of them, so that two exporters of one region do not count twice. The braces are Grafana's
variables.
"""

REGION = 'aws_region=~"$region"'
ORG = 'aws_region=~"$region",org_name=~"$org"'
UPDATE = 'aws_region=~"$region",elasticache_service_update=~"$update"'
WAITING = f'{ORG},elasticache_service_update=~"$update"'


def merged(metric: str, selector: str, *labels: str) -> str:
    """A metric by its region and these labels, each value once however many replicas publish it."""
    return f"max by ({', '.join(('aws_region', *labels))}) ({metric}{{{selector}}})"


def instances(*labels: str) -> str:
    """How many service instances there are, by these labels."""
    series = f"paas_aws_elasticache_replication_group_nodes_count{{{ORG}}}"
    return _distinct(series, labels)


def waiting_instances(*labels: str) -> str:
    """How many distinct service instances have at least one of the chosen updates required, by these labels."""
    series = f"paas_aws_elasticache_cluster_update_required{{{WAITING}}}"
    return _distinct(series, labels)


def waiting_share(*labels: str) -> str:
    """Those that wait ÷ all of them; 0, not empty, where nothing waits or nothing is."""
    known = instances(*labels) if labels else f"group by (aws_region) (paas_aws_elasticache_node_count{{{REGION}}})"
    return f"{waiting_instances(*labels)} / {instances(*labels)} or 0 * {known}"


def schedulable_instances() -> str:
    """How many of them a window could take: those that wait for more than a major version and are not deferred."""
    waiting = f"paas_aws_elasticache_cluster_update_required{{{WAITING}}}"
    major = f'paas_aws_elasticache_service_update_info{{{UPDATE},update_type="engine-major-version-update"}}'
    return (
        "count by (aws_region) (group by (aws_region, service_instance_guid)"
        f" ({waiting} unless on (aws_region, elasticache_service_update) {major}) unless {deferred()})"
    )


def schedulable_share() -> str:
    known = f"group by (aws_region) (paas_aws_elasticache_node_count{{{REGION}}})"
    return f"{schedulable_instances()} / {instances()} or 0 * {known}"


def deferred() -> str:
    """1 for each instance whose tenant asked to wait."""
    metric = "paas_aws_elasticache_service_instance_deferred_until_timestamp_seconds"
    return f"group by (aws_region, service_instance_guid) ({metric}{{{ORG}}})"


def window(which: str) -> str:
    """Of each planned maintenance window: its `start` or `end`, as Unix time."""
    metric = f"paas_aws_elasticache_maintenance_window_{which}_timestamp_seconds"
    return merged(metric, REGION, "maintenance_window")


def waiting_groups() -> str:
    """Replication groups, a tenant's or not, that each chosen update waits for."""
    return merged("paas_aws_elasticache_service_update_not_applied_count", UPDATE, "elasticache_service_update")


def date(which: str) -> str:
    """Of each chosen update: its `release`, `recommended_apply_by` or `end`, as Unix time."""
    metric = f"paas_aws_elasticache_service_update_{which}_timestamp_seconds"
    return merged(metric, UPDATE, "elasticache_service_update")


def threshold() -> str:
    """Of each region, what the exporters that survey it publish; that metric itself names no region."""
    metric = "elasticache_update_exporter_update_fraction_threshold_ratio"
    surveyed_by = f"elasticache_update_exporter_region_info{{{REGION}}}"
    return f"max by (aws_region) ({surveyed_by} * on (job, instance) group_left () max by (job, instance) ({metric}))"


def severities() -> str:
    """1 for each chosen update, with AWS's severity and kind as labels."""
    metric = "paas_aws_elasticache_service_update_info"
    return f"group by (aws_region, elasticache_service_update, severity, update_type) ({metric}{{{UPDATE}}})"


def _distinct(series: str, labels: tuple[str, ...]) -> str:
    by = ", ".join(("aws_region", *labels))
    return f"count by ({by}) (group by ({by}, service_instance_guid) ({series}))"
