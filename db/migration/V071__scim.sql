-- Inbound SCIM 2.0 (spec/access-semantics.md §12): what directories tell us about their people and groups.

create table scim_secrets (
    idp_id      uuid primary key references identity_providers on delete cascade,
    secret_hash bytea       not null check (octet_length(secret_hash) = 32),
    created_at  timestamptz not null
);
comment on table scim_secrets is 'SHA-256 of the bearer secret a directory presents; it has over 200 random bits';

create table scim_users (
    id          uuid primary key,
    idp_id      uuid        not null references identity_providers on delete cascade,
    user_name   text        not null,
    external_id text,
    emails      text[]      not null,
    active      boolean     not null,
    resource    jsonb       not null check (jsonb_typeof(resource) = 'object'),
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);
comment on column scim_users.emails is 'in lower case: every address the directory gave, and the user name when it is one';
create unique index scim_users_by_name on scim_users (idp_id, lower(user_name));
create index scim_users_by_external_id on scim_users (idp_id, external_id);
create index scim_users_by_email on scim_users using gin (emails);

create table scim_groups (
    id           uuid primary key,
    idp_id       uuid        not null references identity_providers on delete cascade,
    display_name text        not null,
    external_id  text,
    created_at   timestamptz not null,
    updated_at   timestamptz not null
);
create unique index scim_groups_by_name on scim_groups (idp_id, lower(display_name));
create index scim_groups_by_external_id on scim_groups (idp_id, external_id);

create table scim_members (
    group_id uuid not null references scim_groups on delete cascade,
    user_id  uuid not null references scim_users on delete cascade,
    primary key (group_id, user_id)
);
create index scim_members_by_user on scim_members (user_id);

-- No foreign keys: history outlives what it speaks of.
create table scim_updates (
    id            bigint primary key generated always as identity,
    at            timestamptz not null,
    idp_id        uuid        not null,
    method        text        not null,
    resource_type text        not null check (resource_type in ('USER', 'GROUP')),
    resource_id   text,
    external_id   text,
    email         text,
    group_name    text,
    status        int         not null,
    detail        text,
    body          text
);
create index scim_updates_by_time on scim_updates (at, id);
