CREATE TABLE public.deferrals (
    id integer NOT NULL,
    aws_region text NOT NULL,
    target text NOT NULL,
    guid text NOT NULL,
    name text NOT NULL,
    org_guid text NOT NULL,
    org_name text NOT NULL,
    until text,
    time_zone text NOT NULL,
    window_key text,
    reason text NOT NULL,
    ticket text,
    added_at text NOT NULL,
    added_by text NOT NULL,
    ended_at text,
    ended_by text
);
CREATE SEQUENCE public.deferrals_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.deferrals_id_seq OWNED BY public.deferrals.id;
CREATE TABLE public.incidents (
    id integer NOT NULL,
    window_key text NOT NULL,
    aws_region text NOT NULL,
    state text NOT NULL,
    incident_id text,
    last_written text NOT NULL,
    run_id integer NOT NULL
);
CREATE SEQUENCE public.incidents_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.incidents_id_seq OWNED BY public.incidents.id;
CREATE TABLE public.issues (
    id integer NOT NULL,
    repository text NOT NULL,
    window_day text NOT NULL,
    number integer NOT NULL
);
CREATE SEQUENCE public.issues_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.issues_id_seq OWNED BY public.issues.id;
CREATE TABLE public.mails (
    id integer NOT NULL,
    window_key text NOT NULL,
    aws_region text NOT NULL,
    org_guid text NOT NULL,
    address text NOT NULL,
    revision integer NOT NULL,
    reference text NOT NULL,
    org_name text NOT NULL,
    instance_guids text NOT NULL,
    contents_digest text NOT NULL,
    state text NOT NULL,
    run_id integer NOT NULL,
    key_fingerprint text NOT NULL,
    attempted_at text NOT NULL,
    attempts integer NOT NULL,
    sent_at text,
    notification_id text,
    problem text,
    delivery_status text,
    delivery_checked_at text,
    kind text NOT NULL,
    update_names text
);
CREATE SEQUENCE public.mails_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.mails_id_seq OWNED BY public.mails.id;
CREATE TABLE public.runs (
    id integer NOT NULL,
    command text NOT NULL,
    host text NOT NULL,
    started_at text NOT NULL,
    ended_at text,
    operator text,
    holds text
);
CREATE SEQUENCE public.runs_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.runs_id_seq OWNED BY public.runs.id;
CREATE TABLE public.schema_version (
    version integer NOT NULL
);
CREATE TABLE public.told (
    id integer NOT NULL,
    window_key text NOT NULL,
    aws_region text NOT NULL,
    org_guid text NOT NULL,
    instance_guids text NOT NULL,
    how text NOT NULL,
    at text NOT NULL,
    by text NOT NULL
);
CREATE SEQUENCE public.told_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.told_id_seq OWNED BY public.told.id;
CREATE TABLE public.updates (
    id integer NOT NULL,
    window_key text NOT NULL,
    aws_region text NOT NULL,
    replication_group_id text NOT NULL,
    service_update text NOT NULL,
    instance_guid text,
    state text NOT NULL,
    run_id integer NOT NULL,
    attempts integer NOT NULL,
    attempted_at text NOT NULL,
    ended_at text,
    nodes_updated integer,
    aws_says text,
    outside_window_reason text,
    include_untold_reason text
);
CREATE SEQUENCE public.updates_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.updates_id_seq OWNED BY public.updates.id;
CREATE TABLE public.windows (
    id integer NOT NULL,
    window_key text NOT NULL,
    aws_region text NOT NULL,
    account text,
    time_zone text,
    state text NOT NULL,
    moved_to text,
    first_known_at text NOT NULL,
    command text NOT NULL,
    operator text
);
CREATE SEQUENCE public.windows_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.windows_id_seq OWNED BY public.windows.id;
ALTER TABLE ONLY public.deferrals ALTER COLUMN id SET DEFAULT nextval('public.deferrals_id_seq'::regclass);
ALTER TABLE ONLY public.incidents ALTER COLUMN id SET DEFAULT nextval('public.incidents_id_seq'::regclass);
ALTER TABLE ONLY public.issues ALTER COLUMN id SET DEFAULT nextval('public.issues_id_seq'::regclass);
ALTER TABLE ONLY public.mails ALTER COLUMN id SET DEFAULT nextval('public.mails_id_seq'::regclass);
ALTER TABLE ONLY public.runs ALTER COLUMN id SET DEFAULT nextval('public.runs_id_seq'::regclass);
ALTER TABLE ONLY public.told ALTER COLUMN id SET DEFAULT nextval('public.told_id_seq'::regclass);
ALTER TABLE ONLY public.updates ALTER COLUMN id SET DEFAULT nextval('public.updates_id_seq'::regclass);
ALTER TABLE ONLY public.windows ALTER COLUMN id SET DEFAULT nextval('public.windows_id_seq'::regclass);
INSERT INTO public.mails VALUES (1, '2026-06-16T08:00Z/2026-06-16T10:00Z', 'eu-west-1', 'org-guid-1', 'delivered@example.org', 0, 'elasticache-maintenance-24520135af4db2fa00835c3ab460053ed8e503a2', 'brave-buses', '["guid-1","guid-2"]', 'abababababababababababababababababababababababababababababababab', 'sent', 1, 'fingerprint-1', '2026-05-18T09:30:02.500+00:00', 1, '2026-05-18T09:30:03.750+00:00', 'notification-1', NULL, 'delivered', '2026-05-18T09:30:05.000+00:00', 'announcement', NULL);
INSERT INTO public.mails VALUES (2, '2026-06-16T08:00Z/2026-06-16T10:00Z', 'eu-west-1', 'org-guid-1', 'corrected@example.org', 0, 'elasticache-maintenance-450c146cd6b5803ad5a9daeb990ca305bcecf768', 'brave-buses', '["guid-1","guid-2"]', 'abababababababababababababababababababababababababababababababab', 'sent', 1, 'fingerprint-1', '2026-05-18T09:30:06.250+00:00', 1, '2026-05-18T09:30:07.500+00:00', 'notification-2', NULL, NULL, NULL, 'announcement', NULL);
INSERT INTO public.mails VALUES (5, '2026-06-16T08:00Z/2026-06-16T10:00Z', 'eu-west-1', 'org-guid-2', 'refused@example.org', 0, 'elasticache-maintenance-a9035c54ecedf3af553614748a74fafaac8d7309', 'café 🚀 ''quoted''', '["guid-1","guid-2"]', 'abababababababababababababababababababababababababababababababab', 'refused', 2, 'fingerprint-2', '2026-05-18T09:30:27.500+00:00', 2, NULL, NULL, 'HTTP 400: ValidationError', NULL, NULL, 'announcement', NULL);
INSERT INTO public.mails VALUES (3, '2026-06-16T08:00Z/2026-06-16T10:00Z', 'eu-west-1', 'org-guid-2', 'bounced@example.org', 0, 'elasticache-maintenance-f9ec005751ac6e7bc1adc72e06082d0eb950b166', 'café 🚀 ''quoted''', '["guid-1","guid-2"]', 'abababababababababababababababababababababababababababababababab', 'sent', 1, 'fingerprint-1', '2026-05-18T09:30:08.750+00:00', 1, '2026-05-18T09:30:10.000+00:00', 'notification-3', NULL, 'permanent-failure', '2026-05-18T09:30:11.250+00:00', 'announcement', NULL);
INSERT INTO public.mails VALUES (4, '2026-06-16T08:00Z/2026-06-16T10:00Z', 'eu-west-1', 'org-guid-1', 'pending@example.org', 0, 'elasticache-maintenance-d3d7cf70f08aa5dbd39b9cde2eb98b827cf74b88', 'brave-buses', '["guid-1","guid-2"]', 'abababababababababababababababababababababababababababababababab', 'pending', 1, 'fingerprint-1', '2026-05-18T09:30:12.500+00:00', 1, NULL, NULL, NULL, NULL, NULL, 'announcement', NULL);
INSERT INTO public.mails VALUES (6, '2026-06-16T08:00Z/2026-06-16T10:00Z', 'eu-west-1', 'org-guid-1', 'abandoned@example.org', 0, 'elasticache-maintenance-e5327462a8747ce166bd556defd8c31e45b6befe', 'brave-buses', '["guid-1","guid-2"]', 'abababababababababababababababababababababababababababababababab', 'sending', 0, 'fingerprint-1', '2026-05-18T09:30:15.000+00:00', 1, NULL, NULL, NULL, NULL, NULL, 'announcement', NULL);
INSERT INTO public.mails VALUES (7, '2026-11-03T22:00Z/2026-11-04T00:00Z', 'eu-west-2', 'org-guid-1', 'dublin-and-london@example.org', 0, 'elasticache-maintenance-031de29a4fe16b1d6dc31933b1a7c17a3d50cf0e', 'brave-buses', '["guid-9"]', 'abababababababababababababababababababababababababababababababab', 'sent', 1, 'fingerprint-1', '2026-05-18T09:30:16.250+00:00', 1, '2026-05-18T09:30:17.500+00:00', 'notification-4', NULL, NULL, NULL, 'announcement', NULL);
INSERT INTO public.mails VALUES (8, '2026-06-16T08:00Z/2026-06-16T10:00Z', 'eu-west-1', 'org-guid-1', 'dublin-and-london@example.org', 0, 'elasticache-maintenance-608ce009fab96a1bf468fb417132a0f293132a08', 'brave-buses', '["guid-1","guid-2"]', 'abababababababababababababababababababababababababababababababab', 'sent', 1, 'fingerprint-1', '2026-05-18T09:30:18.750+00:00', 1, '2026-05-18T09:30:20.000+00:00', 'notification-5', NULL, NULL, NULL, 'announcement', NULL);
INSERT INTO public.mails VALUES (9, '2026-06-16T08:00Z/2026-06-16T10:00Z', 'eu-west-1', 'org-guid-1', 'corrected@example.org', 1, 'elasticache-maintenance-8cfa07d50f27d56972946e1d13c3917c65ba20d8', 'brave-buses', '["guid-1","guid-2","guid-3"]', 'abababababababababababababababababababababababababababababababab', 'sent', 2, 'fingerprint-2', '2026-05-18T09:30:23.750+00:00', 1, '2026-05-18T09:30:25.000+00:00', 'notification-6', NULL, NULL, NULL, 'correction', NULL);
INSERT INTO public.mails VALUES (11, '2026-06-16T08:00Z/2026-06-16T10:00Z', 'eu-west-1', 'org-guid-1', 'unclear@example.org', 0, 'elasticache-maintenance-a1881e45be9a4020b4b6b47902a169473e97411b', 'brave-buses', '["guid-1","guid-2"]', 'abababababababababababababababababababababababababababababababab', 'sending', 3, 'fingerprint-2', '2026-05-18T09:30:31.250+00:00', 1, NULL, NULL, NULL, NULL, NULL, 'announcement', NULL);
INSERT INTO public.mails VALUES (12, '2026-06-16T08:00Z/2026-06-16T10:00Z', 'eu-west-1', 'org-guid-1', 'corrected@example.org', 2, 'elasticache-maintenance-7412b72bca50bcf24648bd2bd587c9b8191c4231', 'brave-buses', '["guid-3"]', 'abababababababababababababababababababababababababababababababab', 'sending', 3, 'fingerprint-2', '2026-05-18T09:30:32.500+00:00', 1, NULL, NULL, NULL, NULL, NULL, 'correction', NULL);
INSERT INTO public.mails VALUES (13, '2026-06-18T08:00Z/2026-06-18T10:00Z', 'eu-west-1', 'org-guid-1', 'delivered@example.org', 0, 'elasticache-maintenance-df3387ba3c7187335581bce94e26d76d4bf5dbcc', 'brave-buses', '["guid-1","guid-2"]', 'abababababababababababababababababababababababababababababababab', 'sent', 1, 'fingerprint-1', '2026-05-20T09:30:02.500+00:00', 1, '2026-05-20T09:30:03.750+00:00', 'notification-20', NULL, NULL, NULL, 'moved', '["redis-1"]');
INSERT INTO public.runs VALUES (1, 'email', 'jumpbox-1', '2026-05-18T09:30:01.250+00:00', '2026-05-18T09:30:21.250+00:00', NULL, NULL);
INSERT INTO public.runs VALUES (2, 'email', 'jumpbox-1', '2026-05-18T09:30:22.500+00:00', '2026-05-18T09:30:28.750+00:00', NULL, NULL);
INSERT INTO public.runs VALUES (3, 'email', 'jumpbox-1', '2026-05-18T09:30:30.000+00:00', NULL, NULL, NULL);
INSERT INTO public.schema_version VALUES (2);
INSERT INTO public.windows VALUES (2, '2026-11-03T22:00Z/2026-11-04T00:00Z', 'eu-west-2', NULL, NULL, 'known', NULL, '2026-05-18T09:30:16.250+00:00', 'email', NULL);
INSERT INTO public.windows VALUES (3, '2026-06-18T08:00Z/2026-06-18T10:00Z', 'eu-west-1', NULL, 'Europe/London', 'known', NULL, '2026-05-20T09:30:00.000+00:00', 'email', 'ada');
INSERT INTO public.windows VALUES (1, '2026-06-16T08:00Z/2026-06-16T10:00Z', 'eu-west-1', NULL, NULL, 'moved', '2026-06-18T08:00Z/2026-06-18T10:00Z', '2026-05-18T09:30:02.500+00:00', 'email', NULL);
SELECT pg_catalog.setval('public.deferrals_id_seq', 1, false);
SELECT pg_catalog.setval('public.incidents_id_seq', 1, false);
SELECT pg_catalog.setval('public.issues_id_seq', 1, false);
SELECT pg_catalog.setval('public.mails_id_seq', 13, true);
SELECT pg_catalog.setval('public.runs_id_seq', 3, true);
SELECT pg_catalog.setval('public.told_id_seq', 1, false);
SELECT pg_catalog.setval('public.updates_id_seq', 1, false);
SELECT pg_catalog.setval('public.windows_id_seq', 3, true);
ALTER TABLE ONLY public.deferrals
    ADD CONSTRAINT deferrals_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.issues
    ADD CONSTRAINT issues_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.mails
    ADD CONSTRAINT mails_reference_key UNIQUE (reference);
ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT one_incident_each UNIQUE (window_key, aws_region);
ALTER TABLE ONLY public.issues
    ADD CONSTRAINT one_issue_each UNIQUE (repository, window_day);
ALTER TABLE ONLY public.mails
    ADD CONSTRAINT one_mail_each UNIQUE (window_key, aws_region, org_guid, address, kind, revision);
ALTER TABLE ONLY public.updates
    ADD CONSTRAINT one_update_each UNIQUE (window_key, aws_region, replication_group_id, service_update);
ALTER TABLE ONLY public.windows
    ADD CONSTRAINT one_window_each UNIQUE (window_key, aws_region);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.told
    ADD CONSTRAINT told_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.updates
    ADD CONSTRAINT updates_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.windows
    ADD CONSTRAINT windows_pkey PRIMARY KEY (id);
