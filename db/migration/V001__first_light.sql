-- The first schema. Columns hold what is queried or constrained; everything else of an API object stays in its `body`,
-- as the admin wrote it after normalisation and without secrets, so that members we do not know are stored and echoed.
-- Forward only: later versions add beside, and take away only what the release before no longer reads.

-- Who we are to API clients: one account, one zone.
create table account (
    id         text primary key check (id ~ '^[0-9a-f]{32}$'),
    zone_id    text        not null check (zone_id ~ '^[0-9a-f]{32}$' and zone_id <> id),
    name       text        not null,
    created_at timestamptz not null,
    one_row    boolean     not null default true unique check (one_row)
);

-- Rises with every admin write, in commit order: writers hold this row's lock until they commit. A sequence would not do.
create table config_version (
    id      smallint primary key default 1 check (id = 1),
    version bigint   not null
);
insert into config_version (version) values (1);

create table organization (
    id                     smallint primary key default 1 check (id = 1),
    name                   text        not null,
    auth_domain            text        not null check (auth_domain = lower(auth_domain) and auth_domain <> ''),
    -- The setting sallyport.auth-domain at the last start; when it changes, the operator's newer word counts.
    configured_auth_domain text        not null,
    body                   jsonb       not null default '{}' check (jsonb_typeof(body) = 'object'),
    created_at             timestamptz not null,
    updated_at             timestamptz not null,
    revision               bigint      not null default 0
);

create table applications (
    id         uuid primary key,
    seq        bigint      not null generated always as identity unique,
    aud        text        not null unique check (aud ~ '^[0-9a-f]{64}$'),
    type       text        not null,
    name       text,
    domain     text,
    body       jsonb       not null check (jsonb_typeof(body) = 'object'),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    revision   bigint      not null default 0
);
comment on column applications.seq is 'age: the last tie-break between equally specific patterns; smaller is older';
create index applications_by_age on applications (created_at, id);

-- The constraint behind 409/11010: a host and path pattern, host in lower case, belongs to one application.
create table application_destinations (
    pattern  text primary key,
    app_id   uuid not null references applications on delete cascade,
    position int  not null,
    unique (app_id, position)
);

create table policies (
    id         uuid primary key,
    name       text        not null,
    decision   text        not null check (decision in ('allow', 'deny', 'non_identity', 'bypass')),
    reusable   boolean     not null,
    app_id     uuid references applications on delete cascade,
    body       jsonb       not null check (jsonb_typeof(body) = 'object'),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    revision   bigint      not null default 0,
    constraint policies_owner check (reusable = (app_id is null))
);
comment on column policies.app_id is 'the owner of an application-scoped policy, which disappears with it; null when reusable';
create index policies_by_owner on policies (app_id) where app_id is not null;
create index policies_by_age on policies (created_at, id);

-- Deferred, so that one transaction may exchange two precedences.
create table application_policies (
    app_id     uuid not null references applications on delete cascade,
    policy_id  uuid not null references policies,
    precedence int  not null check (precedence > 0),
    primary key (app_id, policy_id),
    constraint application_policies_precedence unique (app_id, precedence) deferrable initially deferred
);
create index application_policies_by_policy on application_policies (policy_id);

create table access_groups (
    id         uuid primary key,
    name       text        not null,
    body       jsonb       not null check (jsonb_typeof(body) = 'object'),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    revision   bigint      not null default 0
);
create index access_groups_by_age on access_groups (created_at, id);

create table identity_providers (
    id         uuid primary key,
    name       text        not null,
    type       text        not null,
    body       jsonb       not null check (jsonb_typeof(body) = 'object'),
    secret     bytea,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    revision   bigint      not null default 0
);
comment on column identity_providers.secret is
    'a JSON object with the secret members of config, enveloped under the master key as idp/<id>/config';
create index identity_providers_by_age on identity_providers (created_at, id);

create table service_tokens (
    id                   uuid primary key,
    name                 text        not null,
    client_id            text        not null unique,
    secret_hash          bytea       not null check (octet_length(secret_hash) = 32),
    previous_secret_hash bytea check (octet_length(previous_secret_hash) = 32),
    previous_expires_at  timestamptz,
    secret_version       int         not null default 1 check (secret_version > 0),
    duration             text        not null,
    enabled              boolean     not null default true,
    expires_at           timestamptz,
    last_seen_at         timestamptz,
    created_at           timestamptz not null,
    updated_at           timestamptz not null,
    revision             bigint      not null default 0
);
comment on column service_tokens.secret_hash is 'SHA-256; the secret has over 160 random bits, so a slow hash would add nothing';
comment on column service_tokens.expires_at is 'null: forever';
create index service_tokens_by_age on service_tokens (created_at, id);

create table users (
    id                    uuid primary key,
    email                 text        not null unique check (email = lower(email)),
    name                  text,
    last_successful_login timestamptz,
    sessions_not_before   timestamptz,
    refresh_before        timestamptz,
    created_at            timestamptz not null,
    updated_at            timestamptz not null,
    revision              bigint      not null default 0
);
comment on column users.id is 'the sub of tokens; a person who is removed and comes back gets a new one';
create index users_by_age on users (created_at, id);

create table sessions (
    nonce      text primary key,
    user_id    uuid        not null references users on delete cascade,
    identity   jsonb       not null,
    idp_id     uuid        not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index sessions_by_user on sessions (user_id, created_at desc);
create index sessions_by_end on sessions (expires_at);

create table session_apps (
    nonce      text        not null references sessions on delete cascade,
    app_id     uuid        not null references applications on delete cascade,
    expires_at timestamptz not null,
    last_at    timestamptz not null,
    primary key (nonce, app_id)
);
create index session_apps_by_app on session_apps (app_id);

-- What no longer counts although its token has not expired. Only ever added to; pruned when no token can be older.
create table revocations (
    seq        bigint primary key generated always as identity,
    kind       text        not null check (kind in ('user', 'user_refresh', 'app', 'session')),
    subject    text        not null,
    not_before timestamptz not null,
    expires_at timestamptz not null
);
create index revocations_by_end on revocations (expires_at);

-- The notice is part of the table, so that no writer can forget it.
create function announce_revocation() returns trigger language plpgsql as $$
begin
    perform pg_notify('sallyport_revocation', '');
    return null;
end $$;
create trigger announce after insert on revocations
    for each statement execute function announce_revocation();

-- Facts used once across all replicas, such as a login's state: insert, and see whether it was new.
create table consumed_nonces (
    id         text primary key,
    expires_at timestamptz not null
);
create index consumed_nonces_by_end on consumed_nonces (expires_at);

create table signing_keys (
    kid          text primary key check (kid ~ '^[0-9a-f]{64}$'),
    private_key  bytea       not null,
    certificate  text        not null,
    created_at   timestamptz not null,
    published_at timestamptz not null,
    signs_from   timestamptz not null,
    retires_at   timestamptz
);
comment on column signing_keys.private_key is 'PKCS#8, enveloped under the master key as signing-key/<kid>';
comment on column signing_keys.retires_at is 'when it stops verifying; null while no newer key has taken over';

create table key_settings (
    id                     smallint primary key default 1 check (id = 1),
    rotation_interval_days int not null default 42 check (rotation_interval_days between 21 and 365)
);
insert into key_settings default values;

create table tags (
    name       text primary key,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    revision   bigint      not null default 0
);

create table lists (
    id          uuid primary key,
    name        text        not null,
    type        text        not null,
    description text,
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    revision    bigint      not null default 0
);
create table list_items (
    id          bigint primary key generated always as identity,
    list_id     uuid        not null references lists on delete cascade,
    value       text        not null,
    description text,
    created_at  timestamptz not null,
    unique (list_id, value)
);

-- Where a request goes after the gate, when the gateway reaches the origin itself.
create table origins (
    id             uuid primary key,
    hostname       text        not null check (hostname = lower(hostname)),
    path           text        not null default '',
    service        text        not null,
    origin_request jsonb       not null default '{}' check (jsonb_typeof(origin_request) = 'object'),
    created_at     timestamptz not null,
    updated_at     timestamptz not null,
    revision       bigint      not null default 0,
    constraint origins_place unique (hostname, path)
);

create table admin_tokens (
    id         uuid primary key,
    name       text        not null,
    token_hash bytea       not null unique check (octet_length(token_hash) = 32),
    role       text        not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    revision   bigint      not null default 0
);

-- Who changed what, written in the transaction of the change. Nobody edits history, not even us.
create table audit_log (
    id            bigint primary key generated always as identity,
    at            timestamptz not null,
    actor         text        not null,
    source_ip     text,
    ray           text,
    action        text        not null,
    resource_kind text        not null,
    resource_id   text        not null,
    before        jsonb,
    after         jsonb
);
create index audit_log_by_time on audit_log (at);
create index audit_log_by_resource on audit_log (resource_kind, resource_id);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger append_only before update or delete or truncate on audit_log
    for each statement execute function refuse_change();

-- Logins, refused logins and service-token authentications (spec/access-semantics.md §19). No foreign keys: history
-- outlives what it speaks of.
create table auth_events (
    id                 bigint primary key generated always as identity,
    at                 timestamptz not null,
    ray                text        not null,
    action             text        not null check (action in ('login', 'logout')),
    allowed            boolean     not null,
    reason             text        not null,
    app_id             uuid,
    app_domain         text,
    idp_id             uuid,
    idp_type           text,
    user_id            uuid,
    email              text,
    ip                 text,
    country            text,
    service_token      text
);
create index auth_events_by_time on auth_events (at, id);
create index auth_events_by_user on auth_events (user_id, at) where user_id is not null;
create index auth_events_by_email on auth_events (email, at) where email is not null;
