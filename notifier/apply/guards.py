"""When a window may not be applied, in words. Pure; each raises ConfigurationError."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from fleet.errors import ConfigurationError
from fleet.survey import Survey
from ledger.maintenance_key import MaintenanceKey
from ledger.update_record import UpdateRecord
from ledger.who_was_told import Told
from notifier.apply.options import ApplyOptions
from notifier.apply.steps import Reason, Skip
from notifier.apply.words import duration
from notifier.instance_names import long_name
from notifier.maintenance import Maintenance, refuse_other_tenants, tenants_of

if TYPE_CHECKING:
    from fleet.region import Region
    from ledger.records import Records

_OUTSIDE = "give --outside-window REASON"


def refuse_closed(maintenance: Maintenance, now: datetime, options: ApplyOptions) -> None:
    """Unless the operator gave a reason."""
    window = maintenance.window
    if options.outside_window_reason is not None:
        return
    if now < window.starts_at:
        begins_in = duration(window.starts_at - now)
        raise ConfigurationError(
            f"the window on {window.in_words} has not begun: it begins in {begins_in}; wait, or {_OUTSIDE}"
        )
    if now >= window.ends_at:
        raise ConfigurationError(
            f"the window on {window.in_words} is over since {window.ends_at:%H:%M on %-d %B %Y}; {_OUTSIDE},"
            " or choose another"
        )


def refuse_unannounced(maintenance: Maintenance, told: Told, options: ApplyOptions, *, is_known: bool) -> None:
    """`is_known` says whether any command has made the window known."""
    if options.include_untold_reason is None and not is_known and not told.notices:
        raise ConfigurationError(
            f"nobody has been told of the window on {maintenance.window.in_words} in {maintenance.region_name};"
            " run email or told first, or give --include-untold REASON"
        )


def refuse_other_orgs(records: "Records", window: MaintenanceKey, region: "Region") -> None:
    """Where orgs from elsewhere were told of the window: none of today's would count as told."""
    refuse_other_tenants(records, [window], tenants_of(region))


def refuse_other_account(region_name: str, known: Sequence[str], account: str) -> None:
    """`known` are the accounts of the region's earlier windows."""
    if known and account not in known:
        raise ConfigurationError(
            f"the ledger knows {region_name} as AWS account {known[-1]}, these credentials are of {account};"
            " change them"
        )


def refuse_unnamed_majors(skips: Iterable[Skip], options: ApplyOptions) -> None:
    """Who names a group does not mean to leave it alone."""
    for skip in skips:
        subject = skip.subject
        if skip.reason is Reason.MAJOR_VERSION and options.names(subject.replication_group_id, subject.instance):
            raise ConfigurationError(
                f"update {subject.service_update} is a major version (engine-major-version-update):"
                " name it with --only-update to apply it"
            )


def refuse_wrong_groups(survey: Survey, options: ApplyOptions) -> None:
    """`--group` is for what nobody claims."""
    claimed = {instance.replication_group_id: instance for instance in survey.service_instances}
    for group in sorted(options.groups):
        if (instance := claimed.get(group)) is not None:
            raise ConfigurationError(f"--group '{group}': it is {long_name(instance)}; name it with --only-instance")
    refuse_unknown_groups(survey, (), options)


def refuse_unknown_groups(survey: Survey, records: Sequence[UpdateRecord], options: ApplyOptions) -> None:
    """`records` may name groups that AWS has no more."""
    known = {*survey.groups_by_id, *(record.replication_group_id for record in records)}
    for group in sorted(options.groups - known):
        raise ConfigurationError(f"--group '{group}': AWS has no such replication group in {survey.aws_region}")


def already_running(region_name: str, host: str, since: datetime, run_id: int) -> ConfigurationError:
    return ConfigurationError(
        f"an apply of {region_name} is running on {host} since {since:%H:%M} (run {run_id});"
        " its ledger is this one; wait for it"
    )
