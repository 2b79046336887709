"""PromQL that several panels share. Every expression works on the exporter's metrics alone, without recording rules.

Replicas are merged in each of them, so that two exporters of one region do not count twice. Two AWS accounts with the
same region are told apart by `region_info`, the only series that names the account. The braces are Grafana's variables.
"""

from dashboards.appearance import GREEN, ORANGE, RED

REGION = 'aws_region=~"$region"'
ORG = 'aws_region=~"$region",org_name=~"$org"'
UPDATE = 'aws_region=~"$region",elasticache_service_update=~"$update"'
WAITING = f'{ORG},elasticache_service_update=~"$update"'

PLACE = "aws_region, aws_account_id"
"""Whose each number is: an account's region."""
SURVEYED = 'elasticache_update_exporter_region_info{aws_region=~"$region",aws_account_id=~"$account"}'
"""1 for each exporter and place, with the region's name."""

MILLISECONDS = "1000 *"
"""Before a time in seconds: as Grafana reads dates."""
AN_INSTANCE = ("service_instance_guid", "service_instance_name", "org_guid", "org_name", "space_name")
AN_ACTION = ("elasticache_service_update", "elasticache_replication_group_id")


def placed(series: str) -> str:
    """The series of the chosen accounts, each with its account as a label."""
    return f"({series} * on (aws_region, job, instance) group_left (aws_account_id) {SURVEYED})"


def merged(metric: str, selector: str, *labels: str) -> str:
    """A metric by its place and these labels, each value once however many replicas publish it."""
    return f"max by ({', '.join((PLACE, *labels))}) {placed(f'{metric}{{{selector}}}')}"


def one_each(series: str, key: tuple[str, ...], *facts: str) -> str:
    """
    Of the series with one key in one place, one, with these labels.

    While something changes, two replicas may know different facts. One of them is enough; both would be an error
    instead of a table.
    """
    by = ", ".join((PLACE, *key))
    return f"topk by ({by}) (1, group by ({', '.join((by, *facts))}) ({series}))"


def named(expression: str) -> str:
    """With the region's name as a label, and the account in it where several have the region."""
    names = one_each(SURVEYED, (), "region_name")
    known = f'{SURVEYED[:-1]},aws_account_id!=""}}'
    shared = f"count by (aws_region) (group by ({PLACE}) ({known})) > 1"
    in_full = f'label_join({names} and on (aws_region) {shared}, "region_name", " ", "region_name", "aws_account_id")'
    return f"({expression}) * on ({PLACE}) group_left (region_name) ({in_full} or on ({PLACE}) {names})"


def instances(*labels: str) -> str:
    """How many service instances there are, by these labels."""
    return _distinct(f"paas_aws_elasticache_replication_group_nodes_count{{{ORG}}}", labels)


def waiting_instances(*labels: str) -> str:
    """How many distinct service instances have at least one of the chosen updates required, by these labels."""
    return _distinct(f"paas_aws_elasticache_cluster_update_required{{{WAITING}}}", labels)


def waiting_share(*labels: str) -> str:
    """Those that wait ÷ all of them; 0, not empty, where nothing waits or nothing is."""
    known = instances(*labels) if labels else _known()
    return f"{waiting_instances(*labels)} / {instances(*labels)} or 0 * {known}"


def schedulable_instances(of_instances: str = WAITING, of_updates: str = UPDATE) -> str:
    """How many of them a window could take: those that wait for more than a major version and are not deferred."""
    waiting = placed(f"paas_aws_elasticache_cluster_update_required{{{of_instances}}}")
    major = placed(
        f'paas_aws_elasticache_service_update_info{{{of_updates},update_type="engine-major-version-update"}}'
    )
    return (
        f"count by ({PLACE}) (group by ({PLACE}, service_instance_guid)"
        f" ({waiting} unless on ({PLACE}, elasticache_service_update) {major}) unless {deferred()})"
    )


def schedulable_share() -> str:
    return f"{schedulable_instances()} / {instances()} or 0 * {_known()}"


def deferred(selector: str = REGION) -> str:
    """1 for each instance whose tenant asked to wait."""
    metric = "paas_aws_elasticache_service_instance_deferred_until_timestamp_seconds"
    return f"group by ({PLACE}, service_instance_guid) {placed(f'{metric}{{{selector}}}')}"


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


def of_exporter(metric: str) -> str:
    """Of each region, what the exporters that survey it publish of themselves; that metric names no region."""
    return f"max by ({PLACE}) ({SURVEYED} * on (job, instance) group_left () max by (job, instance) ({metric}))"


def threshold() -> str:
    return of_exporter("elasticache_update_exporter_update_fraction_threshold_ratio")


def longest_age() -> str:
    """Of each region, how old its numbers may be: three rounds, a round being the poll interval and the survey."""
    interval = of_exporter("elasticache_update_exporter_poll_interval_seconds")
    duration = merged("elasticache_update_exporter_last_survey_duration_seconds", REGION)
    return f"3 * ({interval} + on ({PLACE}) {duration})"


def states(value: str, limit: str, warning_share: float) -> dict[str, str]:
    """By colour, the values in it: red above each region's limit, orange above this share of it, else green."""
    above, up_to = f"> on ({PLACE}) group_left ()", f"<= on ({PLACE}) group_left ()"
    warning = f"({warning_share} * {limit})"
    return {
        RED: named(f"({value}) {above} {limit}"),
        ORANGE: named(f"(({value}) {above} {warning}) {up_to} {limit}"),
        GREEN: named(f"({value}) {up_to} {warning}"),
    }


def severities() -> str:
    """1 for each chosen update, with AWS's severity and kind as labels."""
    info = placed(f"paas_aws_elasticache_service_update_info{{{UPDATE}}}")
    return one_each(info, ("elasticache_service_update",), "severity", "update_type")


def _distinct(series: str, labels: tuple[str, ...]) -> str:
    by = ", ".join((PLACE, *labels))
    return f"count by ({by}) (group by ({by}, service_instance_guid) {placed(series)})"


def _known() -> str:
    """1 for each place that has been surveyed."""
    return f"group by ({PLACE}) {placed(f'paas_aws_elasticache_node_count{{{REGION}}}')}"
