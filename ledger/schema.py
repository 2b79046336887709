"""
The ledger's tables in the newest version; `ledger/versions` has the steps that lead to it.

Times are ISO 8601 in UTC, and lists are JSON, because SQLite has types for neither.
"""

import sqlalchemy as sa

metadata = sa.MetaData()


def _table(name: str, *columns_and_constraints: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        *columns_and_constraints,
        sqlite_autoincrement=True,
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _text_or_null(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


runs = _table(
    "runs",
    _text("command"),
    _text("host"),
    _text("started_at"),
    _text_or_null("ended_at"),
    _text_or_null("operator"),
    _text_or_null("holds"),
)

# The states and kinds are in ledger.mail_record.
mails = _table(
    "mails",
    _text("window_key"),
    _text("aws_region"),
    _text("org_guid"),
    _text("address"),
    _number("revision"),
    sa.Column("reference", sa.Text, nullable=False, unique=True),
    _text("org_name"),
    _text("instance_guids"),
    _text("contents_digest"),
    _text("state"),
    _number("run_id"),
    _text("key_fingerprint"),
    _text("attempted_at"),
    _number("attempts"),
    _text_or_null("sent_at"),
    _text_or_null("notification_id"),
    _text_or_null("problem"),
    _text_or_null("delivery_status"),
    _text_or_null("delivery_checked_at"),
    _text("kind"),
    _text_or_null("update_names"),
    _text_or_null("replaced_windows"),
    sa.UniqueConstraint("window_key", "aws_region", "org_guid", "address", "kind", "revision", name="one_mail_each"),
)

windows = _table(
    "windows",
    _text("window_key"),
    _text("aws_region"),
    _text_or_null("account"),
    _text_or_null("time_zone"),
    _text("state"),
    _text_or_null("moved_to"),
    _text("first_known_at"),
    _text("command"),
    _text_or_null("operator"),
    _text_or_null("tenants"),
    sa.UniqueConstraint("window_key", "aws_region", name="one_window_each"),
)

deferrals = _table(
    "deferrals",
    _text("aws_region"),
    _text("target"),
    _text("guid"),
    _text("name"),
    _text("org_guid"),
    _text("org_name"),
    _text_or_null("until"),
    _text("time_zone"),
    _text_or_null("window_key"),
    _text("reason"),
    _text_or_null("ticket"),
    _text("added_at"),
    _text("added_by"),
    _text_or_null("ended_at"),
    _text_or_null("ended_by"),
)

told = _table(
    "told",
    _text("window_key"),
    _text("aws_region"),
    _text("org_guid"),
    _text("instance_guids"),
    _text("how"),
    _text("at"),
    _text("by"),
)

incidents = _table(
    "incidents",
    _text("window_key"),
    _text("aws_region"),
    _text("state"),
    _text_or_null("incident_id"),
    _text("last_written"),
    _number("run_id"),
    sa.UniqueConstraint("window_key", "aws_region", name="one_incident_each"),
)

updates = _table(
    "updates",
    _text("window_key"),
    _text("aws_region"),
    _text("replication_group_id"),
    _text("service_update"),
    _text_or_null("instance_guid"),
    _text("state"),
    _number("run_id"),
    _number("attempts"),
    _text("attempted_at"),
    _text_or_null("ended_at"),
    sa.Column("nodes_updated", sa.Integer),
    _text_or_null("aws_says"),
    _text_or_null("outside_window_reason"),
    _text_or_null("include_untold_reason"),
    sa.UniqueConstraint("window_key", "aws_region", "replication_group_id", "service_update", name="one_update_each"),
)

issues = _table(
    "issues",
    _text("repository"),
    _text("window_day"),
    _number("number"),
    sa.UniqueConstraint("repository", "window_day", name="one_issue_each"),
)

TABLES = (runs, windows, mails, told, deferrals, incidents, updates, issues)
