"""Adds the runs, and the mails that they sent."""

import sqlalchemy as sa

from ledger.versions.statements import execute


def upgrade(connection: sa.Connection) -> None:
    execute(connection, _RUNS, _MAILS)


_RUNS = """
CREATE TABLE runs (
    id {numbered},
    command TEXT NOT NULL,
    host TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT
)"""

_MAILS = """
CREATE TABLE mails (
    id {numbered},
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
    CONSTRAINT one_mail_each UNIQUE (window_key, aws_region, org_guid, address, revision),
    UNIQUE (reference)
)"""
