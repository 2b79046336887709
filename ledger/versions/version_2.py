"""
Adds what a window needs beyond its mails: windows, deferrals, who was told another way, incidents, updates, issues.

Mails get a kind and the updates that they name. Runs get an operator and what they alone hold. References stay.
"""

import sqlalchemy as sa

from ledger.versions.statements import execute


def upgrade(connection: sa.Connection) -> None:
    execute(connection, *_RUNS)
    execute(connection, *(_MAILS_SQLITE if connection.dialect.name == "sqlite" else _MAILS_POSTGRESQL))
    execute(connection, _WINDOWS, _KNOWN_WINDOWS, _DEFERRALS, _TOLD, _INCIDENTS, _UPDATES, _ISSUES)


_RUNS = ("ALTER TABLE runs ADD COLUMN operator TEXT", "ALTER TABLE runs ADD COLUMN holds TEXT")

_KIND = "CASE WHEN revision = 0 THEN 'announcement' ELSE 'correction' END"
_ONE_MAIL_EACH = "CONSTRAINT one_mail_each UNIQUE (window_key, aws_region, org_guid, address, kind, revision)"

_MAILS_POSTGRESQL = (
    "ALTER TABLE mails ADD COLUMN kind TEXT",
    "ALTER TABLE mails ADD COLUMN update_names TEXT",
    f"UPDATE mails SET kind = {_KIND}",  # noqa: S608 — built from our own constants only
    "ALTER TABLE mails ALTER COLUMN kind SET NOT NULL",
    "ALTER TABLE mails DROP CONSTRAINT one_mail_each",
    f"ALTER TABLE mails ADD {_ONE_MAIL_EACH}",
)

# SQLite cannot change a constraint, so the table is made anew.
_MAILS_SQLITE = (
    f"""
CREATE TABLE mails_of_version_2 (
    id {{numbered}},
    window_key TEXT NOT NULL,
    aws_region TEXT NOT NULL,
    org_guid TEXT NOT NULL,
    address TEXT NOT NULL,
    revision INTEGER NOT NULL,
    reference TEXT NOT NULL,
    org_name TEXT NOT NULL,
    instance_guids TEXT NOT NULL,
    contents_digest TEXT NOT NULL,
    state TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    key_fingerprint TEXT NOT NULL,
    attempted_at TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    sent_at TEXT,
    notification_id TEXT,
    problem TEXT,
    delivery_status TEXT,
    delivery_checked_at TEXT,
    kind TEXT NOT NULL,
    update_names TEXT,
    {_ONE_MAIL_EACH},
    UNIQUE (reference)
)""",
    f"""
INSERT INTO mails_of_version_2
SELECT id, window_key, aws_region, org_guid, address, revision, reference, org_name, instance_guids, contents_digest,
    state, run_id, key_fingerprint, attempted_at, attempts, sent_at, notification_id, problem, delivery_status,
    delivery_checked_at, {_KIND}, NULL
FROM mails""",  # noqa: S608 — built from our own constants only
    "DROP TABLE mails",
    "ALTER TABLE mails_of_version_2 RENAME TO mails",
)

_WINDOWS = """
CREATE TABLE windows (
    id {numbered},
    window_key TEXT NOT NULL,
    aws_region TEXT NOT NULL,
    account TEXT,
    time_zone TEXT,
    state TEXT NOT NULL,
    moved_to TEXT,
    first_known_at TEXT NOT NULL,
    command TEXT NOT NULL,
    operator TEXT,
    CONSTRAINT one_window_each UNIQUE (window_key, aws_region)
)"""

# Version 1 knew that `email` was run for its windows, but not by whom or in which time zone.
_KNOWN_WINDOWS = """
INSERT INTO windows (window_key, aws_region, state, first_known_at, command)
SELECT window_key, aws_region, 'known', MIN(attempted_at), 'email' FROM mails
GROUP BY window_key, aws_region ORDER BY window_key, aws_region"""

_DEFERRALS = """
CREATE TABLE deferrals (
    id {numbered},
    aws_region TEXT NOT NULL,
    target TEXT NOT NULL,
    guid TEXT NOT NULL,
    name TEXT NOT NULL,
    org_guid TEXT NOT NULL,
    org_name TEXT NOT NULL,
    until TEXT,
    time_zone TEXT NOT NULL,
    window_key TEXT,
    reason TEXT NOT NULL,
    ticket TEXT,
    added_at TEXT NOT NULL,
    added_by TEXT NOT NULL,
    ended_at TEXT,
    ended_by TEXT
)"""

_TOLD = """
CREATE TABLE told (
    id {numbered},
    window_key TEXT NOT NULL,
    aws_region TEXT NOT NULL,
    org_guid TEXT NOT NULL,
    instance_guids TEXT NOT NULL,
    how TEXT NOT NULL,
    at TEXT NOT NULL,
    by TEXT NOT NULL
)"""

_INCIDENTS = """
CREATE TABLE incidents (
    id {numbered},
    window_key TEXT NOT NULL,
    aws_region TEXT NOT NULL,
    state TEXT NOT NULL,
    incident_id TEXT,
    last_written TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    CONSTRAINT one_incident_each UNIQUE (window_key, aws_region)
)"""

_UPDATES = """
CREATE TABLE updates (
    id {numbered},
    window_key TEXT NOT NULL,
    aws_region TEXT NOT NULL,
    replication_group_id TEXT NOT NULL,
    service_update TEXT NOT NULL,
    instance_guid TEXT,
    state TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    attempted_at TEXT NOT NULL,
    ended_at TEXT,
    nodes_updated INTEGER,
    aws_says TEXT,
    outside_window_reason TEXT,
    include_untold_reason TEXT,
    CONSTRAINT one_update_each UNIQUE (window_key, aws_region, replication_group_id, service_update)
)"""

_ISSUES = """
CREATE TABLE issues (
    id {numbered},
    repository TEXT NOT NULL,
    window_day TEXT NOT NULL,
    number INTEGER NOT NULL,
    CONSTRAINT one_issue_each UNIQUE (repository, window_day)
)"""
