"""When a window may not be applied, in words. Pure; each raises ConfigurationError."""

from datetime import datetime, timedelta

from fleet.errors import ConfigurationError
from fleet.survey import Survey
from ledger.who_was_told import Told
from notifier.apply.options import ApplyOptions
from notifier.maintenance import Maintenance

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


def refuse_settled(maintenance: Maintenance, state: str | None, moved_to: str | None) -> None:
    """A window that was moved, or does not take place."""
    if state == "cancelled":
        raise ConfigurationError(f"the window on {maintenance.window.in_words} is cancelled; choose another")
    if state == "moved":
        raise ConfigurationError(f"the window on {maintenance.window.in_words} is moved to {moved_to}; apply that one")


def refuse_wrong_groups(survey: Survey, options: ApplyOptions) -> None:
    """`--group` is for what nobody claims."""
    claimed = {instance.replication_group_id: instance for instance in survey.service_instances}
    for group in sorted(options.groups):
        if (instance := claimed.get(group)) is not None:
            raise ConfigurationError(
                f"--group '{group}': it is {instance.org_name}/{instance.space_name}/{instance.name};"
                " name it with --only-instance"
            )
        if group not in survey.groups_by_id:
            raise ConfigurationError(f"--group '{group}': AWS has no such replication group in {survey.aws_region}")


def already_running(region_name: str, host: str, since: datetime, run_id: int) -> ConfigurationError:
    return ConfigurationError(
        f"an apply of {region_name} is running on {host} since {since:%H:%M} (run {run_id});"
        " its ledger is this one; wait for it"
    )


def duration(length: timedelta) -> str:
    """Such as `2 h 10 min`."""
    minutes = max(1, round(length.total_seconds() / 60))
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{rest} min" if rest and not days else ""]
    return " ".join(part for part in parts if part)
