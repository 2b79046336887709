BEGIN TRANSACTION;
CREATE TABLE deferrals (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
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
);
CREATE TABLE incidents (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    window_key TEXT NOT NULL,
    aws_region TEXT NOT NULL,
    state TEXT NOT NULL,
    incident_id TEXT,
    last_written TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    CONSTRAINT one_incident_each UNIQUE (window_key, aws_region)
);
CREATE TABLE issues (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    repository TEXT NOT NULL,
    window_day TEXT NOT NULL,
    number INTEGER NOT NULL,
    CONSTRAINT one_issue_each UNIQUE (repository, window_day)
);
CREATE TABLE "mails" (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
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
    CONSTRAINT one_mail_each UNIQUE (window_key, aws_region, org_guid, address, kind, revision),
    UNIQUE (reference)
);
INSERT INTO "mails" VALUES(1,'2026-06-16T08:00Z/2026-06-16T10:00Z','eu-west-1','org-guid-1','delivered@example.org',0,'elasticache-maintenance-24520135af4db2fa00835c3ab460053ed8e503a2','brave-buses','["guid-1","guid-2"]','abababababababababababababababababababababababababababababababab','sent',1,'fingerprint-1','2026-05-18T09:30:02.500+00:00',1,'2026-05-18T09:30:03.750+00:00','notification-1',NULL,'delivered','2026-05-18T09:30:05.000+00:00','announcement',NULL);
INSERT INTO "mails" VALUES(2,'2026-06-16T08:00Z/2026-06-16T10:00Z','eu-west-1','org-guid-1','corrected@example.org',0,'elasticache-maintenance-450c146cd6b5803ad5a9daeb990ca305bcecf768','brave-buses','["guid-1","guid-2"]','abababababababababababababababababababababababababababababababab','sent',1,'fingerprint-1','2026-05-18T09:30:06.250+00:00',1,'2026-05-18T09:30:07.500+00:00','notification-2',NULL,NULL,NULL,'announcement',NULL);
INSERT INTO "mails" VALUES(3,'2026-06-16T08:00Z/2026-06-16T10:00Z','eu-west-1','org-guid-2','bounced@example.org',0,'elasticache-maintenance-f9ec005751ac6e7bc1adc72e06082d0eb950b166','café 🚀 ''quoted''','["guid-1","guid-2"]','abababababababababababababababababababababababababababababababab','sent',1,'fingerprint-1','2026-05-18T09:30:08.750+00:00',1,'2026-05-18T09:30:10.000+00:00','notification-3',NULL,'permanent-failure','2026-05-18T09:30:11.250+00:00','announcement',NULL);
INSERT INTO "mails" VALUES(4,'2026-06-16T08:00Z/2026-06-16T10:00Z','eu-west-1','org-guid-1','pending@example.org',0,'elasticache-maintenance-d3d7cf70f08aa5dbd39b9cde2eb98b827cf74b88','brave-buses','["guid-1","guid-2"]','abababababababababababababababababababababababababababababababab','pending',1,'fingerprint-1','2026-05-18T09:30:12.500+00:00',1,NULL,NULL,NULL,NULL,NULL,'announcement',NULL);
INSERT INTO "mails" VALUES(5,'2026-06-16T08:00Z/2026-06-16T10:00Z','eu-west-1','org-guid-2','refused@example.org',0,'elasticache-maintenance-a9035c54ecedf3af553614748a74fafaac8d7309','café 🚀 ''quoted''','["guid-1","guid-2"]','abababababababababababababababababababababababababababababababab','refused',2,'fingerprint-2','2026-05-18T09:30:27.500+00:00',2,NULL,NULL,'HTTP 400: ValidationError',NULL,NULL,'announcement',NULL);
INSERT INTO "mails" VALUES(6,'2026-06-16T08:00Z/2026-06-16T10:00Z','eu-west-1','org-guid-1','abandoned@example.org',0,'elasticache-maintenance-e5327462a8747ce166bd556defd8c31e45b6befe','brave-buses','["guid-1","guid-2"]','abababababababababababababababababababababababababababababababab','sending',0,'fingerprint-1','2026-05-18T09:30:15.000+00:00',1,NULL,NULL,NULL,NULL,NULL,'announcement',NULL);
INSERT INTO "mails" VALUES(7,'2026-11-03T22:00Z/2026-11-04T00:00Z','eu-west-2','org-guid-1','dublin-and-london@example.org',0,'elasticache-maintenance-031de29a4fe16b1d6dc31933b1a7c17a3d50cf0e','brave-buses','["guid-9"]','abababababababababababababababababababababababababababababababab','sent',1,'fingerprint-1','2026-05-18T09:30:16.250+00:00',1,'2026-05-18T09:30:17.500+00:00','notification-4',NULL,NULL,NULL,'announcement',NULL);
INSERT INTO "mails" VALUES(8,'2026-06-16T08:00Z/2026-06-16T10:00Z','eu-west-1','org-guid-1','dublin-and-london@example.org',0,'elasticache-maintenance-608ce009fab96a1bf468fb417132a0f293132a08','brave-buses','["guid-1","guid-2"]','abababababababababababababababababababababababababababababababab','sent',1,'fingerprint-1','2026-05-18T09:30:18.750+00:00',1,'2026-05-18T09:30:20.000+00:00','notification-5',NULL,NULL,NULL,'announcement',NULL);
INSERT INTO "mails" VALUES(9,'2026-06-16T08:00Z/2026-06-16T10:00Z','eu-west-1','org-guid-1','corrected@example.org',1,'elasticache-maintenance-8cfa07d50f27d56972946e1d13c3917c65ba20d8','brave-buses','["guid-1","guid-2","guid-3"]','abababababababababababababababababababababababababababababababab','sent',2,'fingerprint-2','2026-05-18T09:30:23.750+00:00',1,'2026-05-18T09:30:25.000+00:00','notification-6',NULL,NULL,NULL,'correction',NULL);
INSERT INTO "mails" VALUES(10,'2026-06-16T08:00Z/2026-06-16T10:00Z','eu-west-1','org-guid-1','unclear@example.org',0,'elasticache-maintenance-a1881e45be9a4020b4b6b47902a169473e97411b','brave-buses','["guid-1","guid-2"]','abababababababababababababababababababababababababababababababab','sending',3,'fingerprint-2','2026-05-18T09:30:31.250+00:00',1,NULL,NULL,NULL,NULL,NULL,'announcement',NULL);
INSERT INTO "mails" VALUES(11,'2026-06-16T08:00Z/2026-06-16T10:00Z','eu-west-1','org-guid-1','corrected@example.org',2,'elasticache-maintenance-7412b72bca50bcf24648bd2bd587c9b8191c4231','brave-buses','["guid-3"]','abababababababababababababababababababababababababababababababab','sending',3,'fingerprint-2','2026-05-18T09:30:32.500+00:00',1,NULL,NULL,NULL,NULL,NULL,'correction',NULL);
INSERT INTO "mails" VALUES(12,'2026-06-18T08:00Z/2026-06-18T10:00Z','eu-west-1','org-guid-1','delivered@example.org',0,'elasticache-maintenance-df3387ba3c7187335581bce94e26d76d4bf5dbcc','brave-buses','["guid-1","guid-2"]','abababababababababababababababababababababababababababababababab','sent',1,'fingerprint-1','2026-05-20T09:30:02.500+00:00',1,'2026-05-20T09:30:03.750+00:00','notification-20',NULL,NULL,NULL,'moved','["redis-1"]');
CREATE TABLE runs (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	command TEXT NOT NULL, 
	host TEXT NOT NULL, 
	started_at TEXT NOT NULL, 
	ended_at TEXT
, operator TEXT, holds TEXT);
INSERT INTO "runs" VALUES(1,'email','jumpbox-1','2026-05-18T09:30:01.250+00:00','2026-05-18T09:30:21.250+00:00',NULL,NULL);
INSERT INTO "runs" VALUES(2,'email','jumpbox-1','2026-05-18T09:30:22.500+00:00','2026-05-18T09:30:28.750+00:00',NULL,NULL);
INSERT INTO "runs" VALUES(3,'email','jumpbox-1','2026-05-18T09:30:30.000+00:00',NULL,NULL,NULL);
CREATE TABLE schema_version (
	version INTEGER NOT NULL
);
INSERT INTO "schema_version" VALUES(2);
CREATE TABLE told (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    window_key TEXT NOT NULL,
    aws_region TEXT NOT NULL,
    org_guid TEXT NOT NULL,
    instance_guids TEXT NOT NULL,
    how TEXT NOT NULL,
    at TEXT NOT NULL,
    by TEXT NOT NULL
);
CREATE TABLE updates (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
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
);
CREATE TABLE windows (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
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
);
INSERT INTO "windows" VALUES(1,'2026-06-16T08:00Z/2026-06-16T10:00Z','eu-west-1',NULL,NULL,'moved','2026-06-18T08:00Z/2026-06-18T10:00Z','2026-05-18T09:30:02.500+00:00','email',NULL);
INSERT INTO "windows" VALUES(2,'2026-11-03T22:00Z/2026-11-04T00:00Z','eu-west-2',NULL,NULL,'known',NULL,'2026-05-18T09:30:16.250+00:00','email',NULL);
INSERT INTO "windows" VALUES(3,'2026-06-18T08:00Z/2026-06-18T10:00Z','eu-west-1',NULL,'Europe/London','known',NULL,'2026-05-20T09:30:00.000+00:00','email','ada');
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('runs',3);
INSERT INTO "sqlite_sequence" VALUES('mails',12);
INSERT INTO "sqlite_sequence" VALUES('windows',3);
COMMIT;
