"""The ledger's tables."""

import sqlalchemy as sa

metadata = sa.MetaData()

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("started_at", sa.Text, nullable=False),
    sa.Column("ended_at", sa.Text),
    sqlite_autoincrement=True,
)

# Times are ISO 8601 in UTC: SQLite has no type for them. The states are in notifier.ledger.mails.
mails = sa.Table(
    "mails",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("window_key", sa.Text, nullable=False),
    sa.Column("aws_region", sa.Text, nullable=False),
    sa.Column("org_guid", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("reference", sa.Text, nullable=False, unique=True),
    sa.Column("org_name", sa.Text, nullable=False),
    sa.Column("instance_guids", sa.Text, nullable=False),
    sa.Column("contents_digest", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("run_id", sa.Integer, nullable=False),
    sa.Column("key_fingerprint", sa.Text, nullable=False),
    sa.Column("attempted_at", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("sent_at", sa.Text),
    sa.Column("notification_id", sa.Text),
    sa.Column("problem", sa.Text),
    sa.Column("delivery_status", sa.Text),
    sa.Column("delivery_checked_at", sa.Text),
    sa.UniqueConstraint("window_key", "aws_region", "org_guid", "address", "revision", name="one_mail_each"),
    sqlite_autoincrement=True,
)
